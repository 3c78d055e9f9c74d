"""Surges, manual and automatic: holding without proof of work, low mail priority, release."""

from __future__ import annotations

import datetime as dt
import logging
import threading
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.db import connections
from django.utils import timezone

from tests.signing.conftest import person, submission_of, submit_as
from wagtail_pledge.core.db import database_now
from wagtail_pledge.signing.enums import MailQueue, Review
from wagtail_pledge.signing.models import (
    LimitBucket,
    Pledge,
    SignerType,
    SpentChallenge,
    Submission,
)
from wagtail_pledge.signing.services import confirm
from wagtail_pledge.signing.services.bulk_review import ReviewRule, release
from wagtail_pledge.signing.services.pledges import create_pledge
from wagtail_pledge.signing.services.switches import current_surges, set_surge, surge_start_times
from wagtail_pledge.signing.worker.mail import send_due
from wagtail_pledge.signing.worker.queue import lease
from wagtail_pledge.signing.worker.rate_limits import ALL_KEY, PASSED_KEY, start_of_hour
from wagtail_pledge.signing.worker.screening import screen
from wagtail_pledge.signing.worker.surge import delete_expired_challenges, update_surges

HOUR = dt.timedelta(hours=1)
#: The same time for buckets and worker, so that no test crosses the end of an hour.
NOW = timezone.now()
NET = b"\x01" * 8


@pytest.fixture(autouse=True)
def _one_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wagtail_pledge.signing.worker.surge.database_now", lambda: NOW)


def proof() -> str:
    """Return a note of an unused challenge."""
    return f"p:{uuid4().hex}:{int(timezone.now().timestamp()) + 600}"


def sign_with(signer_type: SignerType, address: str, *notes: str, network: bytes | None = NET) -> Any:
    return submit_as(signer_type, person(email=address), notes=notes, network_key=network)


def screen_due() -> None:
    """Screen what is due, as the worker does before it sends mail."""
    while submissions := lease(Submission):
        screen(submissions, database_now())
        Submission.objects.filter(pk__in=[one.pk for one in submissions]).update(queue=MailQueue.NO_MAIL)


def review(signature: Any) -> str:
    signature.refresh_from_db()
    return str(signature.review)


def reasons() -> list[str]:
    held = Submission.objects.exclude(review_reason="").order_by("created_at")
    return list(held.values_list("review_reason", flat=True))


@pytest.mark.requirement("SG7")
def test_a_manual_surge_holds_signatures_without_proof(person_type: SignerType) -> None:
    set_surge(on=True, pledge=person_type.pledge)
    bare = sign_with(person_type, "bare@example.org")
    proven = sign_with(person_type, "proven@example.org", proof())
    screen_due()
    assert (review(bare), review(proven)) == (Review.NEEDS_REVIEW, Review.OK)
    assert reasons() == ["surge"]
    set_surge(on=False, pledge=person_type.pledge)
    after = sign_with(person_type, "after@example.org")
    screen_due()
    assert review(after) == Review.OK


@pytest.mark.requirement("SG7")
def test_a_surge_applies_to_one_pledge_or_all(person_type: SignerType) -> None:
    other = create_pledge("Another").signer_types.get(kind="individual")
    set_surge(on=True, pledge=person_type.pledge)
    assert set(surge_start_times({person_type.pledge_id, other.pledge_id})) == {person_type.pledge_id}
    elsewhere = sign_with(other, "one@example.org")
    screen_due()
    assert review(elsewhere) == Review.OK
    set_surge(on=True)
    there = sign_with(other, "two@example.org")
    screen_due()
    assert review(there) == Review.NEEDS_REVIEW


@pytest.mark.requirement("SG7")
def test_signatures_from_before_a_surge_are_not_held(person_type: SignerType) -> None:
    before = sign_with(person_type, "before@example.org")
    set_surge(on=True)
    screen_due()
    assert review(before) == Review.OK


@pytest.mark.requirement("SG7")
def test_a_proof_does_not_lift_the_network_limit(person_type: SignerType, settings: Any) -> None:
    settings.WAGTAIL_PLEDGE_NETWORK_PER_HOUR = 1
    set_surge(on=True)
    for number in range(3):
        sign_with(person_type, f"p{number}@example.org", proof())
    screen_due()
    assert reasons() == ["network_hour", "network_hour"]


@pytest.mark.requirement("SG7")
@pytest.mark.parametrize("batches", [1, 2])
def test_a_challenge_is_accepted_once(person_type: SignerType, batches: int) -> None:
    set_surge(on=True)
    note = proof()
    first = sign_with(person_type, "first@example.org", note)
    if batches == 2:
        screen_due()
    second = sign_with(person_type, "second@example.org", note)
    screen_due()
    assert (review(first), review(second)) == (Review.OK, Review.NEEDS_REVIEW)
    assert SpentChallenge.objects.get().challenge == note.split(":")[1]


