"""Who is named on the website, and when: never one name alone, and never when somebody signed."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from wagtail_pledge.core.db import database_now
from wagtail_pledge.signing.countries import country_name
from wagtail_pledge.signing.enums import Approval, Review, SignatureState
from wagtail_pledge.signing.models import Organization, Pledge, get_signature_model
from wagtail_pledge.signing.services import public_names as service
from wagtail_pledge.signing.services import public_organizations, recent_names, withdraw
from wagtail_pledge.testing.factories import PledgeFactory, SignatureFactory

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("B3", "CP9"), pytest.mark.swappable]

HOUR = dt.timedelta(hours=1)
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def pledge() -> Pledge:
    made: Pledge = PledgeFactory()
    return made


@pytest.fixture
def noon(monkeypatch: pytest.MonkeyPatch) -> dt.datetime:
    """Stop the service's clock, which is the database's, at noon of a day."""
    moment = dt.datetime(2026, 2, 3, 12, tzinfo=dt.UTC)
    real = service._publishable
    monkeypatch.setattr(service, "_publishable", lambda rows, _now: real(rows, moment))
    return moment


def named(pledge: Pledge, name: str, at: dt.datetime | None = None, **values: Any) -> Any:
    """Return a signature whose signer chose to be shown, confirmed ``at`` a time."""
    values = {"display": "name", **values}
    signature = SignatureFactory(pledge=pledge, name=name, **values)
    if at is not None:
        get_signature_model()._default_manager.filter(pk=signature.pk).update(confirmed_at=at)
    return signature


def test_names_come_five_at_a_time(pledge: Pledge) -> None:
    for name in "ABCD":
        named(pledge, f"Ana {name}")
        assert recent_names(pledge, 12) == ()
    named(pledge, "Ana E")
    assert sorted(recent_names(pledge, 12)) == [f"Ana {name}" for name in "ABCDE"]
    named(pledge, "Ana F")
    assert "Ana F" not in recent_names(pledge, 12)


def test_a_name_comes_alone_after_a_day(pledge: Pledge) -> None:
    named(pledge, "Old", at=database_now() - 25 * HOUR)
    named(pledge, "Young", at=database_now() - 23 * HOUR)
    assert recent_names(pledge, 12) == ("Old",)


def test_the_newest_come_first_and_no_more_than_asked(pledge: Pledge, noon: dt.datetime) -> None:
    for number in range(30):
        named(pledge, f"Ana {number:02}", at=noon - (30 + number) * HOUR)
    assert recent_names(pledge, 3) == ("Ana 00", "Ana 01", "Ana 02")


@pytest.mark.parametrize(
    "hidden",
    [
        {"display": "hidden"},
        {"state": SignatureState.PENDING},
        {"state": SignatureState.WITHDRAWN},
        {"state": SignatureState.ANONYMISED},
        {"review": Review.NEEDS_REVIEW},
        {"review": Review.INVALID},
        {"approval": Approval.WAITING},
        {"approval": Approval.REJECTED},
        {"consent_display": False},
    ],
)
def test_nobody_else_is_named(pledge: Pledge, hidden: dict[str, Any]) -> None:
    longago = database_now() - 72 * HOUR
    signature = named(pledge, "Nobody", **hidden)
    if signature.confirmed_at is not None:
        get_signature_model()._default_manager.filter(pk=signature.pk).update(confirmed_at=longago)
    named(pledge, "Ana", at=longago)
    named(PledgeFactory(), "Elsewhere", at=longago)
    named(pledge, "Clerk", kind="organization", organization="Casa", at=longago)
    assert recent_names(pledge, 12) == ("Ana",)


def test_initials_stay_initials(pledge: Pledge) -> None:
    named(pledge, "Ana María López", display="initials", at=database_now() - 72 * HOUR)
    assert recent_names(pledge, 12) == (f"A. L., {country_name('US')}",)


def test_who_withdraws_is_gone_at_once_and_moves_nobody_up(pledge: Pledge, noon: dt.datetime) -> None:
    first, *_rest = [named(pledge, f"Ana {n}", at=noon - HOUR + n * MINUTE) for n in range(6)]
    assert sorted(recent_names(pledge, 12)) == [f"Ana {n}" for n in range(5)]
    assert withdraw(first, epoch=1)
    get_signature_model()._default_manager.filter(pk=first.pk).update(withdrawn_at=noon)
    assert sorted(recent_names(pledge, 12)) == [f"Ana {n}" for n in range(1, 5)]


def test_who_withdraws_before_the_batch_is_full_leaves_it(pledge: Pledge, noon: dt.datetime) -> None:
    first, *_rest = [named(pledge, f"Ana {n}", at=noon - HOUR + n * MINUTE) for n in range(4)]
    withdraw(first, epoch=1)
    get_signature_model()._default_manager.filter(pk=first.pk).update(withdrawn_at=noon - HOUR / 2)
    named(pledge, "Ana 4", at=noon - 5 * MINUTE)
    assert recent_names(pledge, 12) == ()
    named(pledge, "Ana 5", at=noon - 4 * MINUTE)
    assert sorted(recent_names(pledge, 12)) == [f"Ana {n}" for n in range(1, 6)]


def test_a_new_day_begins_a_new_batch(pledge: Pledge, noon: dt.datetime) -> None:
    """Else those of yesterday, who come out by their age, would fill the batch of today."""
    for number in range(3):
        named(pledge, f"Yesterday {number}", at=noon - 14 * HOUR + number * MINUTE)
    for number in range(2):
        named(pledge, f"Today {number}", at=noon - HOUR + number * MINUTE)
    assert recent_names(pledge, 12) == ()


def test_where_many_sign_each_full_hour_is_a_batch(
    pledge: Pledge, noon: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "WINDOW", 12)
    for number in range(3):
        named(pledge, f"Three {number}", at=noon - 3 * HOUR + number * MINUTE)
    for number in range(6):
        named(pledge, f"Six {number}", at=noon - 2 * HOUR + number * MINUTE)
    for number in range(5):
        named(pledge, f"Now {number}", at=noon + number * MINUTE)
    assert sorted(recent_names(pledge, 12)) == [f"Six {number}" for number in range(6)]


def test_names_cost_one_query(pledge: Pledge, django_assert_num_queries: Any) -> None:
    for number in range(7):
        named(pledge, f"Ana {number}")
    with django_assert_num_queries(1):
        assert len(recent_names(pledge, 12)) == 5


def joins(pledge: Pledge, name: str, **values: Any) -> Any:
    """Return the signature of an organization that was approved."""
    return SignatureFactory(
        pledge=pledge,
        kind="organization",
        organization=name,
        **{"approval": Approval.APPROVED, "display": "name", **values},
    )


@pytest.mark.requirement("SN4")
def test_approved_organizations_are_listed_by_name_once_each(pledge: Pledge, django_assert_num_queries: Any) -> None:
    joins(pledge, "Zeta Union", details={"website": "https://zeta.example/"})
    joins(pledge, "Alpha House", details={"city": "Fresno"}, display="name_place")
    joins(pledge, "Zeta Union")
    joins(PledgeFactory(), "Elsewhere")
    named(pledge, "Ana", at=database_now() - 72 * HOUR)
    with django_assert_num_queries(1):
        listed = public_organizations(pledge, 60)
    assert [(one.name, one.website) for one in listed] == [
        ("Alpha House, Fresno", ""),
        ("Zeta Union", "https://zeta.example/"),
    ]
    assert len(public_organizations(pledge, 1)) == 1


@pytest.mark.requirement("SN5")
def test_the_order_is_that_of_a_dictionary_and_an_editor_may_put_some_first(pledge: Pledge) -> None:
    latin = ["zeta", "Éclair Club", "Łódź Forum", "Eclair", "Ñandú", "Nzuri", "Orfeo", "“Arbor” House", "Žeta B"]
    names = [*latin, "كتاب"]
    for name in names:
        joins(pledge, name, details={"city": "Fresno"}, display="name_place")
    root = ["“Arbor” House", "Eclair", "Éclair Club", "Łódź Forum", "Ñandú", "Nzuri", "Orfeo", "zeta", "Žeta B", "كتاب"]

    def listed(**options: Any) -> list[str]:
        return [one.name.removesuffix(", Fresno") for one in public_organizations(pledge, 60, **options)]

    assert listed() == root
    with translation.override("es"):
        assert listed()[4:6] == ["Nzuri", "Ñandú"]
    assert listed(first=["Žeta b", "nobody", "", "  orfeo "])[:3] == ["Žeta B", "Orfeo", "“Arbor” House"]


@pytest.mark.requirement("SN2")
@pytest.mark.parametrize(
    "website", ["javascript:alert(1)", "JaVaScRiPt:a()", "data:,x", "//x", "http:", "http://[", ""]
)
def test_what_is_no_web_address_is_no_link(pledge: Pledge, website: str) -> None:
    joins(pledge, "Casa", details={"website": website})
    assert [one.website for one in public_organizations(pledge, 60)] == [""]


@pytest.mark.requirement("SN5")
def test_a_bounded_number_of_organizations_is_read(pledge: Pledge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MAX_ORGANIZATIONS", 2)
    for name in "CAB":
        joins(pledge, f"Casa {name}")
    assert [one.name for one in public_organizations(pledge, 60)] == ["Casa A", "Casa B"]


@pytest.mark.parametrize(
    "hidden",
    [
        {"approval": Approval.WAITING},
        {"approval": Approval.REJECTED},
        {"review": Review.INVALID},
        {"state": SignatureState.WITHDRAWN},
        {"state": SignatureState.PENDING},
        {"consent_display": False},
    ],
)
def test_no_other_organization_is_listed(pledge: Pledge, hidden: dict[str, Any]) -> None:
    joins(pledge, "Casa", **hidden)
    assert public_organizations(pledge, 60) == ()


def test_an_organization_that_withdraws_is_gone_at_once(pledge: Pledge) -> None:
    signature = joins(pledge, "Casa")
    assert [one.name for one in public_organizations(pledge, 60)] == ["Casa"]
    assert withdraw(signature, epoch=1)
    assert public_organizations(pledge, 60) == ()
    assert Organization.objects.filter(name="Casa").exists()


@pytest.mark.postgres
@pytest.mark.requirement("P3")
@pytest.mark.parametrize(("ask", "index"), [(recent_names, "shown"), (public_organizations, "bodies")])
def test_the_names_come_from_an_index_of_their_own(pledge: Pledge, ask: Any, index: str) -> None:
    crowd(pledge, named(pledge, "Ana"), 4000)
    crowd(pledge, joins(pledge, "Casa"), 40)
    crowd(elsewhere := PledgeFactory(), joins(elsewhere, "Elsewhere"), 2000)
    Organization.objects.bulk_create([Organization(name=name, folded_name=name) for name in map(str, range(500))])
    with CaptureQueriesContext(connection) as caught:
        ask(pledge, 12)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        cursor.execute(f"EXPLAIN {caught.captured_queries[0]['sql']}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert re.search(rf"Scan (using|on) \w+_{index}\b", plan), plan


def crowd(pledge: Pledge, one: Any, size: int) -> None:
    """Put ``size`` rows like ``one`` beside it."""
    alike = {"mailbox_key": None, "mailbox_key_next": None, "idempotency_key": None, "name_key": None}
    model = get_signature_model()
    known = {f.attname: getattr(one, f.attname) for f in model._meta.concrete_fields if not f.primary_key}
    moments = (one.confirmed_at - number * MINUTE for number in range(size))
    model._default_manager.bulk_create(
        [model(**{**known, **alike, "uuid": uuid4(), "confirmed_at": moment}) for moment in moments]
    )
