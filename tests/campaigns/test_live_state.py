"""The state of a pledge follows which of its pages are live: schedules, expiry, unpublishing and deleting."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from wagtail.models import Locale, ModelLogEntry, Page

from tests.forms import sign_form_in
from tests.projects.campaign import home
from wagtail_pledge.pages.models import PledgePage, SignerTypePage
from wagtail_pledge.signing.enums import PledgeState
from wagtail_pledge.signing.models import Pledge, Statement
from wagtail_pledge.signing.services import change_state
from wagtail_pledge.testing.factories import SignatureFactory, SubmissionFactory

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("CP6")]

OPEN, DRAFT, PAUSED, CLOSED = PledgeState.OPEN, PledgeState.DRAFT, PledgeState.PAUSED, PledgeState.CLOSED
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def draft(db: None) -> PledgePage:
    page = PledgePage(title="Fair pay", slug="fair", statement="<p>We call for a fair wage.</p>", live=False)
    home().add_child(instance=page)
    return page


@pytest.fixture
def live(draft: PledgePage) -> PledgePage:
    draft.save_revision().publish()
    return fresh(draft)


def fresh(page: Any) -> Any:
    return type(page).objects.get(pk=page.pk)


def state() -> str:
    return str(Pledge.objects.get().state)


def schedule(page: Any, **times: dt.datetime) -> None:
    """Publish with a schedule, as the editor does."""
    for name, value in times.items():
        setattr(page, name, value)
    page.save_revision().publish()


def test_a_schedule_opens_the_pledge_when_the_page_goes_live_and_its_expiry_stops_it(
    client: Client, draft: PledgePage
) -> None:
    now = timezone.now()
    schedule(draft, go_live_at=now + HOUR, expire_at=now + 3 * HOUR)
    assert (fresh(draft).live, state()) == (False, DRAFT)
    assert not Statement.objects.exists()
    assert not ModelLogEntry.objects.exists()
    with time_machine.travel(now + 2 * HOUR, tick=False):
        call_command("publish_scheduled")
        assert (fresh(draft).live, state()) == (True, OPEN)
        assert sign_form_in(client.get(fresh(draft).url).content)
    with time_machine.travel(now + 4 * HOUR, tick=False):
        call_command("publish_scheduled")
        assert (fresh(draft).expired, state()) == (True, DRAFT)
    reasons = list(ModelLogEntry.objects.order_by("pk").values_list("data__reason", flat=True))
    assert reasons == ["Its page was published.", "Its last page was unpublished."]


def test_a_signed_pledge_is_paused_by_the_expiry_and_opens_when_the_page_is_published_again(live: PledgePage) -> None:
    SignatureFactory(pledge=live.pledge)
    now = timezone.now()
    schedule(live, expire_at=now + HOUR)
    with time_machine.travel(now + 2 * HOUR, tick=False):
        call_command("publish_scheduled")
        assert state() == PAUSED
        again = fresh(live)
        again.title = "Fair pay now"
        schedule(again, expire_at=now + 9 * HOUR)
    assert (state(), Pledge.objects.get().title) == (OPEN, "Fair pay")


def test_a_form_that_waits_for_confirmation_keeps_the_pledge_confirmable(live: PledgePage) -> None:
    SubmissionFactory(pledge=live.pledge)
    live.unpublish()
    assert state() == PAUSED


def test_a_scheduled_change_of_a_live_page_changes_nothing_yet(live: PledgePage) -> None:
    live.statement = "<p>We call for more.</p>"
    schedule(live, go_live_at=timezone.now() + HOUR)
    assert (state(), Statement.objects.count()) == (OPEN, 1)


def test_a_scheduled_way_to_sign_creates_no_statement_yet(live: PledgePage) -> None:
    page = SignerTypePage(title="As a union", slug="union", kind="organization", live=False)
    live.add_child(instance=page)
    schedule(page, go_live_at=timezone.now() + HOUR)
    assert list(Statement.objects.values_list("signer_type__kind", flat=True)) == ["individual"]


@pytest.mark.requirement("RE5")
def test_a_pledge_stays_open_while_one_translation_is_live(live: PledgePage) -> None:
    spanish = Locale.objects.create(language_code="es")
    home().copy_for_translation(spanish).save_revision().publish()
    translated = live.copy_for_translation(spanish)
    translated.save_revision().publish()
    fresh(live).unpublish()
    assert state() == OPEN
    fresh(translated).unpublish()
    assert state() == DRAFT


@pytest.mark.parametrize("decided", [CLOSED, PAUSED])
def test_a_state_that_staff_set_does_not_follow_the_pages(live: PledgePage, decided: PledgeState) -> None:
    change_state(live.pledge, decided, actor=None, reason="Decided")
    fresh(live).unpublish()
    assert state() == decided
    fresh(live).save_revision().publish()
    assert state() == decided


def test_a_pledge_that_closed_by_its_date_is_not_paused(live: PledgePage) -> None:
    Pledge.objects.update(closes_at=timezone.now() - HOUR)
    fresh(live).unpublish()
    assert state() == OPEN


def test_deleting_the_live_page_stops_the_pledge(live: PledgePage) -> None:
    SignatureFactory(pledge=live.pledge)
    Page.objects.get(pk=live.pk).delete()
    assert state() == PAUSED


def test_deleting_both_live_pages_at_once_stops_the_pledge(live: PledgePage) -> None:
    index = Page(title="Campaigns", slug="campaigns")
    home().add_child(instance=index)
    spanish = Locale.objects.create(language_code="es")
    index.add_child(
        instance=PledgePage(
            title="Salario", slug="s", pledge=live.pledge, locale=spanish, translation_key=live.translation_key
        )
    )
    fresh(live).move(index, pos="last-child")
    Page.objects.get(pk=index.pk).delete()
    assert (PledgePage.objects.count(), state()) == (0, DRAFT)


def test_deleting_a_draft_page_does_not_stop_a_pledge_that_staff_opened(draft: PledgePage) -> None:
    change_state(draft.pledge, OPEN, actor=None, reason="Embedded elsewhere")
    fresh(draft).delete()
    assert state() == OPEN