@pytest.mark.requirement("SG7")
def test_a_challenge_is_used_up_outside_a_surge_too(person_type: SignerType) -> None:
    note = proof()
    sign_with(person_type, "first@example.org", note)
    screen_due()
    set_surge(on=True)
    second = sign_with(person_type, "second@example.org", note)
    screen_due()
    assert review(second) == Review.NEEDS_REVIEW


@pytest.mark.requirement("SG7", "E1")
def test_a_challenge_moves_with_the_form_when_the_address_is_corrected(person_type: SignerType) -> None:
    set_surge(on=True)
    note = proof()
    first = sign_with(person_type, "ana@example.org", note)
    screen_due()
    moved = sign_with(person_type, "eva@example.org", note)
    Submission.objects.filter(pk=moved.pk).update(moves=1, moved_from=first.pk)
    other = sign_with(person_type, "bea@example.org", note)
    Submission.objects.filter(pk=other.pk).update(moves=1, moved_from=uuid4())
    screen_due()
    assert [review(one) for one in (first, moved, other)] == [Review.OK, Review.OK, Review.NEEDS_REVIEW]


@pytest.mark.requirement("SG7")
def test_used_challenges_are_kept_until_they_expire(db: None) -> None:
    now = database_now()
    SpentChallenge.objects.create(challenge="old", until=now - HOUR, submission=uuid4())
    SpentChallenge.objects.create(challenge="new", until=now + HOUR, submission=uuid4())
    assert delete_expired_challenges() == 1
    assert SpentChallenge.objects.get().challenge == "new"


@pytest.mark.requirement("SG7")
def test_mail_for_signatures_held_by_a_surge_is_sent_last(person_type: SignerType) -> None:
    set_surge(on=True)
    sign_with(person_type, "bare@example.org")
    sign_with(person_type, "proven@example.org", proof())
    assert send_due() == 1
    assert [email.to for email in mail.outbox] == [["proven@example.org"]]
    slow = Submission.objects.get(mailed_at=None)
    assert (slow.queue, slow.lease_token, slow.lease_until) == (MailQueue.SURGE, None, None)
    assert slow.due_at > database_now() + dt.timedelta(minutes=14)
    assert send_due() == 0
    Submission.objects.filter(pk=slow.pk).update(due_at=database_now())
    assert send_due() == 1
    assert mail.outbox[-1].to == ["bare@example.org"]


@pytest.mark.requirement("SG7", "C1")
def test_signatures_held_by_a_surge_are_released_in_one_action(person_type: SignerType) -> None:
    set_surge(on=True)
    held = [sign_with(person_type, f"p{number}@example.org") for number in range(3)]
    screen_due()
    assert {review(signature) for signature in held} == {Review.NEEDS_REVIEW}
    signatures = [confirm(submission_of(submission.pk)).signature for submission in held]
    assert release(person_type.pledge, ReviewRule(held_for=("surge",)), actor=None) == 3
    assert {review(signature) for signature in signatures} == {Review.OK}


def bucket(pledge: Pledge, key: bytes, hours_ago: int, count: int) -> None:
    hour = start_of_hour(NOW) - hours_ago * HOUR
    LimitBucket.objects.update_or_create(pledge=pledge, network_key=key, hour=hour, defaults={"count": count})


def average(pledge: Pledge, count: int) -> None:
    for hours_ago in range(2, 26):
        bucket(pledge, PASSED_KEY, hours_ago, count)


@pytest.fixture
def _automatic_surge_holds(settings: Any) -> None:
    settings.WAGTAIL_PLEDGE_SURGE_HOLDS = True


@pytest.mark.requirement("SG7")
@pytest.mark.usefixtures("_automatic_surge_holds")
@pytest.mark.parametrize(
    ("count", "before", "begins"), [(100, 0, False), (101, 0, True), (600, 100, False), (601, 100, True)]
)
@pytest.mark.parametrize("hours_ago", [0, 1])
def test_a_surge_starts_above_the_minimum_and_six_times_the_average(
    pledge: Pledge, count: int, before: int, begins: bool, hours_ago: int
) -> None:
    average(pledge, before)
    bucket(pledge, ALL_KEY, hours_ago, count)
    assert update_surges() == int(begins)
    assert bool(surge_start_times({pledge.pk})) is begins


