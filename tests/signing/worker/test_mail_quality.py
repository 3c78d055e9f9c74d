"""Detection of subscription bombing: many forms that are unconfirmed or undeliverable."""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.signing.conftest import person, submit_as
from wagtail_pledge.core.db import database_now
from wagtail_pledge.signing.addresses import all_budget_keys
from wagtail_pledge.signing.enums import MailQueue, MessageKind, SubmissionEnd
from wagtail_pledge.signing.models import MailQueueState, MailSent, Pledge, SignerType, Submission, Switch
from wagtail_pledge.signing.services.confirming import end_columns
from wagtail_pledge.signing.services.pledges import create_pledge
from wagtail_pledge.signing.services.suppression import suppress
from wagtail_pledge.signing.services.switches import (
    MAIL,
    MAIL_QUALITY,
    current_surges,
    set_surge,
    set_switch,
    surge_start_times,
)
from wagtail_pledge.signing.worker import surge
from wagtail_pledge.signing.worker.budget import BudgetRequest, delete_expired_mail_records, earliest
from wagtail_pledge.signing.worker.late_mail import update_late_mail
from wagtail_pledge.signing.worker.mail import send_due
from wagtail_pledge.signing.worker.screening import screen
from wagtail_pledge.signing.worker.smtp import FAILURE_THRESHOLD, record_queue_failure
from wagtail_pledge.signing.worker.surge import update_mail_quality

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("SG7", "SG2"), pytest.mark.swappable]

HOURS = dt.timedelta(hours=1)


@pytest.fixture(autouse=True)
def _small_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surge, "SAMPLE", 20)


def mailed(signer_type: SignerType, count: int, *, confirmed: int = 0, refused: int = 0, hours: float = 3) -> None:
    """Create ``count`` mails sent ``hours`` ago: the first ``refused`` are undeliverable, the last ``confirmed``."""
    for number in range(count):
        row = submit_as(signer_type, person(email=f"p{MailSent.objects.count()}@example.org"))
        screen([row], database_now())
        is_confirmed = number >= count - confirmed
        Submission.objects.filter(pk=row.pk).update(
            queue=MailQueue.NO_MAIL, end_reason=SubmissionEnd.CONFIRMED if is_confirmed else ""
        )
        MailSent.objects.create(
            budget_key=bytes(32),
            pledge_id=signer_type.pledge_id,
            job=row.pk,
            kind=MessageKind.CONFIRM,
            outcome="refused" if number < refused else "sent",
        )
        MailSent.objects.filter(job=row.pk).update(sent_at=timezone.now() - hours * HOURS)


def _use_up_the_budget(address: str) -> None:
    key = all_budget_keys(address)[0]
    for _number in range(3):
        MailSent.objects.create(budget_key=key, pledge_id=1, job=uuid4(), kind="links", outcome="sent")


def _nothing(_address: str) -> None:
    """The mail leaves."""


@pytest.mark.parametrize(
    ("confirmed", "refused", "begins"), [(14, 0, False), (13, 0, True), (19, 1, False), (18, 2, True), (0, 0, True)]
)
def test_a_surge_starts_above_30_percent_unconfirmed_or_5_percent_undeliverable(
    person_type: SignerType, confirmed: int, refused: int, begins: bool, caplog: pytest.LogCaptureFixture
) -> None:
    mailed(person_type, 20, confirmed=confirmed, refused=refused)
    with caplog.at_level(logging.WARNING, "wagtail_pledge"):
        assert update_mail_quality() == begins
    assert ("mail quality is low" in caplog.text) is begins
    assert update_mail_quality() == 0


def test_small_samples_and_recent_mails_are_ignored(person_type: SignerType) -> None:
    mailed(person_type, 19)
    mailed(person_type, 20, hours=1.9)
    assert update_mail_quality() == 0


@pytest.mark.requirement("B1", "SG4")
def test_who_signed_makes_no_difference(person_type: SignerType) -> None:
    """A form with the address of somebody who has signed counts like any other that nobody confirms."""
    mailed(person_type, 20, confirmed=14)
    unconfirmed = Submission.objects.exclude(end_reason=SubmissionEnd.CONFIRMED)
    mails = MailSent.objects.filter(job__in=unconfirmed.values("pk"), kind=MessageKind.CONFIRM)
    mails.update(kind=MessageKind.ALREADY_SIGNED)
    assert update_mail_quality() == 0
    Submission.objects.filter(pk=Submission.objects.filter(end_reason=SubmissionEnd.CONFIRMED)[:1].get().pk).update(
        end_reason=SubmissionEnd.SUPERSEDED
    )
    assert update_mail_quality() == 1


