"""The life of a pledge: which steps there are, what they do to its dates, and what is kept of them."""

from __future__ import annotations

import datetime as dt
from itertools import product
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone
from wagtail.models import ModelLogEntry

from wagtail_pledge.signing.enums import PledgeState
from wagtail_pledge.signing.models import Pledge
from wagtail_pledge.signing.services import (
    CHANGE_STATE,
    InvalidTransition,
    accepts_confirmations,
    change_state,
    is_open,
    next_states,
)
from wagtail_pledge.testing.factories import PledgeFactory, SignatureFactory

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("CP6"), pytest.mark.swappable]

HOUR = dt.timedelta(hours=1)
DRAFT, OPEN, PAUSED, CLOSED, DELIVERED, WON, NOT_WON = PledgeState
STEPS = {
    (DRAFT, OPEN),
    (OPEN, PAUSED),
    (OPEN, CLOSED),
    (OPEN, DRAFT),
    (PAUSED, OPEN),
    (PAUSED, CLOSED),
    (CLOSED, OPEN),
    (CLOSED, DELIVERED),
    (CLOSED, WON),
    (CLOSED, NOT_WON),
    (DELIVERED, CLOSED),
    (DELIVERED, WON),
    (DELIVERED, NOT_WON),
    (WON, CLOSED),
    (WON, DELIVERED),
    (WON, NOT_WON),
    (NOT_WON, CLOSED),
    (NOT_WON, DELIVERED),
    (NOT_WON, WON),
}


def change(pledge: Pledge, to: PledgeState, **values: Any) -> Pledge:
    return change_state(pledge, to, **{"actor": None, "reason": "Because.", **values})


def stored(pledge: Pledge) -> tuple[str, dt.datetime | None]:
    return Pledge.objects.values_list("state", "closes_at").get(pk=pledge.pk)


@pytest.mark.parametrize(("before", "after"), sorted(product(PledgeState, PledgeState)))
def test_there_are_these_steps_and_no_others(before: PledgeState, after: PledgeState) -> None:
    pledge = PledgeFactory(state=before)
    if (before, after) in STEPS:
        change(pledge, after)
        assert stored(pledge)[0] == after
    else:
        with pytest.raises(InvalidTransition) as refusal:
            change(pledge, after)
        assert refusal.value.code == "no_such_step"
        assert stored(pledge)[0] == before
        assert not ModelLogEntry.objects.exists()


@pytest.mark.parametrize("start", PledgeState)
def test_every_step_can_be_taken_back(start: PledgeState) -> None:
    seen, ahead = {start}, {start}
    while ahead:
        ahead = {after for before, after in STEPS if before in ahead} - seen
        seen |= ahead
    assert set(PledgeState) - {DRAFT} <= seen


def test_one_that_somebody_has_signed_is_no_draft_again() -> None:
    pledge = SignatureFactory(state="pending").pledge
    assert DRAFT not in next_states(pledge, timezone.now())
    with pytest.raises(InvalidTransition):
        change(pledge, DRAFT)


def test_who_when_and_why_are_kept() -> None:
    actor = get_user_model().objects.create_user(username="ana", password="x")
    pledge = PledgeFactory()
    began = timezone.now()
    change(pledge, CLOSED, actor=actor, reason="The vote is tomorrow.")
    entry = ModelLogEntry.objects.get()
    assert (entry.action, entry.object_id, entry.user) == (CHANGE_STATE, str(pledge.pk), actor)
    assert began - HOUR < entry.timestamp < began + HOUR
    assert entry.data == {"before": "open", "after": "closed", "reason": "The vote is tomorrow."}
    assert entry.message == "Open → Closed: The vote is tomorrow."


def test_two_changes_in_one_request_are_two_entries() -> None:
    pledge = PledgeFactory()
    change(pledge, PAUSED)
    change(pledge, OPEN)
    assert len(set(ModelLogEntry.objects.values_list("uuid", flat=True))) == 2


def test_what_somebody_else_changed_meanwhile_is_not_overwritten() -> None:
    pledge = PledgeFactory()
    change(pledge, PAUSED, expected="open")
    with pytest.raises(InvalidTransition, match="Paused") as refusal:
        change(pledge, CLOSED, expected="open")
    assert refusal.value.code == "changed_meanwhile"
    assert stored(pledge)[0] == PAUSED


def test_closing_by_hand_leaves_the_grace_for_whoever_signed_in_time() -> None:
    pledge = change(PledgeFactory(closes_at=timezone.now() + 1000 * HOUR), CLOSED)
    now = timezone.now()
    assert pledge.closes_at is not None
    assert now - HOUR < pledge.closes_at <= now
    assert accepts_confirmations(pledge, now + 23 * HOUR)
    assert not accepts_confirmations(pledge, now + 25 * HOUR)


def test_closing_what_never_opened_leaves_dates_that_the_database_takes() -> None:
    pledge = change(PledgeFactory(opens_at=timezone.now() + HOUR, closes_at=timezone.now() + 2 * HOUR), CLOSED)
    assert stored(pledge) == (CLOSED, None)


def test_one_that_its_closing_time_has_closed_goes_on_as_a_closed_one() -> None:
    ended = timezone.now() - HOUR
    pledge = PledgeFactory(closes_at=ended)
    assert next_states(pledge, timezone.now()) == [DELIVERED, WON, NOT_WON, OPEN]
    assert stored(change(pledge, DELIVERED)) == (DELIVERED, ended)


@pytest.mark.parametrize("before", [DRAFT, PAUSED, CLOSED])
def test_opening_takes_a_closing_time_ahead_or_none(before: PledgeState) -> None:
    now = timezone.now()
    pledge = PledgeFactory(state=before, closes_at=now - HOUR)
    for past in (now - HOUR, now - 1000 * HOUR):
        with pytest.raises(InvalidTransition) as refusal:
            change(pledge, OPEN, closes_at=past)
        assert refusal.value.code == "closing_time"
    assert stored(pledge) == (before, pledge.closes_at)
    assert is_open(change(pledge, OPEN, closes_at=now + HOUR), now)


def test_opening_refuses_a_closing_time_before_the_opening_time() -> None:
    now = timezone.now()
    pledge = PledgeFactory(state=DRAFT, opens_at=now + 2 * HOUR)
    with pytest.raises(InvalidTransition):
        change(pledge, OPEN, closes_at=now + HOUR)
    assert stored(change(pledge, OPEN))[0] == OPEN
