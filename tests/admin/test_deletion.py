"""Rows that are in use can't be deleted and the admin says why; unused rows can."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.admin.conftest import Campaign
from tests.admin.responses import messages_of, text
from wagtail_pledge.admin.views import deletion
from wagtail_pledge.signing.enums import Approval, EventKind
from wagtail_pledge.signing.models import (
    Organization,
    Pledge,
    SignatureEvent,
    SignerType,
    Statement,
    get_signature_model,
)
from wagtail_pledge.testing.factories import (
    OrganizationFactory,
    PledgeFactory,
    SignatureFactory,
    SignerTypeFactory,
    StatementFactory,
    SubmissionFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("CP2"), pytest.mark.swappable]

Login = Callable[[str], Client]
SPACES = {Pledge: "pledges", SignerType: "signer_types", Statement: "statements", Organization: "organizations"}


def signatures(count: int) -> str:
    """Return for example “2 signatures”, with the verbose name of the site's signature model."""
    meta = get_signature_model()._meta
    return f"{count} {meta.verbose_name if count == 1 else meta.verbose_name_plural}<"


def url(row: Any) -> str:
    return reverse(f"wagtail_pledge_{SPACES[type(row)]}:delete", args=[row.pk])


@pytest.fixture
def superuser_client(log_in: Login) -> Client:
    return log_in("superuser")


def assert_refused(client: Client, row: Any, *expected: str) -> None:
    """Check that the confirmation page says why not, and that posting it deletes nothing."""
    page = text(client.get(url(row)))
    for expected_text in (*expected, "can’t be deleted", "instead"):
        assert expected_text in page
    assert "Yes, delete" not in page
    answer = client.post(url(row))
    assert answer.status_code == 302
    assert "was not deleted" in messages_of(answer)
    assert type(row).objects.filter(pk=row.pk).exists()


def assert_deleted(client: Client, row: Any) -> None:
    assert "Yes, delete" in text(client.get(url(row)))
    answer = client.post(url(row))
    assert "deleted" in messages_of(answer)
    assert not type(row).objects.filter(pk=row.pk).exists()


class TestInUse:
    def test_a_form_that_can_still_be_confirmed_counts_as_a_signature(
        self, superuser_client: Client, our_campaign: Campaign
    ) -> None:
        SubmissionFactory(pledge=our_campaign.pledge)
        assert_refused(superuser_client, our_campaign.pledge, signatures(3))

    def test_a_pledge_with_nothing_but_an_open_form_is_kept(self, superuser_client: Client) -> None:
        assert_refused(superuser_client, SubmissionFactory().pledge, signatures(1))

    def test_a_signed_pledge_is_kept(self, superuser_client: Client, our_campaign: Campaign) -> None:
        assert_refused(
            superuser_client,
            our_campaign.pledge,
            signatures(2),
            "2 statements",
            "2 signature events",
            "Close the campaign",
        )

    def test_a_signed_signer_type_is_kept(self, superuser_client: Client, our_campaign: Campaign) -> None:
        assert_refused(
            superuser_client, our_campaign.person.signer_type, signatures(1), "1 statement<", "Unpublish its page"
        )

    def test_a_signed_statement_is_kept(self, superuser_client: Client, our_campaign: Campaign) -> None:
        assert_refused(
            superuser_client, our_campaign.person.statement, signatures(1), "1 signature event<", "next version"
        )

    def test_an_organization_that_signed_is_kept(self, superuser_client: Client, our_campaign: Campaign) -> None:
        signature = SignatureFactory(pledge=our_campaign.pledge, kind="organization", approval=Approval.APPROVED)
        assert_refused(superuser_client, signature.organization, signatures(1), "Correct its name")

    def test_rows_that_a_statement_refers_to_are_kept(self, superuser_client: Client) -> None:
        statement = StatementFactory()
        assert_refused(superuser_client, statement.signer_type, "1 statement<")
        assert_refused(superuser_client, statement.pledge, "1 statement<")

    def test_rows_that_pages_show_are_kept(self, superuser_client: Client, pages: tuple[Any, Any]) -> None:
        page = pages[0]
        assert_refused(
            superuser_client, page.pledge, "1 campaign page (“Ratify”)", "1 way to sign (“Sign as yourself”)"
        )
        assert_refused(superuser_client, SignerType.objects.get(pledge=page.pledge), "1 way to sign")
        assert_refused(superuser_client, Statement.objects.get(pledge=page.pledge), "“Ratify”")

    def test_a_statement_that_only_events_refer_to_is_kept(
        self, superuser_client: Client, our_campaign: Campaign
    ) -> None:
        statement = our_campaign.person.statement
        StatementFactory(signer_type=our_campaign.person.signer_type, text="<p>Another text.</p>")
        get_signature_model().objects.filter(pk=our_campaign.person.pk).delete()
        assert_refused(superuser_client, statement, "1 signature event<")

    @pytest.mark.parametrize("relation", ["pledge", "signer_type", "statement"])
    def test_a_row_that_came_into_use_after_the_confirmation_page_is_kept(
        self, superuser_client: Client, our_campaign: Campaign, monkeypatch: pytest.MonkeyPatch, relation: str
    ) -> None:
        monkeypatch.setattr(deletion, "deletion_blockers", lambda _row: [])
        row = getattr(our_campaign.person, relation)
        assert "was not deleted" in messages_of(superuser_client.post(url(row)))
        assert type(row).objects.filter(pk=row.pk).exists()

    def test_a_manager_sees_the_reason(self, log_in: Login, our_campaign: Campaign) -> None:
        assert_refused(log_in("manager"), our_campaign.pledge, signatures(2))


