"""States of a signature: confirmed, withdrawn, signed again, approved, held."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.signing.conftest import organization, pass_time, person, sign_as, submission_of, submit_as
from wagtail_pledge.core.db import database_now
from wagtail_pledge.signing.enums import Approval, EventKind, PledgeState, Review, SignatureState
from wagtail_pledge.signing.managers import AppendOnlyError
from wagtail_pledge.signing.models import (
    DirtyDay,
    Pledge,
    SignatureEvent,
    Submission,
    Tally,
    get_signature_model,
)
from wagtail_pledge.signing.services import (
    CONFIRM,
    MANAGE,
    NotWaiting,
    approve,
    confirm,
    counts_for,
    is_live,
    reject,
    renew_links,
    signature_from_token,
    submission_from_token,
    token_for,
    withdraw,
)
from wagtail_pledge.signing.services.pledges import create_pledge, create_signer_type
from wagtail_pledge.signing.signals import signature_confirmed
from wagtail_pledge.signing.worker import tallies
from wagtail_pledge.signing.worker.leaves import number_leaves
from wagtail_pledge.signing.worker.tallies import recount_all, refresh_tallies

pytestmark = pytest.mark.swappable


def total(pledge) -> int:
    refresh_tallies()
    return counts_for(pledge).total


@pytest.mark.requirement("SG2")
def test_a_signature_is_in_the_ledger_and_counted_once_confirmed(person_type) -> None:
    submission = submit_as(person_type, person())
    assert total(person_type.pledge) == get_signature_model()._default_manager.count() == 0
    assert confirm(submission).is_new
    assert total(person_type.pledge) == 1


@pytest.mark.requirement("SG2", "A7", "E16")
def test_confirming_again_does_nothing_and_returns_the_signature(person_type) -> None:
    submission = submit_as(person_type, person())
    results = [confirm(submission_of(submission.pk)) for _ in range(3)]
    assert [result.is_new for result in results] == [True, False, False]
    assert len({result.signature.pk for result in results}) == 1
    assert SignatureEvent.objects.filter(kind=EventKind.CONFIRMED).count() == 1


@pytest.mark.requirement("SG2")
def test_a_held_form_can_be_confirmed_and_stays_held(person_type) -> None:
    signature = sign_as(person_type, person(display="name", name="Ana"), signals=["honeypot"])
    assert (signature.state, signature.review, signature.public_name) == (
        SignatureState.CONFIRMED,
        Review.NEEDS_REVIEW,
        "",
    )
    assert total(person_type.pledge) == 0


@pytest.mark.requirement("SG5")
def test_withdrawal_removes_name_and_count_immediately(person_type) -> None:
    signature = sign_as(person_type, person(display="name", consent_updates=True))
    assert total(person_type.pledge) == 1
    assert withdraw(signature, epoch=1)
    assert not withdraw(signature, epoch=1)
    signature.refresh_from_db()
    assert (signature.public_name, signature.consent_updates) == ("", False)
    assert total(person_type.pledge) == 0


def test_signing_again_after_withdrawal_reuses_the_row_with_a_new_epoch_and_the_new_values(person_type) -> None:
    signature = sign_as(person_type, person(display="name"))
    old = token_for(MANAGE, signature)
    withdraw(signature, epoch=1)
    again = sign_as(person_type, person(name="Ana M. López", display="hidden"))
    assert (again.pk, again.epoch, again.state) == (signature.pk, 2, SignatureState.CONFIRMED)
    assert (again.name, again.public_name, again.withdrawn_at) == ("Ana M. López", "", None)
    assert signature_from_token(MANAGE, old) is None
    assert signature_from_token(MANAGE, token_for(MANAGE, again)).pk == again.pk
    assert get_signature_model()._default_manager.count() == 1
    assert total(person_type.pledge) == 1


@pytest.mark.requirement("SN4")
def test_a_rejected_organization_can_sign_again_and_waits_anew(organization_type) -> None:
    signature = sign_as(organization_type, organization())
    reject(signature, reason="no")
    again = sign_as(organization_type, organization())
    assert (again.pk, again.epoch, again.approval) == (signature.pk, 2, Approval.WAITING)


@pytest.mark.requirement("SG6")
@pytest.mark.parametrize("review", [Review.NEEDS_REVIEW, Review.INVALID])
def test_signing_again_does_not_wash_off_a_review(person_type, review) -> None:
    signature = sign_as(person_type, person())
    withdraw(signature, epoch=1)
    get_signature_model()._default_manager.update(review=review)
    again = sign_as(person_type, person(display="name"))
    assert (again.review, again.public_name, again.is_counted) == (review, "", False)


@pytest.mark.requirement("E3", "SG3")
def test_a_confirmed_signature_stays_what_it_is_and_the_form_stays_open(person_type) -> None:
    signature = sign_as(person_type, person(name="Ana"))
    submission = submit_as(person_type, person(name="Somebody Else", display="name"))
    result = confirm(submission)
    assert (result.is_new, result.signature.pk) == (False, signature.pk)
    assert get_signature_model()._default_manager.get().name == "Ana"
    assert submission_of(submission.pk).ended_at is None


@pytest.mark.requirement("SG3")
def test_an_anonymised_signature_is_not_revived(person_type) -> None:
    sign_as(person_type, person())
    rows = get_signature_model()._default_manager
    rows.update(state=SignatureState.ANONYMISED, mailbox_key=None, mailbox_key_next=None)
    sign_as(person_type, person())
    assert sorted(rows.values_list("state", flat=True)) == [SignatureState.ANONYMISED, SignatureState.CONFIRMED]


@pytest.mark.requirement("C8", "E6")
def test_an_expired_link_does_not_confirm(person_type) -> None:
    submission = submit_as(person_type, person())
    pass_time(days=14, seconds=1)
    assert not is_live(submission_of(submission.pk), database_now())
    assert confirm(submission_of(submission.pk)) is None
    assert not get_signature_model()._default_manager.exists()


@pytest.mark.requirement("A11")
@pytest.mark.parametrize(
    ("closed", "mailed", "confirmed"),
    [(1, 2, True), (23, 30, True), (25, 30, False), (30, 10, True), (30, 25, False), (73, 1, False)],
)
def test_confirmation_is_accepted_for_a_day_after_closing_or_after_the_first_mail(
    person_type, closed: int, mailed: int, confirmed: bool
) -> None:
    submission = submit_as(person_type, person())
    now = timezone.now()
    Submission.objects.update(submitted_at=now - dt.timedelta(hours=80), mailed_at=now - dt.timedelta(hours=mailed))
    Pledge.objects.update(closes_at=now - dt.timedelta(hours=closed))
    assert (confirm(submission_of(submission.pk)) is not None) is confirmed


@pytest.mark.requirement("A11")
@pytest.mark.parametrize(("seconds", "confirmed"), [(1.5, True), (3, False)])
def test_a_form_that_another_process_took_just_after_closing_is_in_time(
    person_type, seconds: float, confirmed: bool
) -> None:
    submission = submit_as(person_type, person())
    Pledge.objects.update(closes_at=submission.submitted_at - dt.timedelta(seconds=seconds))
    assert (confirm(submission_of(submission.pk)) is not None) is confirmed


def test_a_manually_closed_pledge_without_a_time_accepts_no_confirmation(person_type) -> None:
    submission = submit_as(person_type, person())
    Pledge.objects.update(state=PledgeState.CLOSED)
    assert confirm(submission_of(submission.pk)) is None


def test_a_paused_pledge_still_confirms(person_type) -> None:
    submission = submit_as(person_type, person())
    Pledge.objects.update(state=PledgeState.PAUSED)
    assert confirm(submission_of(submission.pk)).is_new


@pytest.mark.requirement("E14")
def test_a_renewed_link_works_and_the_old_one_does_not(person_type) -> None:
    signature = sign_as(person_type, person())
    old = token_for(MANAGE, signature)
    renew_links(signature)
    assert signature_from_token(MANAGE, old) is None
    assert signature_from_token(MANAGE, token_for(MANAGE, signature)).pk == signature.pk
    assert signature.epoch == 1


@pytest.mark.requirement("SN1", "SN4")
def test_an_organization_is_counted_once_approved(organization_type) -> None:
    signature = sign_as(organization_type, organization(city="Oakland"))
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
        ("initials", "A. L., United States"),
        ("name", "Ana María López"),
        ("name_place", "Ana María López, Oakland"),
    ],
)
def test_only_what_the_signer_chose_is_stored_in_plain_text(person_type, display: str, shown: str) -> None:
    signature = sign_as(person_type, person(display=display, details={"city": "Oakland"}))
    assert signature.public_name == shown


@pytest.mark.requirement("PV5", "B8")
def test_the_database_contains_no_address_and_no_unpublished_name(person_type, organization_type) -> None:
    for signer_type, data in (
        (person_type, person("canary@example.org", name="Canary Bird", details={"city": "Canarytown"})),
        (organization_type, organization("Canary Rescue", email="canary@rescue.example")),
    ):
        sign_as(signer_type, data)
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
    sign_as(person_type, person())
    event = SignatureEvent.objects.get()
    assert len(bytes(event.nonce)) == 32
    with pytest.raises(AppendOnlyError):
        change(event)


def test_a_token_is_valid_only_for_its_purpose(person_type) -> None:
    signature = sign_as(person_type, person())
    submission = submit_as(person_type, person())
    assert signature_from_token(MANAGE, token_for(CONFIRM, signature)) is None
    assert signature_from_token(MANAGE, token_for(MANAGE, signature)).pk == signature.pk
    assert submission_from_token(CONFIRM, token_for(MANAGE, submission)) is None
    assert submission_from_token(CONFIRM, token_for(CONFIRM, submission)).pk == submission.pk


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
            assert received == []
    finally:
        signature_confirmed.disconnect(listener)
    assert received == [signature.pk]


@pytest.mark.requirement("A8")
def test_a_recount_corrects_and_reports_wrong_tallies(person_type, caplog) -> None:
    sign_as(person_type, person())
    assert total(person_type.pledge) == 1
    assert recount_all() == 0
    get_signature_model()._default_manager.update(confirmed_at=timezone.now() - dt.timedelta(days=2))
    Tally.objects.update(day=person_type.pledge.local_day(timezone.now() - dt.timedelta(days=2)), count=41)
    Tally.objects.create(pledge=person_type.pledge, day=dt.date(2020, 1, 1), kind="individual", country="XX", count=9)
    assert recount_all() == 2
    assert "corrected 2 wrong tallies" in caplog.text
    assert total(person_type.pledge) == 1


@pytest.mark.requirement("A8")
def test_a_recount_does_not_report_what_the_next_refresh_would_count(person_type, caplog, monkeypatch) -> None:
    """Somebody has confirmed since the last refresh; somebody withdraws an old signature while the recount runs."""
    old = sign_as(person_type, person())
    get_signature_model()._default_manager.update(confirmed_at=timezone.now() - dt.timedelta(days=30))
    recount_all()
    caplog.clear()
    old.refresh_from_db()
    sign_as(person_type, person("new@example.org"))
    count_all = tallies._count_all

    def withdrawn_meanwhile() -> dict[tallies.Bucket, int]:
        withdraw(old, epoch=1)
        return count_all()

    monkeypatch.setattr(tallies, "_count_all", withdrawn_meanwhile)
    assert recount_all() == 0
    assert not caplog.records
    assert total(person_type.pledge) == counts_for(person_type.pledge).total == 1


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
    get_signature_model()._default_manager.update(confirmed_at=timezone.now() - dt.timedelta(days=30))
    recount_all()
    assert counts_for(person_type.pledge).total == 1
    signature.refresh_from_db()
    withdraw(signature, epoch=1)
    assert total(person_type.pledge) == 0


@pytest.mark.requirement("CP1")
@pytest.mark.parametrize(("zone", "day"), [("", 2), ("America/New_York", 1), ("Asia/Tokyo", 2)])
def test_a_day_of_the_counts_is_that_of_the_pledges_time_zone(person_type, zone: str, day: int) -> None:
    Pledge.objects.update(time_zone=zone)
    sign_as(person_type, person())
    moment = dt.datetime(2026, 3, 2, 3, tzinfo=dt.UTC)
    get_signature_model()._default_manager.update(confirmed_at=moment)
    recount_all()
    assert Tally.objects.get().day == dt.date(2026, 3, day)
    signature = get_signature_model()._default_manager.select_related("pledge").get()
    withdraw(signature, epoch=1)
    assert total(person_type.pledge) == 0
    assert not Tally.objects.exists()


@pytest.mark.requirement("E16")
def test_the_leaf_of_an_event_stays_when_its_nonce_is_erased(person_type) -> None:
    sign_as(person_type, person())
    event = SignatureEvent.objects.get()
    assert len(bytes(event.leaf)) == 32
    assert event.leaf_index is None
    leaf = bytes(event.leaf)
    SignatureEvent._base_manager.filter(pk=event.pk).update(nonce=None, reason="")
    assert bytes(SignatureEvent.objects.get().leaf) == leaf


def test_leaves_are_numbered_without_reading_the_numbered_ones(person_type) -> None:
    """Of a campaign with a million events, only the newest number is read."""
    other = create_pledge("Other").signer_types.get()
    for number in range(3):
        sign_as(person_type, person(f"p{number}@example.org"))
    assert [number_leaves(), number_leaves()] == [3, 0]
    for signer_type in (other, person_type, person_type):
        sign_as(signer_type, person(f"q{SignatureEvent.objects.count()}@example.org"))
    with CaptureQueriesContext(connection) as queries:
        assert number_leaves() == 3
    assert "LIMIT 1" in next(each["sql"] for each in queries if "COALESCE" in each["sql"])
    assert not any("MAX(" in each["sql"] for each in queries)
    numbers = SignatureEvent.objects.order_by("pk").values_list("pledge", "leaf_index")
    mine = [(person_type.pledge_id, index) for index in range(5)]
    assert list(numbers) == [*mine[:3], (other.pledge_id, 0), *mine[3:]]
