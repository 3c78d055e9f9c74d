"""Signature listing, inspect page, and the actions approve and reject."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.models import Collection, ModelLogEntry

from tests.admin.conftest import MANAGER, Campaign, MakeUser
from tests.admin.responses import messages_of, text
from wagtail_pledge.signing.enums import Approval, EventKind, HeldFor, MessageKind, Review, SignatureState
from wagtail_pledge.signing.models import OutboxMessage, SignatureEvent, get_signature_model
from wagtail_pledge.signing.services import counts_for
from wagtail_pledge.signing.services.lifecycle import record_event
from wagtail_pledge.signing.worker.tallies import refresh_tallies
from wagtail_pledge.testing.factories import PledgeFactory, SignatureFactory

pytestmark = [pytest.mark.django_db, pytest.mark.swappable]

Login = Callable[[str], Client]
LISTING = "wagtail_pledge_signatures:index"
#: What the page of a signature says about a check that is not OK.
NOT_OK = {
    Review.NEEDS_REVIEW: "Automatic checks marked this signature for review.",
    Review.INVALID: "This signature was marked invalid. It does not count.",
}


def url(view: str, signature: Any) -> str:
    return reverse(f"wagtail_pledge_signatures:{view}", args=[signature.pk])


def listed(client: Client, query: str = "") -> set[str]:
    """Return the references of the listed signatures."""
    rows = client.get(reverse(LISTING) + query).context["object_list"]
    return {str(row) for row in rows}


def counted(campaign: Campaign) -> dict[str, int]:
    refresh_tallies()
    return dict(counts_for(campaign.pledge).kinds)


def approval_of(signature: Any) -> str:
    return str(get_signature_model().objects.get(pk=signature.pk).approval)


@pytest.mark.requirement("ED2")
class TestListing:
    def test_lists_only_own_pledges(self, log_in: Login, our_campaign: Campaign) -> None:
        assert listed(log_in("moderator")) == {str(our_campaign.person), str(our_campaign.waiting)}

    def test_lists_all_newest_first_to_a_superuser(
        self, log_in: Login, our_campaign: Campaign, other_campaign: Campaign
    ) -> None:
        rows = log_in("superuser").get(reverse(LISTING)).context["object_list"]
        assert list(rows) == [other_campaign.waiting, other_campaign.person, our_campaign.waiting, our_campaign.person]

    def test_shows_names_with_the_view_permission(self, log_in: Login) -> None:
        page = text(log_in("moderator").get(reverse(LISTING)))
        assert "Ana of Ours" in page
        assert "Union of Ours" in page
        assert "Theirs" not in page

    @pytest.mark.parametrize("role", ["viewer", "blind moderator"])
    def test_hides_names_without_the_view_permission(self, log_in: Login, role: str) -> None:
        page = text(log_in(role).get(reverse(LISTING)))
        assert page.count(">hidden<") == 2
        for secret in ("Ana of", "Union of", "Officer of", "ana@example.org"):
            assert secret not in page

    def test_the_filter_offers_only_kinds_that_can_sign_some_campaign(self, make_user: MakeUser) -> None:
        collection = Collection.get_first_root_node().add_child(name="New")
        SignatureFactory(pledge=PledgeFactory(collection=collection))
        client = Client()
        client.force_login(make_user("new", collection, *MANAGER))
        form = client.get(reverse(LISTING)).context["filters"].form
        assert [slug for slug, _label in form.fields["kind"].choices if slug] == ["individual"]

    def test_never_shows_an_email_address(self, log_in: Login) -> None:
        page = text(log_in("moderator").get(reverse(LISTING)))
        assert "ana@example.org" not in page
        assert "office@union.example" not in page

    @pytest.mark.parametrize(
        ("query", "person", "waiting"),
        [
            ("?kind=organization", False, True),
            ("?approval=waiting", False, True),
            ("?state=withdrawn", False, False),
            ("?state=confirmed", True, True),
            ("?review=needs_review", False, False),
        ],
    )
    def test_filters(self, log_in: Login, our_campaign: Campaign, query: str, person: bool, waiting: bool) -> None:
        wanted = {str(row) for row, shown in ((our_campaign.person, person), (our_campaign.waiting, waiting)) if shown}
        assert listed(log_in("moderator"), query) == wanted

    def test_the_pledge_filter_offers_and_accepts_only_own_pledges(
        self, log_in: Login, our_campaign: Campaign, other_campaign: Campaign
    ) -> None:
        client = log_in("moderator")
        answer = client.get(reverse(LISTING))
        assert list(answer.context["filters"].form["pledge"].field.queryset) == [our_campaign.pledge]
        foreign = client.get(reverse(LISTING), {"pledge": other_campaign.pledge.pk})
        assert "Theirs" not in text(foreign)
        assert str(other_campaign.person) not in {str(row) for row in foreign.context["object_list"]}

    @pytest.mark.parametrize("query", ["?ordering=name", "?ordering=email", "?q=ana@example.org", "?export=csv"])
    def test_other_query_parameters_do_not_filter_sort_or_export(self, log_in: Login, query: str) -> None:
        answer = log_in("viewer").get(reverse(LISTING) + query)
        assert answer.status_code == 200
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert b"Ana of" not in body

    @pytest.mark.parametrize("role", ["moderator", "superuser"])
    def test_queries_do_not_grow_with_the_rows(self, log_in: Login, our_campaign: Campaign, role: str) -> None:
        SignatureFactory.create_batch(20, pledge=our_campaign.pledge)
        client = log_in(role)
        client.get(reverse(LISTING))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(reverse(LISTING))
        assert len(queries) <= 20

    @pytest.mark.parametrize(("role", "boxes"), [("viewer", 0), ("moderator", 2)])
    def test_only_moderators_see_checkboxes(self, log_in: Login, role: str, boxes: int) -> None:
        page = text(log_in(role).get(reverse(LISTING)))
        assert page.count("data-object-id=") == boxes
        assert ("data-bulk-action-footer" in page) is bool(boxes)


class TestInspect:
    def test_shows_facts_contact_and_timeline(self, log_in: Login, our_campaign: Campaign) -> None:
        page = text(log_in("moderator").get(url("inspect", our_campaign.waiting)))
        for shown in (
            "Union of Ours",
            "Officer of Ours",
            "office@union.example",
            "United States",
            str(our_campaign.waiting),
        ):
            assert shown in page
        assert page.index("Signed</td>") < page.index("Confirmed</td>")

    @pytest.mark.parametrize("role", ["viewer", "blind moderator"])
    def test_hides_the_signer_without_the_view_permission(
        self, log_in: Login, our_campaign: Campaign, role: str
    ) -> None:
        page = text(log_in(role).get(url("inspect", our_campaign.waiting)))
        for secret in ("Union of", "Officer of", "office@union.example"):
            assert secret not in page

    @pytest.mark.parametrize(("role", "forms"), [("viewer", 0), ("moderator", 2)])
    def test_offers_actions_to_moderators(self, log_in: Login, our_campaign: Campaign, role: str, forms: int) -> None:
        page = text(log_in(role).get(url("inspect", our_campaign.waiting)))
        assert sum(f'action="{url(view, our_campaign.waiting)}"' in page for view in ("approve", "reject")) == forms

    def test_offers_no_actions_if_not_waiting(self, log_in: Login, our_campaign: Campaign) -> None:
        page = text(log_in("moderator").get(url("inspect", our_campaign.person)))
        assert url("approve", our_campaign.person) not in page
        assert url("reject", our_campaign.person) not in page

    def test_shows_a_signature_of_an_unregistered_kind(self, log_in: Login, our_campaign: Campaign) -> None:
        get_signature_model().objects.filter(pk=our_campaign.person.pk).update(kind="retired")
        client = log_in("moderator")
        assert "retired" in text(client.get(url("inspect", our_campaign.person)))
        assert "retired" in text(client.get(reverse(LISTING)))

    def test_shows_the_remaining_facts_of_an_anonymised_signature(self, log_in: Login, our_campaign: Campaign) -> None:
        gone = SignatureFactory(pledge=our_campaign.pledge, name="Gone Person", state=SignatureState.ANONYMISED)
        page = text(log_in("moderator").get(url("inspect", gone)))
        assert "removed" in page
        assert "Gone Person" not in page

    def test_escapes_input_of_signers(self, log_in: Login, our_campaign: Campaign) -> None:
        nasty = SignatureFactory(pledge=our_campaign.pledge, name="<script>alert(1)</script>", email="x@example.org")
        answer = log_in("moderator").get(url("inspect", nasty))
        assert b"<script>alert(1)" not in answer.content
        assert b"&lt;script&gt;alert(1)" in answer.content


@pytest.mark.requirement("SN4")
class TestDecisions:
    @pytest.mark.parametrize(("form", "notified"), [({}, 0), ({"notify": "on"}, 1)])
    def test_reject_notifies_the_signer_only_if_the_box_is_ticked(
        self, log_in: Login, our_campaign: Campaign, form: dict[str, str], notified: int
    ) -> None:
        log_in("moderator").post(url("reject", our_campaign.waiting), {"reason": "Not that union.", **form})
        assert approval_of(our_campaign.waiting) == Approval.REJECTED
        assert OutboxMessage.objects.filter(kind=MessageKind.REJECTED).count() == notified

    def test_an_approved_organization_counts_and_a_rejected_one_does_not(
        self, log_in: Login, our_campaign: Campaign
    ) -> None:
        client = log_in("moderator")
        assert counted(our_campaign) == {"individual": 1}
        client.post(url("approve", our_campaign.waiting))
        assert approval_of(our_campaign.waiting) == Approval.APPROVED
        assert counted(our_campaign) == {"individual": 1, "organization": 1}
        client.post(url("reject", our_campaign.waiting), {"reason": "Not that union."})
        assert approval_of(our_campaign.waiting) == Approval.REJECTED
        assert counted(our_campaign) == {"individual": 1}

    def test_approve_shows_a_message_and_redirects_to_the_listing(self, log_in: Login, our_campaign: Campaign) -> None:
        answer = log_in("blind moderator").post(url("approve", our_campaign.waiting))
        assert answer.url == url("inspect", our_campaign.waiting)
        assert "Approved." in messages_of(answer)

    @pytest.mark.parametrize(
        ("review", "message"),
        [
            (Review.OK, "The public count will update within seconds."),
            (Review.NEEDS_REVIEW, "It does not count yet, because it needs review."),
            (Review.INVALID, "It does not count, because it was marked invalid."),
        ],
    )
    def test_approve_says_whether_the_signature_counts(
        self, log_in: Login, our_campaign: Campaign, review: Review, message: str
    ) -> None:
        get_signature_model().objects.filter(pk=our_campaign.waiting.pk).update(review=review)
        answer = log_in("moderator").post(url("approve", our_campaign.waiting))
        assert f"Approved. {message}" in messages_of(answer)
        assert counted(our_campaign).get("organization", 0) == (review == Review.OK)

    @pytest.mark.parametrize("review", Review)
    def test_the_page_says_that_the_check_is_not_ok(
        self, log_in: Login, our_campaign: Campaign, review: Review
    ) -> None:
        get_signature_model().objects.filter(pk=our_campaign.waiting.pk).update(review=review)
        page = text(log_in("moderator").get(url("inspect", our_campaign.waiting)))
        assert [check for check, sentence in NOT_OK.items() if sentence in page] == [review] * (review in NOT_OK)
        assert ("counts once you approve it" in page) is (review == Review.OK)
        assert ("Automatic checks" in page) is (review == Review.NEEDS_REVIEW)

    @pytest.mark.parametrize("code", HeldFor.values)
    def test_the_timeline_says_in_words_why_it_was_marked_for_review(
        self, log_in: Login, our_campaign: Campaign, code: str
    ) -> None:
        record_event(our_campaign.waiting, EventKind.HELD, reason=code)
        page = text(log_in("moderator").get(url("inspect", our_campaign.waiting)))
        assert str(HeldFor(code).label) in page
        assert f"<td>{code}</td>" not in page

    @pytest.mark.parametrize("view", ["approve", "reject"])
    def test_get_changes_nothing(self, log_in: Login, our_campaign: Campaign, view: str) -> None:
        assert log_in("moderator").get(url(view, our_campaign.waiting)).status_code == 405
        assert approval_of(our_campaign.waiting) == Approval.WAITING

    def test_approving_twice_gives_an_error_message(self, log_in: Login, our_campaign: Campaign) -> None:
        client = log_in("moderator")
        client.post(url("approve", our_campaign.waiting))
        again = client.post(url("approve", our_campaign.waiting))
        assert "is not waiting for a decision" in messages_of(again)
        approvals = SignatureEvent.objects.filter(signature_uuid=our_campaign.waiting.uuid, kind=EventKind.APPROVED)
        assert approvals.count() == 1

    @pytest.mark.parametrize("view", ["approve", "reject"])
    @pytest.mark.parametrize("state", [SignatureState.ANONYMISED, SignatureState.WITHDRAWN])
    def test_only_a_confirmed_signature_can_be_approved_or_rejected(
        self, log_in: Login, our_campaign: Campaign, state: str, view: str
    ) -> None:
        other = SignatureFactory(pledge=our_campaign.pledge, kind="organization", state=state)
        answer = log_in("moderator").post(url(view, other), {"reason": "No."})
        assert "is not waiting for a decision" in messages_of(answer)
        assert approval_of(other) == Approval.WAITING

    @pytest.mark.parametrize("reason", ["", "   ", "x" * 251])
    def test_reject_requires_a_reason_and_keeps_the_form_values(
        self, log_in: Login, our_campaign: Campaign, reason: str
    ) -> None:
        answer = log_in("moderator").post(url("reject", our_campaign.waiting), {"reason": reason})
        assert answer.status_code == 422
        assert answer.context["rejection_form"].errors
        assert reason.strip() in text(answer)
        assert approval_of(our_campaign.waiting) == Approval.WAITING

    def test_both_actions_are_logged_with_reason_and_user(self, log_in: Login, our_campaign: Campaign) -> None:
        client = log_in("moderator")
        client.post(url("reject", our_campaign.waiting), {"reason": "Unknown body"})
        client.post(url("approve", our_campaign.waiting))
        entries = [
            (entry.action, entry.user.username, entry.data["reason"])
            for entry in ModelLogEntry.objects.for_instance(our_campaign.waiting).order_by("pk")
        ]
        assert entries == [
            ("wagtail_pledge.refuse", "moderator", "Unknown body"),
            ("wagtail_pledge.approve", "moderator", ""),
        ]
        history = text(client.get(url("history", our_campaign.waiting)))
        assert "Reject signature: Unknown body" in history
        assert "Approve signature" in history
        assert "Union of Ours" not in history
        assert "Unknown body" in text(client.get(url("inspect", our_campaign.waiting)))

    def test_the_site_history_links_to_the_signature(self, log_in: Login, our_campaign: Campaign) -> None:
        root = log_in("superuser")
        root.post(url("approve", our_campaign.waiting))
        report = reverse("wagtailadmin_reports:site_history")
        page = text(root.get(report))
        assert "Approve signature" in page
        assert url("inspect", our_campaign.waiting) in page
        assert "Union of Ours" not in page
        assert str(our_campaign.waiting) not in text(log_in("foreign manager").get(report))

    def test_actions_of_signers_are_not_logged(self, our_campaign: Campaign) -> None:
        assert not ModelLogEntry.objects.for_instance(our_campaign.person).exists()

    def test_approving_a_held_signature_does_not_count_it(self, log_in: Login, our_campaign: Campaign) -> None:
        held = SignatureFactory(pledge=our_campaign.pledge, kind="organization", review=Review.NEEDS_REVIEW)
        client = log_in("moderator")
        assert "Automatic checks marked this signature for review" in text(client.get(url("inspect", held)))
        client.post(url("approve", held))
        assert approval_of(held) == Approval.APPROVED
        assert counted(our_campaign) == {"individual": 1}

    def test_a_signature_of_an_unregistered_kind_is_approved_and_not_shown(
        self, log_in: Login, our_campaign: Campaign
    ) -> None:
        get_signature_model().objects.filter(pk=our_campaign.waiting.pk).update(kind="retired")
        log_in("moderator").post(url("approve", our_campaign.waiting))
        decided = get_signature_model().objects.get(pk=our_campaign.waiting.pk)
        assert (decided.approval, decided.public_name) == (Approval.APPROVED, "")


@pytest.mark.requirement("SN4")
class TestQueue:
    def test_the_menu_item_links_to_waiting_signatures_and_counts_them(
        self, log_in: Login, our_campaign: Campaign, other_campaign: Campaign
    ) -> None:
        client = log_in("moderator")
        home = text(client.get(reverse("wagtailadmin_home")))
        assert "Approval queue (1)" in home
        assert listed(client, "?state=confirmed&approval=waiting") == {str(our_campaign.waiting)}
        client.post(url("approve", our_campaign.waiting))
        assert "Approval queue (" not in text(client.get(reverse("wagtailadmin_home")))

    def test_only_moderators_see_the_menu_item(self, log_in: Login) -> None:
        assert "Approval queue" not in text(log_in("viewer").get(reverse("wagtailadmin_home")))
        assert "Campaigns" not in text(log_in("editor").get(reverse("wagtailadmin_home")))
