"""Limits besides the narrow network's: wide networks, mail domains, names, numbered mailboxes."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable

import pytest
from django.utils import timezone

from tests.signing.conftest import person, statement_to_sign
from wagtail_pledge.signing.abuse.networks import clear_day_key_cache, delete_expired_network_keys, network_key
from wagtail_pledge.signing.abuse.signals import screening_notes
from wagtail_pledge.signing.enums import EventKind
from wagtail_pledge.signing.kinds import SignerData
from wagtail_pledge.signing.models import LimitBucket, NetworkDayKey, OutboxMessage, SignatureEvent, SignerType
from wagtail_pledge.signing.services import sign
from wagtail_pledge.signing.worker.mail import lease
from wagtail_pledge.signing.worker.screening import screen


def of(number: int, *, name: str = "", email: str = "", address: str = "") -> tuple[SignerData, str]:
    """Return somebody who shares with others only what is said."""
    word = "".join(chr(97 + int(digit)) for digit in f"{number:04}")
    data = person(email=email or f"{word}@{word}.example", name=name or f"Xy {word}")
    return data, address or f"10.{number % 250}.{number // 250}.1"


def crowd(signer_type: SignerType, size: int, make: Callable[[int], tuple[SignerData, str]]) -> Counter[str]:
    """Let ``size`` people sign and be judged; return how many were held, by reason."""
    statement, now = statement_to_sign(signer_type), timezone.now()
    for number in range(size):
        data, address = make(number)
        notes = screening_notes(data=data, proof=None, now=now)
        sign(statement=statement, data=data, network_key=network_key(address, now), notes=notes)
    # One hour for all of them, whenever the test runs
    OutboxMessage.objects.update(created_at=now, due_at=now)
    while messages := lease(100):
        screen(messages)
        OutboxMessage.objects.filter(pk__in=[message.pk for message in messages]).update(state="sent")
    return Counter(SignatureEvent.objects.filter(kind=EventKind.HELD).values_list("reason", flat=True))


@pytest.mark.requirement("C1", "SG6")
@pytest.mark.parametrize(
    ("limit", "reason", "make"),
    [
        (500, "wide_network_hour", lambda n: of(n, address=f"198.51.{n // 10}.{n % 10}")),
        (500, "wide_network_hour", lambda n: of(n, address=f"2001:db8:{n:x}::1")),
        (50, "domain_hour", lambda n: of(n, email=f"a{'b' * n}@farm.example")),
        (10, "name_hour", lambda n: of(n, name=("ANA RUIZ", "Ana Ruiz", "ana  ruíz")[n % 3])),
        (10, "numbered_hour", lambda n: of(n, email=f"john{n:03}@gmail.com")),
    ],
)
def test_beyond_the_limit_is_held(
    person_type: SignerType, limit: int, reason: str, make: Callable[[int], tuple[SignerData, str]]
) -> None:
    assert crowd(person_type, limit + 3, make) == {reason: 3}


@pytest.mark.requirement("C1", "SG6")
@pytest.mark.parametrize(
    "make",
    [
        of,
        lambda n: of(n, email=f"a{'b' * n}@gmail.com"),
        lambda n: of(n, email=f"{n:05}@qq.com"),
    ],
)
def test_people_who_share_nothing_but_a_large_provider_are_not_held(
    person_type: SignerType, make: Callable[[int], tuple[SignerData, str]]
) -> None:
    assert crowd(person_type, 60, make) == {}


@pytest.mark.requirement("SG6", "B8")
def test_what_was_counted_by_means_nothing_after_two_days(person_type: SignerType) -> None:
    clear_day_key_cache()
    crowd(person_type, 1, lambda n: of(n, email="john001@farm.example"))
    message = OutboxMessage.objects.get()
    assert message.signals
    assert LimitBucket.objects.count() == 7
    now = timezone.now()
    earlier = now - dt.timedelta(days=3)
    OutboxMessage.objects.update(created_at=earlier)
    LimitBucket.objects.update(hour=earlier)
    NetworkDayKey.objects.update(day=earlier.date())
    assert delete_expired_network_keys() == 7 + 1 + 1
    message.refresh_from_db()
    assert (message.signals, message.network_key) == ("", None)
    clear_day_key_cache()
