"""State transitions of a pledge: which are allowed, their effect on dates, and the log."""

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
from wagtail_pledge.testing.factories import PledgeFactory, SignatureFactory, SubmissionFactory

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
def test_only_the_listed_transitions_are_allowed(before: PledgeState, after: PledgeState) -> None:
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
def test_every_state_except_draft_can_be_reached_again(start: PledgeState) -> None:
    seen, ahead = {start}, {start}
    while ahead:
        ahead = {after for before, after in STEPS if before in ahead} - seen
        seen |= ahead
    assert set(PledgeState) - {DRAFT} <= seen


@pytest.mark.parametrize("factory", [SignatureFactory, SubmissionFactory])
def test_a_signed_pledge_can_not_return_to_draft(factory: Any) -> None:
    pledge = factory.create().pledge
    assert DRAFT not in next_states(pledge, timezone.now())
    with pytest.raises(InvalidTransition):
        change(pledge, DRAFT)


def test_user_time_and_reason_are_logged() -> None:
    actor = get_user_model().objects.create_user(username="ana", password="x")
    pledge = PledgeFactory()
    began = timezone.now()
    change(pledge, CLOSED, actor=actor, reason="The vote is tomorrow.")
    entry = ModelLogEntry.objects.get()
    assert (entry.action, entry.object_id, entry.user) == (CHANGE_STATE, str(pledge.pk), actor)
    assert began - HOUR < entry.timestamp < began + HOUR
    assert entry.data == {"before": "open", "after": "closed", "reason": "The vote is tomorrow."}
    assert entry.message == "Open → Closed: The vote is tomorrow."


def test_two_changes_in_one_request_are_two_log_entries() -> None:
    pledge = PledgeFactory()
    change(pledge, PAUSED)
    change(pledge, OPEN)
    assert len(set(ModelLogEntry.objects.values_list("uuid", flat=True))) == 2


def test_a_concurrent_change_is_not_overwritten() -> None:
    pledge = PledgeFactory()
    change(pledge, PAUSED, expected="open")
    with pytest.raises(InvalidTransition, match="Paused") as refusal:
        change(pledge, CLOSED, expected="open")
    assert refusal.value.code == "changed_meanwhile"
    assert stored(pledge)[0] == PAUSED


def test_closing_manually_keeps_the_day_to_confirm() -> None:
    pledge = change(PledgeFactory(closes_at=timezone.now() + 1000 * HOUR), CLOSED)
    now = timezone.now()
    assert pledge.closes_at is not None
    assert now - HOUR < pledge.closes_at <= now
    assert accepts_confirmations(pledge, now + 23 * HOUR)
    assert not accepts_confirmations(pledge, now + 25 * HOUR)


def test_closing_before_opening_clears_the_dates() -> None:
    pledge = change(PledgeFactory(opens_at=timezone.now() + HOUR, closes_at=timezone.now() + 2 * HOUR), CLOSED)
    assert stored(pledge) == (CLOSED, None)


def test_an_expired_pledge_has_the_transitions_of_a_closed_one() -> None:
    ended = timezone.now() - HOUR
    pledge = PledgeFactory(closes_at=ended)
    assert next_states(pledge, timezone.now()) == [DELIVERED, WON, NOT_WON, OPEN]
    assert stored(change(pledge, DELIVERED)) == (DELIVERED, ended)


@pytest.mark.parametrize("before", [DRAFT, PAUSED, CLOSED])
@pytest.mark.parametrize("ago", [HOUR, 1000 * HOUR])
def test_opening_requires_a_closing_time_in_the_future_or_none(before: PledgeState, ago: dt.timedelta) -> None:
    now = timezone.now()
    pledge = PledgeFactory(state=before, closes_at=now - HOUR)
    with pytest.raises(InvalidTransition) as refusal:
        change(pledge, OPEN, closes_at=now - ago)
    assert refusal.value.code == "closing_time"
    assert stored(pledge) == (before, pledge.closes_at)
    assert is_open(change(pledge, OPEN, closes_at=now + HOUR), now)


def test_opening_rejects_a_closing_time_before_the_opening_time() -> None:
    now = timezone.now()
    pledge = PledgeFactory(state=DRAFT, opens_at=now + 2 * HOUR)
    with pytest.raises(InvalidTransition):
        change(pledge, OPEN, closes_at=now + HOUR)
    assert stored(change(pledge, OPEN))[0] == OPEN
