"""Names on the website: published in batches, so that nobody can tell when a person signed."""

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
    """Fix the database time that the service uses to noon of a day."""
    moment = dt.datetime(2026, 2, 3, 12, tzinfo=dt.UTC)
    real = service._publishable
    monkeypatch.setattr(service, "_publishable", lambda rows, _now: real(rows, moment))
    return moment


def named_signature(pledge: Pledge, name: str, at: dt.datetime | None = None, **values: Any) -> Any:
    """Return a confirmed signature whose signer chose to be shown."""
    values = {"display": "name", **values}
    signature = SignatureFactory(pledge=pledge, name=name, **values)
    if at is not None:
        get_signature_model()._default_manager.filter(pk=signature.pk).update(confirmed_at=at)
    return signature


def test_names_are_published_in_batches_of_five(pledge: Pledge) -> None:
    for name in "ABCD":
        named_signature(pledge, f"Ana {name}")
        assert recent_names(pledge, 12) == ()
    named_signature(pledge, "Ana E")
    assert sorted(recent_names(pledge, 12)) == [f"Ana {name}" for name in "ABCDE"]
    named_signature(pledge, "Ana F")
    assert "Ana F" not in recent_names(pledge, 12)


def test_a_name_is_published_alone_after_a_day(pledge: Pledge) -> None:
    named_signature(pledge, "Old", at=database_now() - 25 * HOUR)
    named_signature(pledge, "Young", at=database_now() - 23 * HOUR)
    assert recent_names(pledge, 12) == ("Old",)


def test_names_are_newest_first_and_limited(pledge: Pledge, noon: dt.datetime) -> None:
    for number in range(30):
        named_signature(pledge, f"Ana {number:02}", at=noon - (30 + number) * HOUR)
    assert recent_names(pledge, 3) == ("Ana 00", "Ana 01", "Ana 02")


@pytest.mark.parametrize(
    "hidden",
    [
        {"display": "hidden"},
        {"state": SignatureState.ANONYMISED},
        {"state": SignatureState.WITHDRAWN},
        {"review": Review.NEEDS_REVIEW},
        {"review": Review.INVALID},
        {"approval": Approval.WAITING},
        {"approval": Approval.REJECTED},
        {"consent_display": False},
    ],
)
def test_other_signatures_are_not_named(pledge: Pledge, hidden: dict[str, Any]) -> None:
    longago = database_now() - 72 * HOUR
    signature = named_signature(pledge, "Nobody", **hidden)
    if signature.confirmed_at is not None:
        get_signature_model()._default_manager.filter(pk=signature.pk).update(confirmed_at=longago)
    named_signature(pledge, "Ana", at=longago)
    named_signature(PledgeFactory(), "Elsewhere", at=longago)
    named_signature(pledge, "Clerk", kind="organization", organization="Casa", at=longago)
    assert recent_names(pledge, 12) == ("Ana",)


def test_initials_are_shown_as_initials(pledge: Pledge) -> None:
    named_signature(pledge, "Ana María López", display="initials", at=database_now() - 72 * HOUR)
    assert recent_names(pledge, 12) == (f"A. L., {country_name('US')}",)


def test_a_withdrawn_name_is_removed_immediately_and_not_replaced(pledge: Pledge, noon: dt.datetime) -> None:
    first, *_rest = [named_signature(pledge, f"Ana {n}", at=noon - HOUR + n * MINUTE) for n in range(6)]
    assert sorted(recent_names(pledge, 12)) == [f"Ana {n}" for n in range(5)]
    assert withdraw(first, epoch=1)
    get_signature_model()._default_manager.filter(pk=first.pk).update(withdrawn_at=noon)
    assert sorted(recent_names(pledge, 12)) == [f"Ana {n}" for n in range(1, 5)]


def test_a_withdrawal_before_the_batch_is_full_leaves_a_free_place(pledge: Pledge, noon: dt.datetime) -> None:
    first, *_rest = [named_signature(pledge, f"Ana {n}", at=noon - HOUR + n * MINUTE) for n in range(4)]
    withdraw(first, epoch=1)
    get_signature_model()._default_manager.filter(pk=first.pk).update(withdrawn_at=noon - HOUR / 2)
    named_signature(pledge, "Ana 4", at=noon - 5 * MINUTE)
    assert recent_names(pledge, 12) == ()
    named_signature(pledge, "Ana 5", at=noon - 4 * MINUTE)
    assert sorted(recent_names(pledge, 12)) == [f"Ana {n}" for n in range(1, 6)]


def test_a_new_day_starts_a_new_batch(pledge: Pledge, noon: dt.datetime) -> None:
    """Otherwise yesterday's names, published because of their age, would fill today's batch."""
    for number in range(3):
        named_signature(pledge, f"Yesterday {number}", at=noon - 14 * HOUR + number * MINUTE)
    for number in range(2):
        named_signature(pledge, f"Today {number}", at=noon - HOUR + number * MINUTE)
    assert recent_names(pledge, 12) == ()