class TestUnused:
    def test_a_pledge_with_its_signer_types_is_deleted(self, superuser_client: Client) -> None:
        pledge = SignerTypeFactory().pledge
        assert_deleted(superuser_client, pledge)
        assert not SignerType.objects.filter(pledge=pledge.pk).exists()

    def test_a_pledge_without_signer_types_is_deleted(self, superuser_client: Client) -> None:
        assert_deleted(superuser_client, PledgeFactory())

    def test_a_signer_type_is_deleted(self, superuser_client: Client) -> None:
        assert_deleted(superuser_client, SignerTypeFactory())

    def test_an_unsigned_statement_is_deleted(self, superuser_client: Client) -> None:
        assert_deleted(superuser_client, StatementFactory())

    def test_an_unsigned_earlier_statement_of_a_page_is_deleted(
        self, superuser_client: Client, pages: tuple[Any, Any]
    ) -> None:
        first = Statement.objects.get(pledge=pages[0].pledge)
        StatementFactory(signer_type=first.signer_type, locale=first.locale, text="<p>Another text.</p>")
        assert_deleted(superuser_client, first)

    def test_an_organization_is_deleted(self, superuser_client: Client) -> None:
        assert_deleted(superuser_client, OrganizationFactory())


def test_deleting_the_pages_keeps_pledge_and_signatures(superuser_client: Client, pages: tuple[Any, Any]) -> None:
    page, own = pages
    signature = SignatureFactory(pledge=page.pledge)
    pledge, model = page.pledge, get_signature_model()
    kept = {
        rows: set(rows.objects.filter(pledge=pledge).values_list("pk", flat=True))
        for rows in (model, SignerType, Statement, SignatureEvent)
    }
    answer = superuser_client.post(reverse("wagtailadmin_pages:delete", args=[page.pk]))
    assert answer.status_code == 302
    assert not type(page).objects.filter(pk=page.pk).exists()
    assert not type(own).objects.filter(pk=own.pk).exists()
    assert Pledge.objects.get(pk=pledge.pk).title == pledge.title
    assert all(kept.values())
    assert kept == {rows: set(rows.objects.filter(pledge=pledge).values_list("pk", flat=True)) for rows in kept}
    assert model.objects.get(pledge=pledge).name == signature.name


def test_a_collection_with_pledges_is_not_deleted(superuser_client: Client, our_campaign: Campaign) -> None:
    address = reverse("wagtailadmin_collections:delete", args=[our_campaign.collection.pk])
    assert "1 campaign" in text(superuser_client.get(address))
    assert superuser_client.post(address).status_code == 403
    our_campaign.collection.refresh_from_db()


def test_deleting_a_moderators_account_keeps_their_decisions(
    superuser_client: Client, log_in: Login, our_campaign: Campaign
) -> None:
    moderator = log_in("moderator")
    moderator.post(reverse("wagtail_pledge_signatures:approve", args=[our_campaign.waiting.pk]))
    event = SignatureEvent.objects.get(signature_uuid=our_campaign.waiting.uuid, kind=EventKind.APPROVED)
    answer = superuser_client.post(reverse("wagtailusers_users:delete", args=[event.actor_id]))
    assert answer.status_code == 302
    event.refresh_from_db()
    assert event.actor is None
