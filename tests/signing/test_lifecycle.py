"""States of a signature: pending, confirmed, withdrawn, signed again, approved, held."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.utils import timezone

from tests.signing.conftest import organization, person, sign_as, statement_to_sign
from wagtail_pledge.signing.enums import Approval, EventKind, PledgeState, Review, SignatureState
from wagtail_pledge.signing.managers import AppendOnlyError
from wagtail_pledge.signing.models import DirtyDay, OutboxMessage, SignatureEvent, Tally, get_signature_model
from wagtail_pledge.signing.services import (
    CONFIRM,
    MANAGE,
    NotWaiting,
    approve,
    can_confirm,
    confirm,
    counts_for,
    reject,
    sign,
    signature_from_token,
    token_for,
    withdraw,
)
from wagtail_pledge.signing.services.pledges import create_pledge, create_signer_type
from wagtail_pledge.signing.signals import signature_confirmed
from wagtail_pledge.signing.worker.tallies import recount_all, refresh_tallies

pytestmark = pytest.mark.swappable


def total(pledge) -> int:
    refresh_tallies()
    return counts_for(pledge).total


@pytest.mark.requirement("SG2")
def test_a_signature_is_counted_once_confirmed(person_type) -> None:
    signature = sign_as(person_type, person())
    assert total(person_type.pledge) == 0
    assert confirm(signature, epoch=1)
    assert total(person_type.pledge) == 1


@pytest.mark.requirement("SG2", "A7")
def test_confirming_again_does_nothing(person_type) -> None:
    signature = sign_as(person_type, person())
    assert [confirm(signature, epoch=1) for _ in range(3)] == [True, False, False]
    assert SignatureEvent.objects.filter(kind=EventKind.CONFIRMED).count() == 1


@pytest.mark.requirement("SG2")
def test_a_held_signature_can_be_confirmed_and_stays_held(person_type) -> None:
    signature = sign_as(person_type, person(display="name", name="Ana"), signals=["honeypot"])
    confirm(signature, epoch=1)
    signature.refresh_from_db()
    assert (signature.state, signature.review, signature.public_name) == (
        SignatureState.CONFIRMED,
        Review.NEEDS_REVIEW,
        "",
    )
    assert total(person_type.pledge) == 0


@pytest.mark.requirement("SG5")
def test_withdrawal_removes_name_and_count_immediately(person_type) -> None:
    signature = sign_as(person_type, person(display="name", consent_updates=True))
    confirm(signature, epoch=1)
    assert total(person_type.pledge) == 1
    assert withdraw(signature, epoch=1)
    assert not withdraw(signature, epoch=1)
    signature.refresh_from_db()
    assert (signature.public_name, signature.consent_updates) == ("", False)
    assert total(person_type.pledge) == 0


def test_signing_again_after_withdrawal_reuses_the_row_with_a_new_epoch(person_type) -> None:
    signature = sign_as(person_type, person())
    old = token_for(CONFIRM, signature)
    confirm(signature, epoch=1)
    withdraw(signature, epoch=1)
    _signature, epoch = signature_from_token(CONFIRM, old)
    assert not confirm(signature, epoch=epoch)
    sign_as(person_type, person())
    assert confirm(signature, epoch=2)
    signature.refresh_from_db()
    assert (signature.epoch, signature.state) == (2, SignatureState.CONFIRMED)
    assert get_signature_model()._default_manager.count() == 1
    assert total(person_type.pledge) == 1


@pytest.mark.requirement("C8")
def test_an_expired_link_does_not_confirm(person_type) -> None:
    signature = sign_as(person_type, person())
    past = timezone.now() - dt.timedelta(days=15)
    get_signature_model()._default_manager.update(created_at=past)
    OutboxMessage.objects.update(created_at=past)
    assert not can_confirm(signature, 1)
    assert not confirm(signature, epoch=1)


def test_a_resent_link_is_valid_from_its_sending(person_type) -> None:
    signature = sign_as(person_type, person())
    get_signature_model()._default_manager.update(created_at=timezone.now() - dt.timedelta(days=15))
    assert confirm(signature, epoch=1)


@pytest.mark.requirement("A11")
@pytest.mark.parametrize(("hours", "confirmed"), [(1, True), (23, True), (25, False)])
def test_confirmation_is_accepted_for_a_day_after_closing(person_type, hours: int, confirmed: bool) -> None:
    signature = sign_as(person_type, person())
    pledge = signature.pledge
    pledge.closes_at = timezone.now() - dt.timedelta(hours=hours)
    pledge.save()
    assert confirm(signature, epoch=1) is confirmed


def test_a_manually_closed_pledge_accepts_no_confirmation(person_type) -> None:
    signature = sign_as(person_type, person())
    signature.pledge.state = PledgeState.CLOSED
    assert not confirm(signature, epoch=1)


@pytest.mark.requirement("SN1", "SN4")
def test_an_organization_is_counted_once_approved(organization_type) -> None:
    signature = sign_as(organization_type, organization(city="Oakland"))
    with pytest.raises(NotWaiting):
        approve(signature)
    confirm(signature, epoch=1)
    assert total(organization_type.pledge) == 0
    approve(signature)
    signature.refresh_from_db()
    assert counts_for(organization_type.pledge).total == 0
    assert total(organization_type.pledge) == 1
    assert signature.public_name == "Casa del Pueblo, Oakland"
    assert signature.organization.name == "Casa del Pueblo"
    with pytest.raises(NotWaiting):
        approve(signature)


@pytest.mark.requirement("SN4")
def test_rejection_reverts_an_approval_and_can_be_reverted(organization_type) -> None:
    signature = sign_as(organization_type, organization())
    confirm(signature, epoch=1)
    approve(signature)
    reject(signature, reason="not theirs")
    assert (total(organization_type.pledge), signature.public_name) == (0, "")
    approve(signature)
    assert total(organization_type.pledge) == 1
    assert list(SignatureEvent.objects.values_list("kind", flat=True).order_by("pk")) == [
        EventKind.CONFIRMED,
        EventKind.APPROVED,
        EventKind.REJECTED,
        EventKind.APPROVED,
    ]


@pytest.mark.requirement("SN2")
def test_an_organization_is_recognised_on_another_pledge(organization_type) -> None:
    other = create_signer_type(create_pledge("Other"), "organization")
    made = []
    for signer_type, name in ((organization_type, "Casa del Pueblo"), (other, "CASA del pueblo")):
        signature = sign_as(signer_type, organization(name))
        confirm(signature, epoch=1)
        approve(signature)
        made.append(signature.organization_id)
    assert made[0] == made[1]


@pytest.mark.parametrize("state", SignatureState)
@pytest.mark.parametrize("review", Review)
@pytest.mark.parametrize("approval", Approval)
def test_only_confirmed_ok_and_approved_signatures_are_counted(person_type, state, review, approval) -> None:
    signature = sign_as(person_type, person())
    model = get_signature_model()
    model._default_manager.update(state=state, review=review, approval=approval, confirmed_at=timezone.now())
    signature.refresh_from_db()
    expected = state == "confirmed" and review == "ok" and approval in {"not_needed", "approved"}
    assert signature.is_counted is expected
    assert model._default_manager.counted().exists() is expected
    assert (total(person_type.pledge) == 1) is expected


@pytest.mark.requirement("PV2")
@pytest.mark.parametrize(
    ("display", "shown"),
    [
        ("hidden", ""),
        ("initials", "A. L., United States of America"),
        ("name", "Ana María López"),
        ("name_place", "Ana María López, Oakland"),
    ],
)
def test_only_what_the_signer_chose_is_stored_in_plain_text(person_type, display: str, shown: str) -> None:
    signature = sign_as(person_type, person(display=display, details={"city": "Oakland"}))
    assert signature.public_name == ""
    confirm(signature, epoch=1)
    assert signature.public_name == shown


@pytest.mark.requirement("PV5", "B8")
def test_the_database_contains_no_address_and_no_unpublished_name(person_type, organization_type) -> None:
    for signer_type, data in (
        (person_type, person("canary@example.org", name="Canary Bird", details={"city": "Canarytown"})),
        (organization_type, organization("Canary Rescue", email="canary@rescue.example")),
    ):
        confirm(sign_as(signer_type, data), epoch=1)
    found = b""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            for row in cursor.fetchall():
                found += b" ".join(bytes(v) if isinstance(v, memoryview | bytes) else str(v).encode() for v in row)
    assert b"canary" not in found.lower()
    assert b"rescue" not in found.lower()


@pytest.mark.parametrize(
    "change",
    [
        lambda event: event.save(),
        lambda event: event.delete(),
        lambda _event: SignatureEvent.objects.all().delete(),
        lambda _event: SignatureEvent.objects.update(kind="x"),
    ],
    ids=["save", "delete", "delete all", "update all"],
)
def test_events_are_append_only(person_type, change) -> None:
    confirm(sign_as(person_type, person()), epoch=1)
    event = SignatureEvent.objects.get()
    assert len(bytes(event.nonce)) == 32
    with pytest.raises(AppendOnlyError):
        change(event)


def test_a_token_is_valid_only_for_its_purpose(person_type) -> None:
    signature = sign_as(person_type, person())
    assert signature_from_token(MANAGE, token_for(CONFIRM, signature)) is None
    found, epoch = signature_from_token(MANAGE, token_for(MANAGE, signature))
    assert (found.pk, epoch) == (signature.pk, 1)


def test_signals_are_sent_after_commit_and_receiver_errors_are_contained(
    person_type, django_capture_on_commit_callbacks
) -> None:
    received = []

    def listener(*, signature, **_kwargs):
        received.append(signature.pk)
        raise RuntimeError

    signature_confirmed.connect(listener)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            signature = sign_as(person_type, person())
            confirm(signature, epoch=1)
            assert received == []
    finally:
        signature_confirmed.disconnect(listener)
    assert received == [signature.pk]


@pytest.mark.requirement("A8")
def test_a_recount_corrects_and_reports_wrong_tallies(person_type, caplog) -> None:
    confirm(sign_as(person_type, person()), epoch=1)
    assert total(person_type.pledge) == 1
    assert recount_all() == 0
    Tally.objects.update(count=41)
    Tally.objects.create(pledge=person_type.pledge, day=dt.date(2020, 1, 1), kind="individual", country="XX", count=9)
    assert recount_all() == 2
    assert "corrected 2 wrong tallies" in caplog.text
    assert total(person_type.pledge) == 1


@pytest.mark.requirement("A8")
def test_a_recount_does_not_report_days_marked_as_dirty(person_type, caplog) -> None:
    pledge = person_type.pledge
    days = [dt.date(2020, 1, 1) + dt.timedelta(days=number) for number in range(101)]
    Tally.objects.bulk_create(Tally(pledge=pledge, day=day, kind="individual", country="XX", count=1) for day in days)
    DirtyDay.objects.bulk_create(DirtyDay(pledge=pledge, day=day) for day in days)
    assert recount_all() == 0
    assert "tally buckets" not in caplog.text
    assert not DirtyDay.objects.exists()
    assert not Tally.objects.exists()


@pytest.mark.requirement("CP1")
def test_a_past_day_is_recounted_when_a_signature_is_withdrawn(person_type) -> None:
    signature = sign_as(person_type, person())
    confirm(signature, epoch=1)
    get_signature_model()._default_manager.update(confirmed_at=timezone.now() - dt.timedelta(days=30))
    recount_all()
    assert counts_for(person_type.pledge).total == 1
    signature.refresh_from_db()
    withdraw(signature, epoch=1)
    assert total(person_type.pledge) == 0


def test_sign_needs_no_request_and_no_page(person_type) -> None:
    receipt = sign(statement=statement_to_sign(person_type), data=person())
    assert receipt.ticket.masked == "an…@example.org"