@pytest.mark.requirement("SG7")
@pytest.mark.usefixtures("_automatic_surge_holds")
def test_held_signatures_are_not_part_of_the_average(pledge: Pledge) -> None:
    average(pledge, 1)
    for hours_ago in range(26):
        bucket(pledge, ALL_KEY, hours_ago, 500)
    assert update_surges() == 1


@pytest.mark.requirement("SG7")
def test_an_automatic_surge_is_logged_once_and_ends_automatically(
    pledge: Pledge, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.WAGTAIL_PLEDGE_SURGE_HOLDS = True
    caplog.set_level(logging.WARNING, logger="wagtail_pledge")
    bucket(pledge, ALL_KEY, 0, 150)
    assert (update_surges(), update_surges()) == (1, 0)
    assert set(surge_start_times({pledge.pk})) == {pledge.pk}
    bucket(pledge, ALL_KEY, 0, 20)
    bucket(pledge, ALL_KEY, 2, 150)
    assert (update_surges(), update_surges()) == (1, 0)
    assert surge_start_times({pledge.pk}) == {}
    assert [record.getMessage() for record in caplog.records] == [
        f"surge of pledge {pledge.pk}: 150 signatures in an hour, usually 0; signatures without proof of work are held",
        f"the surge of pledge {pledge.pk} is over",
    ]


@pytest.mark.requirement("SG7")
@pytest.mark.parametrize(
    ("holds", "altcha", "acts"),
    [(None, False, False), (None, True, True), (True, False, True), (False, True, False)],
)
def test_an_automatic_surge_holds_with_proof_of_work_or_if_the_site_requires_it(
    pledge: Pledge, settings: Any, holds: bool | None, altcha: bool, acts: bool
) -> None:
    settings.WAGTAIL_PLEDGE_SURGE_HOLDS = holds
    settings.WAGTAIL_PLEDGE_ALTCHA = altcha
    bucket(pledge, ALL_KEY, 0, 150)
    assert update_surges() == 1
    assert bool(surge_start_times({pledge.pk})) is acts
    (noticed,) = current_surges(Pledge.objects.all())
    assert (noticed.pledge, noticed.holds) == (pledge, acts)


@pytest.mark.requirement("SG7")
def test_a_manual_surge_does_not_end_automatically(pledge: Pledge) -> None:
    set_surge(on=True, pledge=pledge)
    assert update_surges() == 0
    assert set(surge_start_times({pledge.pk})) == {pledge.pk}


@pytest.mark.requirement("SG7")
def test_a_flood_starts_an_automatic_surge(person_type: SignerType, settings: Any) -> None:
    settings.WAGTAIL_PLEDGE_SURGE_HOLDS = True
    settings.WAGTAIL_PLEDGE_SURGE_PER_HOUR = 20
    for number in range(21):
        sign_with(person_type, f"p{number}@example.org", network=number.to_bytes(4, "big") * 2)
    screen_due()
    assert update_surges() == 1
    late = sign_with(person_type, "late@example.org", network=b"\x63" * 8)
    screen_due()
    assert review(late) == Review.NEEDS_REVIEW
    assert reasons() == ["surge"]


@pytest.mark.requirement("SG7", "C12")
@pytest.mark.parametrize("proven", [False, True])
def test_screening_in_a_surge_takes_few_queries(
    person_type: SignerType, django_assert_max_num_queries: Any, proven: bool
) -> None:
    set_surge(on=True)
    for number in range(20):
        notes = [proof()] if proven else []
        sign_with(person_type, f"p{number}@example.org", *notes, network=number.to_bytes(4, "big") * 2)
    submissions, now = lease(Submission), database_now()
    # One per proof: the unique constraint decides. Each one that has to wait is postponed alone
    with django_assert_max_num_queries(36 if proven else 38):
        screen(submissions, now)


@pytest.mark.postgres
@pytest.mark.requirement("SG7", "A6")
@pytest.mark.django_db(transaction=True)
def test_concurrent_workers_accept_a_challenge_once(person_type: SignerType) -> None:
    set_surge(on=True)
    for _round in range(5):
        note, addresses = proof(), [f"{uuid4().hex}@example.org" for _ in range(4)]
        made = [sign_with(person_type, address, note) for address in addresses]
        batches = [[submission] for submission in lease(Submission)]
        together = threading.Barrier(len(batches))

        def work(batch: list[Submission], together: threading.Barrier = together) -> None:
            try:
                together.wait(10)
                screen(batch, database_now())
            finally:
                connections.close_all()

        threads = [threading.Thread(target=work, args=[batch]) for batch in batches]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert sorted(review(signature) for signature in made) == ["needs_review", "needs_review", "needs_review", "ok"]
        Submission.objects.update(queue=MailQueue.NO_MAIL)