@pytest.mark.requirement("B1", "SG4")
@pytest.mark.parametrize("keeps_back", [suppress, _use_up_the_budget, _nothing])
def test_a_form_counts_once_whatever_becomes_of_its_mail(person_type: SignerType, keeps_back: Any) -> None:
    """Whether the named mailbox gets no mail any more, or has had its mails of the day, is nobody else's business."""
    mailed(person_type, 13, confirmed=13)
    for number in range(7):
        keeps_back(f"named{number}@example.org")
        submit_as(person_type, person(email=f"named{number}@example.org"))
    send_due()
    MailSent.objects.update(sent_at=timezone.now() - 3 * HOURS)
    assert update_mail_quality() == 1


def test_a_corrected_form_counts_with_its_new_address_only(person_type: SignerType) -> None:
    mailed(person_type, 20)
    Submission.objects.filter(pk=Submission.objects.all()[:1].get().pk).update(moved_to=uuid4())
    assert update_mail_quality() == 0


@pytest.mark.parametrize("kind", [MessageKind.REMINDER, MessageKind.LINKS])
def test_mails_that_answer_no_form_are_ignored(person_type: SignerType, kind: MessageKind) -> None:
    mailed(person_type, 19)
    mails = MailSent(budget_key=bytes(32), pledge_id=1, job=uuid4(), kind=kind, outcome="sent")
    mails.sent_at = timezone.now() - 3 * HOURS
    mails.save()
    assert update_mail_quality() == 0


def _fail(_signer_type: SignerType) -> None:
    for _number in range(FAILURE_THRESHOLD):
        record_queue_failure(MailQueue.SIGNERS, "ConnectionRefusedError")


def _pause(_signer_type: SignerType) -> None:
    set_switch(MAIL, on=True)


def _be_overdue(signer_type: SignerType) -> None:
    """No worker has sent the mail for an hour."""
    waiting = submit_as(signer_type, person(email="overdue@example.org"))
    Submission.objects.filter(pk=waiting.pk).update(due_at=timezone.now() - 1.1 * HOURS)


@pytest.mark.parametrize("delay", [_fail, _pause, _be_overdue])
def test_mail_that_cannot_leave_is_no_sign_of_subscription_bombing(person_type: SignerType, delay: Any) -> None:
    """The two hours of each form begin anew when mail leaves again."""
    mailed(person_type, 20, hours=1.9)
    delay(person_type)
    assert update_mail_quality() == 0
    MailQueueState.objects.all().delete()
    Switch.objects.filter(name=MAIL).delete()
    Submission.objects.waiting().update(queue=MailQueue.NO_MAIL)
    assert update_mail_quality() == 0
    MailSent.objects.update(sent_at=F("sent_at") - 1.9 * HOURS)
    assert update_mail_quality() == 0
    MailSent.objects.update(sent_at=F("sent_at") - 0.2 * HOURS)
    assert update_mail_quality() == 1


def test_a_network_without_places_does_not_end_the_detection(person_type: SignerType) -> None:
    """Its forms wait for hours, and staff are told; but no mail is late."""
    mailed(person_type, 20)
    flood = [submit_as(person_type, person(email=f"x{n}@flood.example"), network_key=b"\x01" * 8) for n in range(70)]
    Submission.objects.filter(pk__in=[row.pk for row in flood]).update(created_at=F("created_at") - 1.1 * HOURS)
    screen(flood, database_now())
    assert update_late_mail() == 1
    assert update_mail_quality() == 1


def test_the_time_of_a_mail_that_has_to_wait_stays_the_same(person_type: SignerType) -> None:
    """A pause moves only the time of forms whose mail could leave before it."""
    mailed(person_type, 2, hours=1)
    later = database_now() + 5 * HOURS
    MailSent.objects.filter(kind="form", pk=MailSent.objects.filter(kind="form").latest("pk").pk).update(sent_at=later)
    for is_paused in (True, False):
        set_switch(MAIL, on=is_paused)
        update_mail_quality()
    times = MailSent.objects.filter(kind="form").order_by("sent_at").values_list("sent_at", flat=True)
    assert times[0] > database_now() - dt.timedelta(minutes=1)
    assert times[1] == later


