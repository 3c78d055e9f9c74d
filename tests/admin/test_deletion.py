"""Rows that are in use can't be deleted and the admin says why; unused rows can."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from wagtail.models import GroupPagePermission, ModelLogEntry

from tests.admin.conftest import Campaign
from tests.admin.responses import messages_of, text
from wagtail_pledge.admin.views import deletion
from wagtail_pledge.admin.viewsets import pledges
from wagtail_pledge.core.compat import get_page_model
from wagtail_pledge.core.db import database_now
from wagtail_pledge.signing.enums import Approval, EventKind, PledgeState
from wagtail_pledge.signing.models import (
    Organization,
    Pledge,
    SignatureEvent,
    SignerType,
    Statement,
    get_signature_model,
)
from wagtail_pledge.signing.services.pledges import change_state
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


def settle(pledge: Pledge) -> None:
    """Close the pledge as if that had been done an hour ago."""
    earlier = database_now() - dt.timedelta(hours=1)
    Pledge.objects.filter(pk=pledge.pk).update(state=PledgeState.CLOSED, closes_at=earlier)
    ModelLogEntry.objects.update(timestamp=earlier)
    pledge.refresh_from_db()


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

    def test_rows_that_pages_show_are_kept(self, superuser_client: Client, pages: tuple[Any, Any]) -> None:
        page = pages[0]
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
        for module in (deletion, pledges):
            monkeypatch.setattr(module, "deletion_blockers", lambda _row: [])
        row = getattr(our_campaign.person, relation)
        assert "was not deleted" in messages_of(superuser_client.post(url(row)))
        assert type(row).objects.filter(pk=row.pk).exists()

    def test_pages_of_a_signed_pledge_are_kept(self, superuser_client: Client, pages: tuple[Any, Any]) -> None:
        SignatureFactory(pledge=pages[0].pledge)
        assert_refused(
            superuser_client, pages[0].pledge, "1 campaign page (“Ratify”)", "1 way to sign (“Sign as yourself”)"
        )

    def test_pages_that_the_user_may_not_delete_keep_an_unsigned_pledge(
        self, log_in: Login, our_campaign: Campaign, pages: tuple[Any, Any]
    ) -> None:
        settle(pages[0].pledge)
        Pledge.objects.filter(pk=pages[0].pledge_id).update(collection=our_campaign.collection)
        assert_refused(log_in("manager"), pages[0].pledge, "2 pages (“Ratify”, “Sign as yourself”)")
        assert type(pages[0]).objects.filter(pk=pages[0].pk).exists()

    def test_a_manager_sees_the_reason(self, log_in: Login, our_campaign: Campaign) -> None:
        assert_refused(log_in("manager"), our_campaign.pledge, signatures(2))


class TestUnused:
    def test_a_pledge_with_its_signer_types_is_deleted(self, superuser_client: Client) -> None:
        pledge = SignerTypeFactory().pledge
        assert_deleted(superuser_client, pledge)
        assert not SignerType.objects.filter(pledge=pledge.pk).exists()

    def test_a_pledge_without_signer_types_is_deleted(self, superuser_client: Client) -> None:
        assert_deleted(superuser_client, PledgeFactory())

    def test_a_pledge_is_deleted_with_its_pages_and_texts(
        self, superuser_client: Client, pages: tuple[Any, Any]
    ) -> None:
        page = pages[0]
        settle(page.pledge)
        asked = text(superuser_client.get(url(page.pledge)))
        for expected in ("Nobody has signed it", "2 pages (“Ratify”, “Sign as yourself”)", "1 statement<"):
            assert expected in asked
        assert_deleted(superuser_client, page.pledge)
        assert not Statement.objects.filter(pledge=page.pledge_id).exists()
        assert not get_page_model().objects.filter(path__startswith=page.path).exists()

    def test_an_open_campaign_is_kept_until_it_is_closed(
        self, superuser_client: Client, pages: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A form that is accepted during the deletion would be lost."""
        pledge = pages[0].pledge
        assert_refused(superuser_client, pledge, "1 campaign page (“Ratify”)", "a minute later")
        monkeypatch.setattr(pledges, "deletion_blockers", lambda _row: [])
        assert "was not deleted" in messages_of(superuser_client.post(url(pledge)))
        assert Statement.objects.filter(pledge=pledge).exists()
        assert type(pages[0]).objects.filter(pk=pages[0].pk).exists()

    def test_a_campaign_that_has_just_been_closed_is_kept_for_a_minute(
        self, superuser_client: Client, pages: tuple[Any, Any]
    ) -> None:
        """Another process remembers for two seconds that it is open, and a request may still run."""
        pledge = change_state(pages[0].pledge, to=PledgeState.CLOSED, reason="Done", actor=None)
        assert_refused(superuser_client, pledge, "a minute later")
        settle(pledge)
        assert_deleted(superuser_client, pledge)

    def test_a_campaign_whose_date_has_passed_is_kept_for_a_minute(
        self, superuser_client: Client, pages: tuple[Any, Any]
    ) -> None:
        pledge = pages[0].pledge
        settle(pledge)
        Pledge.objects.update(state=PledgeState.OPEN, closes_at=database_now() - dt.timedelta(seconds=5))
        assert_refused(superuser_client, pledge, "a minute later")
        Pledge.objects.update(closes_at=database_now() - dt.timedelta(minutes=2))
        assert_deleted(superuser_client, pledge)

    def test_a_signature_that_came_in_meanwhile_keeps_everything(
        self, superuser_client: Client, pages: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        SignatureFactory(pledge=pages[0].pledge)
        monkeypatch.setattr(pledges, "deletion_blockers", lambda _row: [])
        assert "was not deleted" in messages_of(superuser_client.post(url(pages[0].pledge)))
        assert type(pages[0]).objects.filter(pk=pages[0].pk).exists()

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


class TestPageDeletion:
    """The confirmation of Wagtail says what stays."""

    def asked(self, client: Client, page: Any) -> str:
        return text(client.get(reverse("wagtailadmin_pages:delete", args=[page.pk])))

    def test_it_says_how_many_signatures_stay(self, superuser_client: Client, pages: tuple[Any, Any]) -> None:
        SignatureFactory.create_batch(2, pledge=pages[0].pledge)
        asked = self.asked(superuser_client, pages[0])
        assert "“Ratify” has 2 signatures. They stay in the list of campaigns" in asked
        assert "Delete campaign and pages" not in asked

    def test_an_unsigned_campaign_can_be_deleted_whole(self, superuser_client: Client, pages: tuple[Any, Any]) -> None:
        pledge = pages[0].pledge
        assert url(pledge) not in self.asked(superuser_client, pages[0])
        settle(pledge)
        asked = self.asked(superuser_client, pages[0])
        assert "Nobody has signed “Ratify”" in asked
        assert url(pledge) in asked

    def test_it_counts_the_campaigns_below_an_index_page(
        self, superuser_client: Client, pages: tuple[Any, Any]
    ) -> None:
        SignatureFactory(pledge=pages[0].pledge)
        home = pages[0].get_parent()
        index = home.add_child(instance=get_page_model()(title="Campaigns", slug="campaigns"))
        pages[0].move(index, pos="last-child")
        assert "“Ratify” has 1 signature. It stays" in self.asked(superuser_client, index)

    def test_a_way_to_sign_and_an_alias_are_deleted_without_a_word(
        self, superuser_client: Client, pages: tuple[Any, Any]
    ) -> None:
        SignatureFactory(pledge=pages[0].pledge)
        alias = pages[0].create_alias(update_slug="alias")
        for page in (pages[1], alias):
            assert "1 signature" not in self.asked(superuser_client, page)

    def test_who_may_not_see_the_campaign_reads_no_number(self, make_user: Any, pages: tuple[Any, Any]) -> None:
        SignatureFactory(pledge=pages[0].pledge)
        user, client = make_user("writer"), Client()
        group = user.groups.get()
        for codename in ("change_page", "publish_page", "bulk_delete_page"):
            permission = Permission.objects.get(codename=codename)
            GroupPagePermission.objects.create(group=group, page=pages[0].get_root(), permission=permission)
        client.force_login(user)
        asked = self.asked(client, pages[0])
        assert "The campaign of the page stays" in asked
        assert "1 signature" not in asked

    def test_deleting_several_pages_at_once_says_the_same_afterwards(
        self, superuser_client: Client, pages: tuple[Any, Any]
    ) -> None:
        SignatureFactory(pledge=pages[0].pledge)
        address = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "delete"])
        answer = superuser_client.post(f"{address}?id={pages[0].pk}")
        assert "“Ratify” has 1 signature" in messages_of(answer)


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
