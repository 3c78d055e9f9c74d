"""Simulated traffic against the rate limits: how many bots and people are counted, held and released.

The numbers are printed with ``-rP`` and are properties in the JUnit report.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import pytest
from django.utils import timezone

from tests.signing.conftest import statement_to_sign
from wagtail_pledge.core.db import database_now, start_of_utc_day, utc_day
from wagtail_pledge.signing.abuse.networks import network_key
from wagtail_pledge.signing.abuse.signals import abuse_signals, screening_notes
from wagtail_pledge.signing.enums import EventKind, MailQueue, Review
from wagtail_pledge.signing.kinds import SignerData
from wagtail_pledge.signing.models import LimitBucket, SignatureEvent, SignerType, Submission, get_signature_model
from wagtail_pledge.signing.services import confirm, submit
from wagtail_pledge.signing.services.bulk_review import ReviewRule, release
from wagtail_pledge.signing.worker.queue import lease
from wagtail_pledge.signing.worker.screening import screen

pytestmark = pytest.mark.swappable

CROWD: Final = 1_000
READING: Final = dt.timedelta(seconds=40)
FIRST: Final = [
    "Ana",
    "Luis",
    "María",
    "José",
    "Carmen",
    "Juan",
    "Rosa",
    "Pedro",
    "Elena",
    "Jorge",
    "Lucía",
    "Diego",
    "Fátima",
    "Omar",
    "Amina",
    "Ibrahim",
    "Mei",
    "Wei",
]
LAST: Final = [
    "García",
    "López",
    "Hernández",
    "Martínez",
    "Ruiz",
    "Flores",
    "Silva",
    "Santos",
    "Khan",
    "Ali",
    "Diallo",
    "Nguyễn",
    "Wang",
    "Li",
    "Cruz",
    "Ramos",
]
PROVIDERS: Final = ("gmail.com", "gmail.com", "gmail.com", "hotmail.com", "yahoo.com", "outlook.com", "icloud.com")
OWN: Final = tuple(f"{place}.example.org" for place in ("union", "clinic", "school", "parish", "city", "farm"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One person or bot that signs."""

    name: str
    email: str
    address: str
    at: dt.datetime


def moments(hours: float, count: int = CROWD) -> Iterator[dt.datetime]:
    """Yield ``count`` times spread over ``hours``, from the start of yesterday (UTC)."""
    start = start_of_utc_day(utc_day(timezone.now()) - dt.timedelta(days=1))
    for number in range(count):
        yield start + dt.timedelta(hours=hours * number / count)


def people(hours: float, address: Callable[[int], str]) -> list[Arrival]:
    """Return realistic people: common names, most at large mail providers, many with a number in the address."""
    rng = random.Random(20261124)
    made = []
    for number, at in enumerate(moments(hours)):
        first, last, middle = rng.choice(FIRST), rng.choice(LAST), rng.choice(LAST)
        domain = rng.choice(PROVIDERS) if rng.random() < 0.9 else rng.choice(OWN)
        local = f"{first}.{last}{rng.choice(('', rng.randrange(1950, 2008)))}-{number:x}".lower()
        made.append(Arrival(name=f"{first} {last} {middle}", email=f"{local}@{domain}", address=address(number), at=at))
    return made


def bots(hours: float) -> list[Arrival]:
    """Return a bot that uses another name, mailbox, domain and IP address of its /24 each time."""
    return [
        Arrival(
            name=f"{chr(65 + number % 26)}x {number:b} Yz".translate(str.maketrans("01", "oi")),
            email=f"r-{number:x}-a@d{number}.example",
            address=f"198.51.100.{number % 256}",
            at=at,
        )
        for number, at in enumerate(moments(hours))
    ]


def arrive(signer_type: SignerType, crowd: list[Arrival]) -> None:
    """Sign for everybody in order, screen the messages as the worker does, then confirm all."""
    statement = statement_to_sign(signer_type)
    for arrival in crowd:
        data = SignerData(name=arrival.name, email=arrival.email, country="US")
        receipt = submit(
            statement=statement,
            data=data,
            network_key=network_key(arrival.address, arrival.at),
            signals=abuse_signals(data=data, stamp_age=READING, honeypot=False),
            notes=screening_notes(data=data, proof=None, now=arrival.at),
        )
        Submission.objects.filter(pk=receipt.id).update(created_at=arrival.at, due_at=arrival.at)
    while submissions := lease(Submission, 200):
        screen(submissions, database_now())
        Submission.objects.filter(pk__in=[one.pk for one in submissions]).update(queue=MailQueue.NO_MAIL)
    for row in Submission.objects.select_related("statement__signer_type__pledge"):
        assert confirm(row)


def counted() -> int:
    model: Any = get_signature_model()
    return int(model.objects.counted().count())


def reasons() -> dict[str, int]:
    events = SignatureEvent.objects.filter(kind=EventKind.HELD)
    return dict(Counter(events.values_list("reason", flat=True)))


@pytest.fixture
def report_counts(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Report how many were counted and held."""

    def report(what: str) -> None:
        record_property(what, {"counted": counted(), "held": CROWD - counted(), "reasons": reasons()})
        print(f"{what}: {counted()} of {CROWD} counted, {CROWD - counted()} held {reasons()}")

    return report


@pytest.mark.requirement("C1")
@pytest.mark.parametrize(("hours", "most"), [(0.99, 10), (24, 60)])
def test_bots_in_one_network_are_counted_up_to_the_hourly_and_daily_limit(
    person_type: SignerType, report_counts: Callable[[str], None], hours: float, most: int
) -> None:
    arrive(person_type, bots(hours))
    report_counts(f"bots in one /24 in {hours:.0f} h")
    assert counted() == most
    assert get_signature_model()._default_manager.filter(review=Review.NEEDS_REVIEW).count() == CROWD - most
    passed = LimitBucket.objects.filter(network_key=b"+").values_list("count", flat=True)
    assert max(passed) <= 10


@pytest.mark.requirement("C1")
def test_people_behind_one_ip_address_are_held_over_the_limit_and_released_in_one_action(
    person_type: SignerType, report_counts: Callable[[str], None], django_user_model: Any
) -> None:
    arrive(person_type, people(24, lambda _number: "203.0.113.9"))
    report_counts("people behind one address in a day")
    model: Any = get_signature_model()
    assert counted() == 60
    assert dict(Counter(model.objects.values_list("review", flat=True))) == {"ok": 60, "needs_review": 940}
    assert set(reasons()) == {"network_hour", "network_day"}
    one, two = (django_user_model.objects.create_user(username=name) for name in ("one", "two"))
    rule = ReviewRule(held_for=("network_hour", "network_day"))
    assert release(person_type.pledge, rule, actor=one, approved_by=two) == 940
    assert counted() == CROWD


@pytest.mark.requirement("C1")
def test_people_in_different_networks_are_rarely_held(
    person_type: SignerType, report_counts: Callable[[str], None]
) -> None:
    arrive(person_type, people(24, lambda number: f"10.{number % 40}.{number % 200}.{number % 250}"))
    report_counts("people of 200 networks in a day")
    assert counted() >= 0.99 * CROWD
