"""Screening: forms over the limits of their network are held or wait, without telling the signer."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core import mail
from django.db.models import Count
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from tests.signing.conftest import pass_time, person, statement_to_sign, submission_of, submit_as
from wagtail_pledge.core.db import database_now
from wagtail_pledge.signing.abuse.networks import clear_day_key_cache, day_key, delete_expired_network_keys, network_key
from wagtail_pledge.signing.enums import EventKind, MailQueue, Review
from wagtail_pledge.signing.models import (
    LimitBucket,
    NetworkDayKey,
    NetworkPlace,
    SignatureEvent,
    SignerType,
    Submission,
)
from wagtail_pledge.signing.services import confirm, submit
from wagtail_pledge.signing.services.pledges import create_pledge
from wagtail_pledge.signing.worker.mail import send_due
from wagtail_pledge.signing.worker.places import next_place
from wagtail_pledge.signing.worker.queue import lease
from wagtail_pledge.signing.worker.retention import delete_expired_submissions
from wagtail_pledge.signing.worker.screening import screen

pytestmark = pytest.mark.swappable

NET = b"\x01" * 8


def crowd(signer_type: SignerType, size: int, network: bytes | None = NET, prefix: str = "p") -> None:
    statement = statement_to_sign(signer_type)
    for number in range(size):
        submit(statement=statement, data=person(email=f"{prefix}{number}@example.org"), network_key=network)


def screen_all() -> int:
    held = 0
    while submissions := lease(Submission, 100):
        held += screen(submissions, database_now())
        Submission.objects.filter(pk__in=[one.pk for one in submissions]).update(queue=MailQueue.NO_MAIL)
    return held


def reviews() -> dict[str, int]:
    return dict(Submission.objects.values_list("review").annotate(n=Count("pk")).order_by())


@pytest.mark.requirement("C1", "SG6")
def test_a_network_is_counted_ten_times_an_hour(person_type: SignerType) -> None:
    crowd(person_type, 100)
    assert screen_all() == 90
    assert reviews() == {Review.OK: 10, Review.NEEDS_REVIEW: 90}
    assert Submission.objects.filter(review_reason="network_hour").count() == 90


@pytest.mark.requirement("C1")
def test_a_network_is_counted_sixty_times_a_day(person_type: SignerType) -> None:
    day = timezone.now().replace(hour=0, minute=30, second=0, microsecond=0)
    for hour in range(8):
        crowd(person_type, 12, prefix=f"h{hour}-")
        at = day + dt.timedelta(hours=hour)
        Submission.objects.filter(screened_at__isnull=True).update(created_at=at)
        screen_all()
    assert reviews()[Review.OK] == 60
    assert Submission.objects.filter(review_reason="network_day").exists()


@pytest.mark.requirement("C1")
def test_networks_and_pledges_have_separate_limits(person_type: SignerType) -> None:
    crowd(person_type, 10, prefix="a")
    crowd(person_type, 10, network=b"\x02" * 8, prefix="b")
    crowd(person_type, 15, network=None, prefix="c")
    assert screen_all() == 0


@pytest.mark.requirement("C1", "A3")
def test_a_submission_is_screened_once(person_type: SignerType) -> None:
    crowd(person_type, 3)
    submissions, now = lease(Submission), database_now()
    for _ in range(2):
        screen(submissions, now)
    screen(list(Submission.objects.all()), now)
    # Buckets: all of the pledge, passed of the pledge, narrow network, wide network
    assert list(LimitBucket.objects.values_list("count", flat=True)) == [3, 3, 3, 3]
    assert NetworkPlace.objects.count() == 3


@pytest.mark.requirement("SG6", "E3")
def test_a_flood_does_not_hold_another_form_of_the_same_mailbox(person_type: SignerType) -> None:
    mine = submit_as(person_type, person())
    screen_all()
    crowd(person_type, 12)
    submit(statement=statement_to_sign(person_type), data=person(name="Somebody"), network_key=NET)
    assert screen_all() == 3
    mine.refresh_from_db()
    assert mine.review == Review.OK


@pytest.mark.requirement("SG6")
def test_abuse_signals_of_the_request_hold_the_signature_and_become_an_event(person_type: SignerType) -> None:
    submission = submit_as(person_type, person(), signals=["fast", "disposable"])
    assert screen_all() == 1
    assert not SignatureEvent.objects.exists()
    signature = confirm(submission_of(submission.pk)).signature
    assert SignatureEvent.objects.get(kind=EventKind.HELD).reason == "fast"
    assert not signature.is_counted


@pytest.mark.requirement("E5", "C5")
def test_a_network_gets_twenty_mails_at_once_whatever_the_pledges_and_the_others_later(db: None) -> None:
    types = [create_pledge(f"Pledge {number}").signer_types.get() for number in range(3)]
    for number in range(60):
        submit_as(types[number % 3], person(f"p{number}@example.org"), network_key=NET)
    submit_as(types[0], person("other@example.org"), network_key=b"\x02" * 8)
    while send_due():
        pass
    assert len(mail.outbox) == 21
    assert "other@example.org" in {email.to[0] for email in mail.outbox}
    pass_time(minutes=10)
    while send_due():
        pass
    assert len(mail.outbox) == 41
    pass_time(minutes=10)
    while send_due():
        pass
    assert len(mail.outbox) == 61


@pytest.mark.requirement("E5")
def test_each_form_takes_a_place_whatever_becomes_of_it(person_type: SignerType) -> None:
    for number in range(20):
        submit_as(person_type, person(name=f"Ana {number}"), network_key=NET)
    send_due()
    assert len(mail.outbox) == 2
    Submission.objects.update(ended_at=timezone.now())
    submit_as(person_type, person("other@example.org"), network_key=NET)
    assert send_due() == 0
    assert NetworkPlace.objects.count() == 21


@pytest.mark.requirement("E5")
def test_the_limits_of_a_network_hold_for_ten_minutes_an_hour_and_a_day(settings: Settings) -> None:
    began = now = dt.datetime(2026, 3, 1, 1, tzinfo=dt.UTC)
    taken: list[dt.datetime] = []
    for _ in range(700):
        taken.append(next_place(taken, now))
    assert taken == sorted(taken)
    assert taken[0] == began
    for at in taken:
        assert sum(at - dt.timedelta(minutes=10) < other <= at for other in taken) <= 20
        assert sum(at - dt.timedelta(hours=1) < other <= at for other in taken) <= 60
        assert sum(other.date() == at.date() for other in taken) <= 300
    assert taken[299].date() == began.date() < taken[300].date()


@pytest.mark.requirement("C12")
def test_screening_takes_few_queries_per_batch(
    person_type: SignerType, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    crowd(person_type, 20)
    submissions, now = lease(Submission), database_now()
    with django_assert_max_num_queries(14):
        screen(submissions, now)


@pytest.mark.requirement("C2", "I49")
def test_a_network_is_stored_as_a_hash_for_two_days(person_type: SignerType) -> None:
    clear_day_key_cache()
    now = timezone.now()
    one, same, other = (network_key(a, now) for a in ("198.51.100.7", "198.51.100.8", "198.51.101.7"))
    assert one == same != other
    assert len(one or b"") == 8
    assert network_key("198.51.100.7", now + dt.timedelta(days=1)) != one
    assert network_key("unix:", now) is None
    submission = submit_as(person_type, person(), network_key=one, notes=["d:0011223344556677"])
    send_due()
    NetworkDayKey.objects.filter(day=now.date()).update(day=now.date() - dt.timedelta(days=2))
    pass_time(days=3)
    assert delete_expired_network_keys() >= 2
    while send_due():
        pass
    delete_expired_submissions()
    submission.refresh_from_db()
    assert (submission.network_key, submission.signals) == (None, "")
    assert submission.payload
    clear_day_key_cache()
    assert network_key("198.51.100.7", now) != one


@pytest.mark.requirement("P1")
def test_a_process_reads_the_day_key_once(db: None, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    clear_day_key_cache()
    day_key(dt.date(2026, 1, 1))
    with django_assert_num_queries(0):
        day_key(dt.date(2026, 1, 1))
