"""What the limits do to robots and to people: how many are counted, how many are held, and how people come free.

The figures are printed with ``-rP`` and stand as properties in the JUnit report.
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
from wagtail_pledge.core.db import start_of_utc_day, utc_day
from wagtail_pledge.signing.abuse.networks import network_key
from wagtail_pledge.signing.abuse.signals import abuse_signals, screening_notes
from wagtail_pledge.signing.enums import EventKind, Review, SignatureState
from wagtail_pledge.signing.kinds import SignerData
from wagtail_pledge.signing.models import LimitBucket, OutboxMessage, SignatureEvent, SignerType, get_signature_model
from wagtail_pledge.signing.services import sign
from wagtail_pledge.signing.services.bulk_review import ReviewRule, release
from wagtail_pledge.signing.worker.mail import lease
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
    """Somebody who signs."""

    name: str
    email: str
    address: str
    at: dt.datetime


def moments(hours: float, count: int = CROWD) -> Iterator[dt.datetime]:
    """Yield ``count`` moments over ``hours`` of yesterday (UTC), from its first second on."""
    start = start_of_utc_day(utc_day(timezone.now()) - dt.timedelta(days=1))
    for number in range(count):
        yield start + dt.timedelta(hours=hours * number / count)


def people(hours: float, address: Callable[[int], str]) -> list[Arrival]:
    """Return people as they come: common names, most at large providers, many with a number in the address."""
    chance = random.Random(20261124)
    made = []
    for number, at in enumerate(moments(hours)):
        first, last, middle = chance.choice(FIRST), chance.choice(LAST), chance.choice(LAST)
        domain = chance.choice(PROVIDERS) if chance.random() < 0.9 else chance.choice(OWN)
        local = f"{first}.{last}{chance.choice(('', chance.randrange(1950, 2008)))}-{number:x}".lower()
        made.append(Arrival(name=f"{first} {last} {middle}", email=f"{local}@{domain}", address=address(number), at=at))
    return made


def robots(hours: float) -> list[Arrival]:
    """Return a script that takes care: another name, mailbox, domain and address of its /24 each time."""
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
    """Let everybody sign, in their order, and the worker judge them; then everybody confirms."""
    statement, rows = statement_to_sign(signer_type), get_signature_model()._default_manager
    for arrival in crowd:
        data = SignerData(name=arrival.name, email=arrival.email, country="US")
        receipt = sign(
            statement=statement,
            data=data,
            network_key=network_key(arrival.address, arrival.at),
            signals=abuse_signals(data=data, stamp_age=READING, honeypot=False),
            notes=screening_notes(data=data, proof=None, now=arrival.at),
        )
        rows.filter(uuid=receipt.uuid).update(created_at=arrival.at)
        key = bytes.fromhex(receipt.ticket.mailbox_key)
        OutboxMessage.objects.filter(mailbox_key=key).update(created_at=arrival.at, due_at=arrival.at)
    while messages := lease(200):
        screen(messages)
        OutboxMessage.objects.filter(pk__in=[message.pk for message in messages]).update(state="sent")
    rows.update(state=SignatureState.CONFIRMED, confirmed_at=timezone.now())


def counted() -> int:
    model: Any = get_signature_model()
    return int(model.objects.counted().count())


def reasons() -> dict[str, int]:
    events = SignatureEvent.objects.filter(kind=EventKind.HELD)
    return dict(Counter(events.values_list("reason", flat=True)))


@pytest.fixture
def tell(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Report what became of the crowd."""

    def report(what: str) -> None:
        record_property(what, {"counted": counted(), "held": CROWD - counted(), "reasons": reasons()})
        print(f"{what}: {counted()} of {CROWD} counted, {CROWD - counted()} held {reasons()}")

    return report


@pytest.mark.requirement("C1")
@pytest.mark.parametrize(("hours", "most"), [(0.99, 10), (24, 60)])
def test_robots_in_one_network_count_ten_an_hour_and_sixty_a_day(
    person_type: SignerType, tell: Callable[[str], None], hours: float, most: int
) -> None:
    arrive(person_type, robots(hours))
    tell(f"robots of one /24 in {hours:.0f} h")
    assert counted() == most
    assert get_signature_model()._default_manager.filter(review=Review.NEEDS_REVIEW).count() == CROWD - most
    passed = LimitBucket.objects.filter(network_key=b"+").values_list("count", flat=True)
    assert max(passed) <= 10


@pytest.mark.requirement("C1")
def test_people_behind_one_address_are_counted_or_held_and_released_in_one_action(
    person_type: SignerType, tell: Callable[[str], None], django_user_model: Any
) -> None:
    arrive(person_type, people(24, lambda _number: "203.0.113.9"))
    tell("people behind one address in a day")
    model: Any = get_signature_model()
    assert counted() == 60
    assert dict(Counter(model.objects.values_list("review", flat=True))) == {"ok": 60, "needs_review": 940}
    assert set(reasons()) == {"network_hour", "network_day"}
    one, two = (django_user_model.objects.create_user(username=name) for name in ("one", "two"))
    rule = ReviewRule(held_for=("network_hour", "network_day"))
    assert release(person_type.pledge, rule, actor=one, approved_by=two) == 940
    assert counted() == CROWD


@pytest.mark.requirement("C1")
def test_people_in_their_own_networks_are_hardly_ever_held(
    person_type: SignerType, tell: Callable[[str], None]
) -> None:
    arrive(person_type, people(24, lambda number: f"10.{number % 40}.{number % 200}.{number % 250}"))
    tell("people of 200 networks in a day")
    assert counted() >= 0.99 * CROWD
