"""A flood from one network is held, quietly; a crowd is released in one action."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db.models import Count
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from tests.signing.conftest import person, sign_as, statement_to_sign
from wagtail_pledge.signing.abuse.networks import clear_day_key_cache, day_key, delete_expired_network_keys, network_key
from wagtail_pledge.signing.enums import EventKind, Review
from wagtail_pledge.signing.models import (
    LimitBucket,
    NetworkDayKey,
    OutboxMessage,
    SignatureEvent,
    SignerType,
    get_signature_model,
)
from wagtail_pledge.signing.services import confirm, sign
from wagtail_pledge.signing.worker.mail import lease
from wagtail_pledge.signing.worker.screening import screen

pytestmark = pytest.mark.swappable

NET = b"\x01" * 8


def crowd(signer_type: SignerType, size: int, network: bytes | None = NET, prefix: str = "p") -> None:
    statement = statement_to_sign(signer_type)
    for number in range(size):
        sign(statement=statement, data=person(email=f"{prefix}{number}@example.org"), network_key=network)


def judge_all() -> int:
    held = 0
    while messages := lease(100):
        held += screen(messages)
        OutboxMessage.objects.filter(pk__in=[m.pk for m in messages]).update(state="sent")
    return held


def reviews() -> dict[str, int]:
    model: Any = get_signature_model()
    return dict(model.objects.values_list("review").annotate(n=Count("pk")).order_by())


@pytest.mark.requirement("C1", "SG6")
def test_a_bot_counts_ten_times_an_hour(person_type: SignerType) -> None:
    crowd(person_type, 100)
    assert judge_all() == 90
    assert reviews() == {Review.OK: 10, Review.NEEDS_REVIEW: 90}
    reasons = SignatureEvent.objects.filter(kind=EventKind.HELD).values_list("reason", flat=True)
    assert list(reasons) == ["network_hour"] * 90


@pytest.mark.requirement("C1")
def test_a_bot_counts_sixty_times_a_day(person_type: SignerType) -> None:
    day = timezone.now().replace(hour=0, minute=30, second=0, microsecond=0)
    for hour in range(8):
        crowd(person_type, 12, prefix=f"h{hour}-")
        at = day + dt.timedelta(hours=hour)
        fresh = OutboxMessage.objects.filter(screened_at__isnull=True)
        get_signature_model()._default_manager.filter(created_at__gt=timezone.now() - dt.timedelta(minutes=1)).update(
            created_at=at
        )
        fresh.update(created_at=at)
        judge_all()
    assert reviews()[Review.OK] == 60
    assert SignatureEvent.objects.filter(reason="network_day").exists()


@pytest.mark.requirement("C1")
def test_networks_and_pledges_have_windows_of_their_own(person_type: SignerType) -> None:
    crowd(person_type, 10, prefix="a")
    crowd(person_type, 10, network=b"\x02" * 8, prefix="b")
    crowd(person_type, 15, network=None, prefix="c")
    assert judge_all() == 0


@pytest.mark.requirement("C1", "A3")
def test_a_message_is_judged_once_however_often_it_is_tried(person_type: SignerType) -> None:
    crowd(person_type, 3)
    messages = lease()
    screen(messages)
    screen(messages)
    screen(list(OutboxMessage.objects.all()))
    # The pledge's all and let through, the narrow and the wide network
    assert list(LimitBucket.objects.values_list("count", flat=True)) == [3, 3, 3, 3]


@pytest.mark.requirement("SG6")
def test_a_flood_cannot_hold_what_somebody_signed_before(person_type: SignerType) -> None:
    signature = sign_as(person_type, person())
    earlier = timezone.now() - dt.timedelta(hours=3)
    get_signature_model()._default_manager.update(created_at=earlier)
    OutboxMessage.objects.update(created_at=earlier, state="sent", screened_at=earlier)
    crowd(person_type, 12)
    sign(statement=statement_to_sign(person_type), data=person(), network_key=NET)
    judge_all()
    signature.refresh_from_db()
    assert signature.review == Review.OK


@pytest.mark.requirement("SG6")
def test_what_the_door_noticed_becomes_an_event_and_stays_held(person_type: SignerType) -> None:
    signature = sign_as(person_type, person(), signals=["fast", "disposable"])
    assert signature.review == Review.NEEDS_REVIEW
    judge_all()
    assert SignatureEvent.objects.get(kind=EventKind.HELD).reason == "fast"
    assert confirm(signature, epoch=1)
    signature.refresh_from_db()
    assert not signature.is_counted


@pytest.mark.requirement("C12")
def test_a_verdict_takes_a_few_statements_a_batch(
    person_type: SignerType, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    crowd(person_type, 20)
    messages = lease()
    with django_assert_max_num_queries(12):
        screen(messages)


@pytest.mark.requirement("C2", "I49")
def test_a_network_is_known_by_a_hash_for_two_days(person_type: SignerType) -> None:
    clear_day_key_cache()
    now = timezone.now()
    one, same, other = (network_key(a, now) for a in ("198.51.100.7", "198.51.100.8", "198.51.101.7"))
    assert one == same != other
    assert len(one or b"") == 8
    assert network_key("198.51.100.7", now + dt.timedelta(days=1)) != one
    assert network_key("unix:", now) is None
    crowd(person_type, 1, network=one)
    OutboxMessage.objects.update(created_at=now - dt.timedelta(days=3))
    NetworkDayKey.objects.filter(day=now.date()).update(day=now.date() - dt.timedelta(days=2))
    assert delete_expired_network_keys() == 2
    assert OutboxMessage.objects.get().network_key is None
    clear_day_key_cache()
    assert network_key("198.51.100.7", now) != one


@pytest.mark.requirement("P1")
def test_a_process_reads_the_key_once_a_day(db: None, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    clear_day_key_cache()
    day_key(dt.date(2026, 1, 1))
    with django_assert_num_queries(0):
        day_key(dt.date(2026, 1, 1))
