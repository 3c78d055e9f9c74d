"""Mail that nobody answers or takes: a list of other people's addresses."""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.signing.conftest import person, sign_as
from wagtail_pledge.core.db import database_now
from wagtail_pledge.signing.addresses import budget_key
from wagtail_pledge.signing.enums import MessageKind, OutboxState, SignatureState
from wagtail_pledge.signing.models import MailSent, OutboxMessage, Pledge, SignerType, Switch, get_signature_model
from wagtail_pledge.signing.services.pledges import create_pledge
from wagtail_pledge.signing.services.switches import MAIL_QUALITY, current_surges, set_surge, surge_start_times
from wagtail_pledge.signing.worker import surge
from wagtail_pledge.signing.worker.mail import earliest_send_time, send_due
from wagtail_pledge.signing.worker.surge import update_mail_quality

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("SG7", "SG2"), pytest.mark.swappable]

HOURS = dt.timedelta(hours=1)


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surge, "SAMPLE", 20)


def mailed(signer_type: SignerType, count: int, *, confirmed: int = 0, refused: int = 0, hours: float = 3) -> None:
    """``count`` people whose mail went out ``hours`` ago: the first of them ``refused``, the last ``confirmed``."""
    for _ in range(count):
        sign_as(signer_type, person(email=f"p{OutboxMessage.objects.count()}@example.org"))
    messages = list(OutboxMessage.objects.order_by("-pk")[:count])[::-1]
    for number, message in enumerate(messages):
        is_refused = number < refused
        OutboxMessage.objects.filter(pk=message.pk).update(
            state=OutboxState.UNDELIVERABLE if is_refused else OutboxState.SENT,
            last_code="550" if is_refused else MessageKind.CONFIRM,
            created_at=timezone.now() - hours * HOURS,
        )
        if number >= count - confirmed:
            get_signature_model().objects.filter(mailbox_key=message.mailbox_key).update(
                state=SignatureState.CONFIRMED, confirmed_at=timezone.now()
            )


@pytest.mark.parametrize(
    ("confirmed", "refused", "begins"), [(14, 0, False), (13, 0, True), (19, 1, False), (18, 2, True), (0, 0, True)]
)
def test_it_begins_beyond_30_percent_unconfirmed_or_5_percent_refused(
    person_type: SignerType, confirmed: int, refused: int, begins: bool, caplog: pytest.LogCaptureFixture
) -> None:
    mailed(person_type, 20, confirmed=confirmed, refused=refused)
    with caplog.at_level(logging.WARNING, "wagtail_pledge"):
        assert update_mail_quality() == begins
    assert ("mail quality is low" in caplog.text) is begins
    assert update_mail_quality() == 0


def test_fewer_than_the_sample_or_fresh_mail_tell_nothing(person_type: SignerType) -> None:
    mailed(person_type, 19)
    mailed(person_type, 20, hours=1.9)
    assert update_mail_quality() == 0


def test_notices_to_known_signers_are_no_confirmation_mail(person_type: SignerType) -> None:
    mailed(person_type, 20)
    OutboxMessage.objects.update(last_code=MessageKind.ALREADY_SIGNED)
    assert update_mail_quality() == 0


def test_a_site_can_do_without(person_type: SignerType, settings: Any) -> None:
    settings.WAGTAIL_PLEDGE_SURGE_UNCONFIRMED = None
    mailed(person_type, 20)
    assert update_mail_quality() == 0


@pytest.mark.parametrize(("holds", "acts"), [(True, True), (None, False)])
def test_all_pledges_are_in_a_surge_until_people_confirm_again(
    person_type: SignerType, settings: Any, holds: bool | None, acts: bool
) -> None:
    settings.WAGTAIL_PLEDGE_SURGE_HOLDS = holds
    other = create_pledge("Another")
    mailed(person_type, 20)
    update_mail_quality()
    both = {person_type.pledge_id, other.pk}
    assert set(surge_start_times(both)) == (both if acts else set())
    noticed = current_surges(Pledge.objects.all())
    assert [(one.pledge.title, one.holds, one.is_mail_quality) for one in noticed] == [
        ("Another", acts, True),
        ("Ratify", acts, True),
    ]
    mailed(person_type, 20, confirmed=20)
    assert update_mail_quality() == 1
    assert not surge_start_times(both)


def test_one_by_hand_stays_and_is_no_doubt(person_type: SignerType) -> None:
    set_surge(on=True)
    mailed(person_type, 20, confirmed=20)
    assert update_mail_quality() == 0
    (noticed,) = current_surges(Pledge.objects.all())
    assert not noticed.is_mail_quality


@pytest.mark.requirement("C5")
def test_a_mailbox_gets_half_as_much(person_type: SignerType, settings: Any, mailoutbox: list[Any]) -> None:
    settings.WAGTAIL_PLEDGE_MAIL_PER_DAY = 2
    settings.WAGTAIL_PLEDGE_MAIL_MIN_MINUTES = 10
    now = database_now()
    MailSent.objects.create(budget_key=budget_key("ana@example.org"), sent_at=now - HOURS)
    assert earliest_send_time("ana@example.org", now) < now
    assert earliest_send_time("ana@example.org", now, is_quality_low=True) == now + 23 * HOURS
    Switch.objects.create(name=MAIL_QUALITY, is_on=False)
    sign_as(person_type, person(email="ana@example.org"))
    assert send_due() == 0
    Switch.objects.all().delete()
    OutboxMessage.objects.update(due_at=now)
    assert send_due() == 1


def test_watching_costs_two_queries_however_much_was_sent(person_type: SignerType) -> None:
    mailed(person_type, 30, confirmed=30)
    with CaptureQueriesContext(connection) as captured:
        update_mail_quality()
    assert sum("outboxmessage" in query["sql"] for query in captured) == 1
    assert sum(query["sql"].startswith("SELECT") for query in captured) <= 2
