"""Bulk review by rule: release, invalidate and restore."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db.models import Count
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from tests.signing.conftest import person, sign_as
from tests.signing.worker.test_screening import NET, screen_all
from tests.signing.worker.test_screening import crowd as submit_crowd
from wagtail_pledge.signing.enums import Display, EventKind, Review
from wagtail_pledge.signing.models import DirtyDay, Pledge, SignatureEvent, SignerType, Submission, get_signature_model
from wagtail_pledge.signing.services import bulk_review, confirm, withdraw
from wagtail_pledge.signing.services.bulk_review import ReviewRule, invalidate, preview, release, restore

pytestmark = pytest.mark.swappable


@pytest.fixture
def staff(db: None) -> tuple[Any, Any]:
    users: Any = get_user_model()._default_manager
    return users.create_user("anna", password=None), users.create_user("ben", password=None)


def rows() -> Any:
    return get_signature_model()._default_manager


def crowd(signer_type: SignerType, size: int, prefix: str = "p", network: bytes | None = NET) -> None:
    """Have ``size`` people of one network sign, be screened and confirm."""
    submit_crowd(signer_type, size, network=network, prefix=prefix)
    screen_all()
    for row in Submission.objects.open().select_related("statement__signer_type__pledge"):
        assert confirm(row)


def reviews() -> dict[str, int]:
    return dict(rows().values_list("review").annotate(n=Count("pk")).order_by())


def events(kind: EventKind) -> int:
    return SignatureEvent.objects.filter(kind=kind).count()


@pytest.mark.requirement("C1")
def test_a_thousand_people_behind_one_ip_address_are_released_in_one_action(
    person_type: SignerType, staff: tuple[Any, Any]
) -> None:
    anna, ben = staff
    crowd(person_type, 1_000)
    assert reviews() == {Review.OK: 10, Review.NEEDS_REVIEW: 990}
    rule = ReviewRule(held_for=("network_hour", "network_day"))
    with pytest.raises(bulk_review.SecondPersonNeeded) as refused:
        release(person_type.pledge, rule, actor=anna, approved_by=anna)
    assert refused.value.count == 990
    assert release(person_type.pledge, rule, actor=anna, approved_by=ben) == 990
    assert reviews() == {Review.OK: 1_000}
    assert events(EventKind.RELEASED) == 990
    assert release(person_type.pledge, rule, actor=anna) == 0


@pytest.mark.requirement("C1", "SG7")
@pytest.mark.parametrize(("actor", "approver"), [(0, None), (0, 0), (None, 1)])
def test_more_than_the_limit_requires_a_second_person(
    person_type: SignerType,
    staff: tuple[Any, Any],
    monkeypatch: pytest.MonkeyPatch,
    actor: int | None,
    approver: int | None,
) -> None:
    monkeypatch.setattr(bulk_review, "MAX_WITHOUT_SECOND_PERSON", 3)
    rule = ReviewRule(domain="example.org")
    crowd(person_type, 3)
    assert invalidate(person_type.pledge, rule, actor=staff[0], reason="flood").count == 3
    crowd(person_type, 4, prefix="more")
    one, two = (None if number is None else staff[number] for number in (actor, approver))
    with pytest.raises(bulk_review.SecondPersonNeeded):
        invalidate(person_type.pledge, rule, actor=one, reason="flood", approved_by=two)
    assert rows().filter(review=Review.INVALID).count() == 3


@pytest.mark.requirement("SG7")
def test_the_review_queue_has_the_reasons(person_type: SignerType) -> None:
    sign_as(person_type, person(email="a@example.org"), signals=["fast"])
    sign_as(person_type, person(email="b@example.org"), signals=["honeypot"])
    sign_as(person_type, person(email="c@example.org"))
    screen_all()
    assert list(bulk_review.held(person_type.pledge).values_list("held_for", flat=True)) == ["honeypot", "fast"]


CASES = [
    (ReviewRule(domain="flood.example"), {"a", "b"}),
    (ReviewRule(local_prefix="JOHN"), {"b", "c"}),
    (ReviewRule(domain="flood.example", local_prefix="john"), {"b"}),
    (ReviewRule(name_part="müller"), {"c"}),
    (ReviewRule(country="ES"), {"c"}),
    (ReviewRule(kind="organization"), set()),
    (ReviewRule(review=Review.NEEDS_REVIEW), {"d"}),
    (ReviewRule(held_for=("fast",)), {"d"}),
    (ReviewRule(held_for=("network_hour",)), set()),
    (ReviewRule(signed_from=dt.datetime(2100, 1, 1, tzinfo=dt.UTC)), set()),
    (ReviewRule(signed_until=dt.datetime(2100, 1, 1, tzinfo=dt.UTC)), {"a", "b", "c", "d"}),
]


@pytest.mark.requirement("SG7")
@pytest.mark.parametrize(("rule", "expected"), CASES)
def test_rule_matches_expected_signatures(
    person_type: SignerType, rule: ReviewRule, expected: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_review, "CHUNK", 1)
    made = {
        "a": sign_as(person_type, person(email="someone@Flood.example")),
        "b": sign_as(person_type, person(email="john001@flood.example")),
        "c": sign_as(person_type, replace(person(email="john002@example.org", name="Zoë MULLER"), country="ES")),
        "d": sign_as(person_type, person(email="d@example.org"), signals=["fast"]),
    }
    screen_all()
    by_pk = {signature.pk: key for key, signature in made.items()}
    found = [by_pk[s.pk] for chunk in bulk_review.matching(person_type.pledge, rule) for s in chunk]
    assert found == sorted(expected)
    assert preview(person_type.pledge, rule).count == len(expected)


def test_a_rule_without_conditions_is_rejected(pledge: Pledge, staff: tuple[Any, Any]) -> None:
    with pytest.raises(bulk_review.EmptyRule):
        invalidate(pledge, ReviewRule(), actor=staff[0], reason="oops")


@pytest.mark.requirement("SG7")
def test_a_rule_applies_only_to_its_pledge(person_type: SignerType, staff: tuple[Any, Any], pledge: Pledge) -> None:
    sign_as(person_type, person())
    other = Pledge.objects.create(title="Another")
    assert invalidate(other, ReviewRule(domain="example.org"), actor=staff[0], reason="x").count == 0
    assert preview(pledge, ReviewRule(local_prefix="a")).by_kind == {"individual": 1}


@pytest.mark.requirement("SG7")
def test_an_invalid_signature_is_hidden_and_shown_again_after_restore(
    person_type: SignerType, staff: tuple[Any, Any]
) -> None:
    shown = sign_as(person_type, person(email="a@flood.example", display=Display.NAME))
    doubtful = sign_as(person_type, person(email="b@flood.example", display=Display.NAME), signals=["fast"])
    name = rows().get(pk=shown.pk).public_name
    assert name
    DirtyDay.objects.all().delete()
    batch = invalidate(person_type.pledge, ReviewRule(domain="flood.example"), actor=staff[0], reason="flood")
    assert (batch.count, rows().counted().count(), rows().exclude(public_name="").count()) == (2, 0, 0)
    assert set(DirtyDay.objects.values_list("day", flat=True)) == {timezone.now().date()}
    assert SignatureEvent.objects.filter(kind=EventKind.INVALIDATED, actor=staff[0]).count() == 2
    again = invalidate(person_type.pledge, ReviewRule(domain="flood.example"), actor=staff[0], reason="flood")
    assert again.count == 0

    assert restore(person_type.pledge, batch.name, actor=staff[1]) == 2
    assert dict(rows().values_list("pk", "review")) == {shown.pk: Review.OK, doubtful.pk: Review.NEEDS_REVIEW}
    assert dict(rows().values_list("pk", "public_name")) == {shown.pk: name, doubtful.pk: ""}
    assert restore(person_type.pledge, batch.name, actor=staff[1]) == 0


@pytest.mark.requirement("SG7")
def test_restore_keeps_later_decisions(person_type: SignerType, staff: tuple[Any, Any]) -> None:
    crowd(person_type, 2)
    rule = ReviewRule(domain="example.org")
    first = invalidate(person_type.pledge, rule, actor=staff[0], reason="one")
    restore(person_type.pledge, first.name, actor=staff[0])
    second = invalidate(person_type.pledge, rule, actor=staff[0], reason="two")
    assert restore(person_type.pledge, first.name, actor=staff[0]) == 0
    assert reviews() == {Review.INVALID: 2}
    assert restore(person_type.pledge, second.name, actor=staff[0]) == 2


@pytest.mark.requirement("SG7")
@pytest.mark.parametrize("name", ["", "0" * 12, "{batch} clear"])
def test_an_unknown_batch_can_not_be_restored(person_type: SignerType, staff: tuple[Any, Any], name: str) -> None:
    crowd(person_type, 1)
    batch = invalidate(person_type.pledge, ReviewRule(domain="example.org"), actor=staff[0], reason="flood")
    with pytest.raises(bulk_review.NothingToRestore):
        restore(person_type.pledge, name.format(batch=batch.name), actor=staff[0])


@pytest.mark.requirement("SG7")
def test_a_batch_can_be_restored_for_thirty_days(
    person_type: SignerType, staff: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    crowd(person_type, 1)
    batch = invalidate(person_type.pledge, ReviewRule(domain="example.org"), actor=staff[0], reason="flood")
    monkeypatch.setattr(bulk_review, "RESTORE_DAYS", 0)
    with pytest.raises(bulk_review.NothingToRestore):
        restore(person_type.pledge, batch.name, actor=staff[0])


@pytest.mark.requirement("SG7")
def test_release_does_not_show_a_withdrawn_signature(person_type: SignerType, staff: tuple[Any, Any]) -> None:
    signature = sign_as(person_type, person(display=Display.NAME), signals=["fast"])
    withdraw(signature, epoch=1)
    assert release(person_type.pledge, ReviewRule(held_for=("fast",)), actor=staff[0]) == 1
    assert rows().get().public_name == ""
    assert not rows().get().is_counted


@pytest.mark.requirement("SG7")
def test_an_invalid_signature_stays_invalid_when_signed_again(person_type: SignerType, staff: tuple[Any, Any]) -> None:
    signature = sign_as(person_type, person())
    invalidate(person_type.pledge, ReviewRule(review=Review.OK), actor=staff[0], reason="flood")
    withdraw(signature, epoch=1)
    sign_as(person_type, person())
    assert rows().counted().count() == 0


@pytest.mark.requirement("C12")
def test_queries_do_not_grow_with_the_rows(
    person_type: SignerType, staff: tuple[Any, Any], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    crowd(person_type, 60, network=None)
    with django_assert_max_num_queries(14):
        invalidate(person_type.pledge, ReviewRule(domain="example.org"), actor=staff[0], reason="flood")