def test_with_many_signatures_each_full_hour_is_a_batch(
    pledge: Pledge, noon: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "WINDOW", 12)
    for number in range(3):
        named_signature(pledge, f"Three {number}", at=noon - 3 * HOUR + number * MINUTE)
    for number in range(6):
        named_signature(pledge, f"Six {number}", at=noon - 2 * HOUR + number * MINUTE)
    for number in range(5):
        named_signature(pledge, f"Now {number}", at=noon + number * MINUTE)
    assert sorted(recent_names(pledge, 12)) == [f"Six {number}" for number in range(6)]


def test_recent_names_take_one_query(pledge: Pledge, django_assert_num_queries: Any) -> None:
    for number in range(7):
        named_signature(pledge, f"Ana {number}")
    with django_assert_num_queries(1):
        assert len(recent_names(pledge, 12)) == 5


def approved_organization(pledge: Pledge, name: str, **values: Any) -> Any:
    """Return the signature of an approved organization."""
    return SignatureFactory(
        pledge=pledge,
        kind="organization",
        organization=name,
        **{"approval": Approval.APPROVED, "display": "name", **values},
    )


@pytest.mark.requirement("SN4")
def test_approved_organizations_are_listed_once_by_name(pledge: Pledge, django_assert_num_queries: Any) -> None:
    approved_organization(pledge, "Zeta Union", details={"website": "https://zeta.example/"})
    approved_organization(pledge, "Alpha House", details={"city": "Fresno"}, display="name_place")
    approved_organization(pledge, "Zeta Union")
    approved_organization(PledgeFactory(), "Elsewhere")
    named_signature(pledge, "Ana", at=database_now() - 72 * HOUR)
    with django_assert_num_queries(1):
        listed = public_organizations(pledge, 60)
    assert [(one.name, one.website) for one in listed] == [
        ("Alpha House, Fresno", ""),
        ("Zeta Union", "https://zeta.example/"),
    ]
    assert len(public_organizations(pledge, 1)) == 1


@pytest.mark.requirement("SN5")
def test_organizations_are_sorted_by_the_languages_collation_after_featured_ones(pledge: Pledge) -> None:
    latin = ["zeta", "Éclair Club", "Łódź Forum", "Eclair", "Ñandú", "Nzuri", "Orfeo", "“Arbor” House", "Žeta B"]
    names = [*latin, "كتاب"]
    for name in names:
        approved_organization(pledge, name, details={"city": "Fresno"}, display="name_place")
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
def test_an_unsafe_website_is_not_linked(pledge: Pledge, website: str) -> None:
    approved_organization(pledge, "Casa", details={"website": website})
    assert [one.website for one in public_organizations(pledge, 60)] == [""]


@pytest.mark.requirement("SN5")
def test_the_number_of_organizations_is_limited(pledge: Pledge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MAX_ORGANIZATIONS", 2)
    for name in "CAB":
        approved_organization(pledge, f"Casa {name}")
    assert [one.name for one in public_organizations(pledge, 60)] == ["Casa A", "Casa B"]


@pytest.mark.parametrize(
    "hidden",
    [
        {"approval": Approval.WAITING},
        {"approval": Approval.REJECTED},
        {"review": Review.INVALID},
        {"state": SignatureState.WITHDRAWN},
        {"state": SignatureState.ANONYMISED},
        {"consent_display": False},
    ],
)
def test_other_organizations_are_not_listed(pledge: Pledge, hidden: dict[str, Any]) -> None:
    approved_organization(pledge, "Casa", **hidden)
    assert public_organizations(pledge, 60) == ()


def test_a_withdrawn_organization_is_removed_immediately(pledge: Pledge) -> None:
    signature = approved_organization(pledge, "Casa")
    assert [one.name for one in public_organizations(pledge, 60)] == ["Casa"]
    assert withdraw(signature, epoch=1)
    assert public_organizations(pledge, 60) == ()
    assert Organization.objects.filter(name="Casa").exists()


@pytest.mark.postgres
@pytest.mark.requirement("P3")
@pytest.mark.parametrize(("ask", "index"), [(recent_names, "shown"), (public_organizations, "orgs")])
def test_the_query_uses_its_partial_index(pledge: Pledge, ask: Any, index: str) -> None:
    crowd(pledge, named_signature(pledge, "Ana"), 4000)
    crowd(pledge, approved_organization(pledge, "Casa"), 40)
    crowd(elsewhere := PledgeFactory(), approved_organization(elsewhere, "Elsewhere"), 2000)
    Organization.objects.bulk_create([Organization(name=name, folded_name=name) for name in map(str, range(500))])
    with CaptureQueriesContext(connection) as caught:
        ask(pledge, 12)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        cursor.execute(f"EXPLAIN {caught.captured_queries[0]['sql']}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert re.search(rf"Scan (using|on) \w+_{index}\b", plan), plan


def crowd(pledge: Pledge, one: Any, size: int) -> None:
    """Add ``size`` rows like ``one``."""
    alike = {"mailbox_key": None, "mailbox_key_next": None, "name_key": None}
    model = get_signature_model()
    known = {f.attname: getattr(one, f.attname) for f in model._meta.concrete_fields if not f.primary_key}
    moments = (one.confirmed_at - number * MINUTE for number in range(size))
    model._default_manager.bulk_create(
        [model(**{**known, **alike, "uuid": uuid4(), "confirmed_at": moment}) for moment in moments]
    )
