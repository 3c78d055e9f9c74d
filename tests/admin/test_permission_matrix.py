"""Permissions: every admin URL for every role, for rows of the own and of another campaign."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse

from tests.admin.conftest import Campaign
from tests.admin.responses import outcome, text
from wagtail_pledge.admin.menus import CampaignsGroup
from wagtail_pledge.admin.pledge_chooser import pledge_chooser
from wagtail_pledge.admin.recipients import recipient_chooser
from wagtail_pledge.signing.enums import Approval
from wagtail_pledge.signing.models import get_signature_model
from wagtail_pledge.signing.services import submit_logo
from wagtail_pledge.testing.factories import (
    DecisionStageFactory,
    PledgeFactory,
    RecipientFactory,
    SignatureFactory,
    SubmissionFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("ED3"), pytest.mark.swappable]

Login = Callable[[str], Client]

ROLES = ("anonymous", "editor", "viewer", "moderator", "manager", "foreign manager", "superuser")
OK, DENIED, ABSENT, LOGIN, METHOD = "ok", "denied", "absent", "login", "wrong method"


@dataclass(frozen=True, kw_only=True)
class Row:
    """The expected outcome of a URL for each role, for a row of our campaign."""

    viewer: str
    moderator: str
    manager: str


SEEN = Row(viewer=OK, moderator=OK, manager=OK)
MANAGED = Row(viewer=DENIED, moderator=DENIED, manager=OK)
DECIDED = Row(viewer=DENIED, moderator=METHOD, manager=METHOD)
MODERATED = Row(viewer=DENIED, moderator=OK, manager=OK)
#: Rows that are personal data throughout do not exist for users without the right to contact data.
CONTACT_ONLY = Row(viewer=ABSENT, moderator=OK, manager=OK)
CONTACT_DECIDED = Row(viewer=ABSENT, moderator=METHOD, manager=METHOD)

LISTS: dict[str, Row] = {
    "wagtail_pledge_pledges:index": SEEN,
    "wagtail_pledge_pledges:index_results": SEEN,
    "wagtail_pledge_pledges:add": MANAGED,
    "wagtail_pledge_signatures:index": SEEN,
    "wagtail_pledge_signatures:index_results": SEEN,
    "wagtail_pledge_submissions:index": MODERATED,
    "wagtail_pledge_submissions:index_results": MODERATED,
    "wagtail_pledge_signer_types:index": SEEN,
    "wagtail_pledge_signer_types:index_results": SEEN,
    "wagtail_pledge_signer_types:add": MANAGED,
    "wagtail_pledge_statements:index": SEEN,
    "wagtail_pledge_statements:index_results": SEEN,
    "wagtail_pledge_messages:index": SEEN,
    "wagtail_pledge_messages:index_results": SEEN,
    "wagtail_pledge_organizations:index": SEEN,
    "wagtail_pledge_organizations:index_results": SEEN,
    "wagtail_pledge_recipients:index": SEEN,
    "wagtail_pledge_recipients:index_results": SEEN,
    "wagtail_pledge_recipients:add": MANAGED,
    "wagtail_pledge_stages:index": SEEN,
    "wagtail_pledge_stages:index_results": SEEN,
    "wagtail_pledge_stages:add": MANAGED,
    "wagtail_pledge_recipient_chooser:choose": SEEN,
    "wagtail_pledge_recipient_chooser:choose_results": SEEN,
    "wagtail_pledge_recipient_chooser:chosen_multiple": SEEN,
}
OBJECTS: dict[str, tuple[str, Row]] = {
    "wagtail_pledge_pledges:edit": ("pledge", MANAGED),
    "wagtail_pledge_pledges:delete": ("pledge", MANAGED),
    "wagtail_pledge_pledges:inspect": ("pledge", SEEN),
    "wagtail_pledge_pledges:history": ("pledge", MANAGED),
    "wagtail_pledge_pledges:history_results": ("pledge", MANAGED),
    "wagtail_pledge_pledges:usage": ("pledge", MANAGED),
    "wagtail_pledge_pledges:state": ("pledge", MANAGED),
    "wagtail_pledge_pledges:archive": ("pledge", MANAGED),
    "wagtail_pledge_pledges:event_links": ("pledge", MODERATED),
    "wagtail_pledge_signatures:inspect": ("signature", SEEN),
    "wagtail_pledge_signatures:history": ("signature", MODERATED),
    "wagtail_pledge_signatures:history_results": ("signature", MODERATED),
    "wagtail_pledge_signatures:approve": ("signature", DECIDED),
    "wagtail_pledge_signatures:reject": ("signature", DECIDED),
    "wagtail_pledge_signatures:renew_links": ("signature", DECIDED),
    "wagtail_pledge_signatures:logo": ("logo", SEEN),
    "wagtail_pledge_signatures:approve_logo": ("logo", DECIDED),
    "wagtail_pledge_signatures:reject_logo": ("logo", DECIDED),
    "wagtail_pledge_submissions:inspect": ("submission", CONTACT_ONLY),
    "wagtail_pledge_submissions:resend": ("submission", CONTACT_DECIDED),
    "wagtail_pledge_submissions:let_go": ("submission", CONTACT_DECIDED),
    "wagtail_pledge_submissions:raise_network": ("submission", CONTACT_DECIDED),
    "wagtail_pledge_signer_types:edit": ("signer_type", MANAGED),
    "wagtail_pledge_signer_types:delete": ("signer_type", MANAGED),
    "wagtail_pledge_signer_types:history": ("signer_type", MANAGED),
    "wagtail_pledge_signer_types:history_results": ("signer_type", MANAGED),
    "wagtail_pledge_signer_types:usage": ("signer_type", MANAGED),
    "wagtail_pledge_statements:inspect": ("statement", SEEN),
    "wagtail_pledge_statements:delete": ("statement", MANAGED),
    "wagtail_pledge_organizations:edit": ("organization", MODERATED),
    "wagtail_pledge_organizations:delete": ("organization", MODERATED),
    "wagtail_pledge_organizations:history": ("organization", MODERATED),
    "wagtail_pledge_organizations:history_results": ("organization", MODERATED),
    "wagtail_pledge_recipients:edit": ("recipient", MANAGED),
    "wagtail_pledge_recipients:delete": ("recipient", MANAGED),
    "wagtail_pledge_recipients:history": ("recipient", MANAGED),
    "wagtail_pledge_recipients:history_results": ("recipient", MANAGED),
    "wagtail_pledge_recipient_chooser:chosen": ("recipient", SEEN),
    "wagtail_pledge_pledge_chooser:chosen": ("pledge", SEEN),
    "wagtail_pledge_stages:edit": ("stage", MANAGED),
    "wagtail_pledge_stages:delete": ("stage", MANAGED),
    "wagtail_pledge_stages:history": ("stage", MANAGED),
    "wagtail_pledge_stages:history_results": ("stage", MANAGED),
}
#: Every page editor has them; the lists are empty for those who may see no campaign (``test_chosen_pledges``).
OPEN_LISTS = {f"wagtail_pledge_pledge_chooser:{name}" for name in ("choose", "choose_results", "chosen_multiple")}
#: Not tied to a collection: Django's model permissions.
TREATY_NAMES = {
    "wagtail_pledge_treaties": {
        "index", "index_results", "add", "edit", "inspect", "history", "history_results", "usage", "catalogue"
    },
    "wagtail_pledge_treaty_names": {"index", "index_results", "add", "edit", "delete"},
    "wagtail_pledge_treaty_declarations": {"index", "index_results", "add", "edit", "delete"},
    "wagtail_pledge_states": {"index", "index_results", "add", "edit", "inspect"},
    "wagtail_pledge_state_names": {"index", "index_results", "add", "edit", "delete"},
    "wagtail_pledge_treaty_imports": {"index", "add", "detail", "approve", "reject", "undo"},
}  # fmt: skip


def row_of(campaign: Campaign, what: str) -> Any:
    """Return the row of ``campaign`` that a URL is about."""
    if what == "organization":
        approved = SignatureFactory(
            pledge=campaign.pledge,
            kind="organization",
            organization=f"Council of {campaign.collection}",
            approval=Approval.APPROVED,
        )
        return approved.organization
    signature = campaign.person
    if what == "recipient":
        return RecipientFactory(office=f"Office of {campaign.collection}", collection=campaign.collection)
    if what == "stage":
        return DecisionStageFactory(name=f"Vote of {campaign.collection}", pledge=campaign.pledge)
    if what == "submission":
        return SubmissionFactory(pledge=campaign.pledge, name=f"Rosa of {campaign.collection}")
    if what == "logo":
        submit_logo(campaign.waiting, b"A picture")
        return campaign.waiting
    return {
        "pledge": campaign.pledge,
        "signature": signature,
        "signer_type": signature.signer_type,
        "statement": signature.statement,
    }[what]


def urls_of(campaign: Campaign) -> dict[str, str]:
    """Return every URL about one row, for the rows of ``campaign``."""
    rows = {what: row_of(campaign, what) for what, _row in OBJECTS.values()}
    return {name: reverse(name, args=[rows[what].pk]) for name, (what, _row) in OBJECTS.items()}


def expected(row: Row, role: str) -> str:
    """Return the expected outcome for ``role`` and a row of our campaign."""
    if role in {"anonymous", "superuser"}:
        return LOGIN if role == "anonymous" else row.manager
    return str(getattr(row, role))


def test_the_matrix_covers_every_url() -> None:
    there = set()
    for viewset in (*CampaignsGroup().registerables, recipient_chooser, pledge_chooser):
        there |= {f"{viewset.url_namespace}:{pattern.name}" for pattern in viewset.get_urlpatterns()}
    treaties = {f"{space}:{name}" for space, names in TREATY_NAMES.items() for name in names}
    assert there == set(LISTS) | OPEN_LISTS | set(OBJECTS) | treaties


@pytest.mark.parametrize("role", ROLES)
def test_listings_and_add_forms_by_role(log_in: Login, role: str) -> None:
    client = log_in(role)
    found = {name: outcome(client.get(reverse(name))) for name in LISTS}
    everywhere = {"editor": DENIED, "foreign manager": OK}
    assert found == {name: everywhere.get(role) or expected(row, role) for name, row in LISTS.items()}


@pytest.mark.parametrize("role", ["manager", "superuser"])
def test_listings_have_no_query_per_row(log_in: Login, our_campaign: Campaign, role: str) -> None:
    client = log_in(role)
    names = [name for name in LISTS if name.endswith(":index")]

    def queries() -> dict[str, int]:
        counts = {}
        for name in names:
            with CaptureQueriesContext(connection) as caught:
                client.get(reverse(name))
            counts[name] = len(caught)
        return counts

    SignatureFactory(pledge=our_campaign.pledge, kind="organization", approval=Approval.APPROVED)
    SubmissionFactory(pledge=our_campaign.pledge)
    DecisionStageFactory(pledge=our_campaign.pledge, recipient=RecipientFactory(collection=our_campaign.collection))
    queries()
    before = queries()
    for number in range(5):
        pledge = PledgeFactory(collection=our_campaign.collection)
        SubmissionFactory(pledge=pledge)
        DecisionStageFactory(pledge=pledge, recipient=RecipientFactory(collection=our_campaign.collection))
        SignatureFactory(
            pledge=pledge, kind="organization", organization=f"Council {number}", approval=Approval.APPROVED
        )
    assert queries() == before
    assert max(before.values()) <= 20


@pytest.mark.parametrize("role", ROLES)
def test_views_of_own_rows_by_role(log_in: Login, our_campaign: Campaign, role: str) -> None:
    client, urls = log_in(role), urls_of(our_campaign)
    found = {name: outcome(client.get(url)) for name, url in urls.items()}
    if role == "editor":
        # Depends on what Wagtail's view checks first: the model permission or the row
        assert set(found.values()) <= {DENIED, ABSENT}
    elif role == "foreign manager":
        assert set(found.values()) == {ABSENT}
    else:
        assert found == {name: expected(row, role) for name, (_what, row) in OBJECTS.items()}


@pytest.mark.parametrize("role", ["viewer", "moderator", "manager"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_rows_of_another_collection_are_not_found(
    log_in: Login, other_campaign: Campaign, method: str, role: str
) -> None:
    client = log_in(role)
    for name, url in urls_of(other_campaign).items():
        answer = outcome(getattr(client, method)(url))
        lacks_the_right = expected(OBJECTS[name][1], role) == DENIED
        assert answer in ({DENIED, ABSENT} if lacks_the_right else {ABSENT}), name
        assert "Theirs" not in text(client.get(url, follow=True)), name


@pytest.mark.parametrize("role", ["anonymous", "editor", "viewer", "foreign manager"])
@pytest.mark.parametrize("view", ["approve", "reject"])
def test_deciding_without_the_permission_changes_nothing(
    log_in: Login, our_campaign: Campaign, view: str, role: str
) -> None:
    url = reverse(f"wagtail_pledge_signatures:{view}", args=[our_campaign.waiting.pk])
    answer = outcome(log_in(role).post(url, {"reason": "Because."}))
    assert answer == {"anonymous": LOGIN, "viewer": DENIED}.get(role, ABSENT)
    assert get_signature_model().objects.get(pk=our_campaign.waiting.pk).approval == Approval.WAITING


@pytest.mark.parametrize("role", ["manager", "superuser"])
@pytest.mark.parametrize("name", ["add", "new", "edit", "copy", "delete", "usage"])
def test_signatures_have_no_add_edit_copy_or_delete_view(
    log_in: Login, our_campaign: Campaign, role: str, name: str
) -> None:
    client = log_in(role)
    pages = text(client.get(reverse("wagtail_pledge_signatures:index")))
    pages += text(client.get(reverse("wagtail_pledge_signatures:inspect", args=[our_campaign.person.pk])))
    for args in ([], [our_campaign.person.pk]):
        with pytest.raises(NoReverseMatch):
            reverse(f"wagtail_pledge_signatures:{name}", args=args)
    assert f"/pledge-signatures/{name}/" not in pages


@pytest.mark.parametrize("namespace", sorted(TREATY_NAMES))
def test_treaties_require_model_permissions(log_in: Login, namespace: str) -> None:
    assert outcome(log_in("manager").get(reverse(f"{namespace}:index"))) == DENIED
    assert outcome(log_in("superuser").get(reverse(f"{namespace}:index"))) == OK