def test_a_long_pause_changes_each_record_once(person_type: SignerType) -> None:
    """A flood has very many; none is lost meanwhile, though they are older than a day."""
    mailed(person_type, 20, hours=1)
    set_switch(MAIL, on=True)
    with CaptureQueriesContext(connection) as captured:
        for _minute in range(3):
            assert update_mail_quality() == 0
    assert not [query for query in captured if "mailsent" in query["sql"] and query["sql"].startswith("UPDATE")]
    Switch.objects.update(changed_at=F("changed_at") - 30 * HOURS)
    MailSent.objects.update(sent_at=F("sent_at") - 30 * HOURS)
    delete_expired_mail_records()
    assert MailSent.objects.filter(kind="form").count() == 20
    set_switch(MAIL, on=False)
    assert update_mail_quality() == 0
    MailSent.objects.update(sent_at=F("sent_at") - 2.1 * HOURS)
    assert update_mail_quality() == 1


def test_a_pause_that_ended_long_ago_does_not_end_the_detection(person_type: SignerType) -> None:
    """The record of a queue that has had nothing to send since stays as it is."""
    mailed(person_type, 20)
    for _number in range(FAILURE_THRESHOLD):
        record_queue_failure(MailQueue.DECISIONS, "ConnectionRefusedError")
    MailQueueState.objects.update(paused_until=database_now() - HOURS)
    assert update_mail_quality() == 1


def test_a_pause_does_not_shorten_the_time_of_a_form_whose_mail_leaves_later(person_type: SignerType) -> None:
    mailed(person_type, 20, hours=-5)
    for is_paused in (True, False):
        set_switch(MAIL, on=is_paused)
        assert update_mail_quality() == 0
    MailSent.objects.update(sent_at=F("sent_at") - 6 * HOURS)
    assert update_mail_quality() == 0
    MailSent.objects.update(sent_at=F("sent_at") - 1.1 * HOURS)
    assert update_mail_quality() == 1


@pytest.mark.requirement("B1", "SG4")
@pytest.mark.parametrize("end_reason", ["", SubmissionEnd.SUPERSEDED, SubmissionEnd.NOT_ME])
def test_a_form_that_waits_for_a_place_of_its_network_delays_no_judgement(
    person_type: SignerType, end_reason: str
) -> None:
    """Else its sender could prevent it, and learn from it whether the owner of the named mailbox has ended the form."""
    mailed(person_type, 20)
    waiting = submit_as(person_type, person(email="waiting@example.org"))
    ended = end_columns(SubmissionEnd(end_reason)) if end_reason else {}
    Submission.objects.filter(pk=waiting.pk).update(
        created_at=timezone.now() - 2 * HOURS, screened_at=timezone.now(), due_at=timezone.now() + HOURS
    )
    Submission.objects.filter(pk=waiting.pk).update(**ended)
    assert update_late_mail() == (not end_reason)
    assert update_mail_quality() == 1


def test_detection_can_be_disabled(person_type: SignerType, settings: Any) -> None:
    settings.WAGTAIL_PLEDGE_SURGE_UNCONFIRMED = None
    mailed(person_type, 20)
    assert update_mail_quality() == 0


@pytest.mark.parametrize(("holds", "acts"), [(True, True), (None, False)])
def test_all_pledges_are_in_a_surge_until_mails_are_confirmed_again(
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


def test_a_manual_surge_is_not_reported_as_mail_quality(person_type: SignerType) -> None:
    set_surge(on=True)
    mailed(person_type, 20, confirmed=20)
    assert update_mail_quality() == 0
    (noticed,) = current_surges(Pledge.objects.all())
    assert not noticed.is_mail_quality


@pytest.mark.requirement("C5")
def test_a_mailbox_gets_half_the_budget(person_type: SignerType, settings: Any, mailoutbox: list[Any]) -> None:
    settings.WAGTAIL_PLEDGE_MAIL_PER_DAY = 2
    settings.WAGTAIL_PLEDGE_MAIL_MIN_MINUTES = 10
    now = database_now()
    request = BudgetRequest(job=uuid4(), kind="confirm", budget_keys=(b"x",), pledge_id=1, network_key=None)
    sent = [MailSent(budget_key=b"x", pledge_id=2, job=uuid4(), outcome="sent", sent_at=now - HOURS)]
    assert earliest(request, sent, now) == now
    assert earliest(request, sent, now, is_quality_low=True) == now + 23 * HOURS
    for number in range(2):
        submit_as(create_pledge(f"Pledge {number}").signer_types.get(), person(email="ana@example.org"))
    Switch.objects.create(name=MAIL_QUALITY, is_on=False)
    assert send_due() == 1
    Switch.objects.all().delete()
    Submission.objects.filter(mailed_at=None).update(due_at=now)
    assert send_due() == 1


def test_detection_takes_few_queries(person_type: SignerType) -> None:
    mailed(person_type, 30, confirmed=30)
    with CaptureQueriesContext(connection) as captured:
        update_mail_quality()
    assert sum(query["sql"].startswith("SELECT") for query in captured) <= 3
