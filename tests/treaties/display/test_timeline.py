"""The line of parties says on every day what the status says."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.treaties import treaty_data as have
from wagtail_pledge.treaties.display.timeline import party_steps, timeline
from wagtail_pledge.treaties.enums import CONSENTS, Act, ParticipantStatus, StateKind
from wagtail_pledge.treaties.models import State, Treaty
from wagtail_pledge.treaties.status import DatedAct, StatusSnapshot, status_as_of, status_from, status_snapshot

DAY = dt.date(2026, 2, 3)
TREATY = Treaty(key="t", adopted_on=dt.date(1990, 1, 1), as_of=DAY)
_DAYS = st.dates(dt.date(1990, 1, 1), DAY)


@st.composite
def _acts(draw: st.DrawFn) -> list[DatedAct]:
    kinds = draw(st.lists(st.sampled_from(list(Act)), max_size=5))
    acts = []
    for kind in kinds:
        is_undated = kind in {Act.WITHDRAWAL, Act.WITHDRAWAL_OF_SIGNATURE} and draw(st.booleans())
        date = None if is_undated else draw(_DAYS)
        late = kind == Act.WITHDRAWAL and date is not None and draw(st.booleans())
        acts.append(DatedAct(kind=kind, date=date, effect=date + dt.timedelta(days=365) if late and date else None))
    return acts


@st.composite
def _history(draw: st.DrawFn) -> list[tuple[State, list[DatedAct]]]:
    count = draw(st.integers(0, 5))
    kinds = [draw(st.sampled_from(StateKind)) for _ in range(count)]
    ends = [draw(st.none() | _DAYS) if kind == StateKind.FORMER_STATE else None for kind in kinds]
    states = [State(pk=n, key=f"S{n}", name=f"S{n}", kind=kinds[n], ended_on=ends[n]) for n in range(count)]
    return [(state, draw(_acts())) for state in states]


def _until(history: list[tuple[State, list[DatedAct]]], day: dt.date) -> list[tuple[State, list[DatedAct]]]:
    return [(state, [act for act in acts if act.date is None or act.date <= day]) for state, acts in history]


@pytest.mark.requirement("TR2")
@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(history=_history(), day=_DAYS)
def test_line_and_status_agree_on_every_day(history: list[tuple[State, list[DatedAct]]], day: dt.date) -> None:
    steps = party_steps(_until(history, DAY), DAY, DAY, counts_organizations=True)
    counted = next((step.parties for step in reversed(steps) if step.day <= day), 0)
    assert counted == status_from(TREATY, day, DAY, _until(history, day)).parties


@pytest.mark.requirement("TR2")
@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(history=_history(), day=_DAYS)
def test_no_number_is_negative_and_nobody_is_counted_twice(
    history: list[tuple[State, list[DatedAct]]], day: dt.date
) -> None:
    status = status_from(TREATY, day, DAY, _until(history, day))
    counts = (status.parties, status.signed_only, status.former_parties, status.unknown, status.neither)
    assert min(counts) >= 0
    assert sum(counts) == len(status.states)
    assert status.signed_only <= status.signatories
    assert status.organizations <= status.parties


@pytest.mark.requirement("TR2")
@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(history=_history(), days=st.tuples(_DAYS, _DAYS))
def test_without_withdrawals_parties_only_grow(
    history: list[tuple[State, list[DatedAct]]], days: tuple[dt.date, dt.date]
) -> None:
    leaving = {Act.WITHDRAWAL, Act.WITHDRAWAL_OF_SIGNATURE}
    staying = [
        (state, [act for act in acts if act.kind not in leaving])
        for state, acts in history
        if state.kind != StateKind.FORMER_STATE
    ]
    first, second = (status_from(TREATY, day, DAY, _until(staying, day)).parties for day in sorted(days))
    assert first <= second


@pytest.mark.django_db
@pytest.mark.requirement("TR2", "TR4")
def test_each_day_of_the_conventions_history_recounts() -> None:
    treaty = have.cmw()
    rows = have.table(have.content())
    seen = status_snapshot(treaty)
    steps = party_steps(seen.acts_of, DAY, DAY, counts_organizations=True)
    for day in sorted({dt.date.fromisoformat(row["action_date"]) for row in rows if row["action_date"]}):
        joined = sum(bool(row["action_date"]) and row["action_date"] <= day.isoformat() for row in rows)
        assert next(step.parties for step in reversed(steps) if step.day <= day) == joined
        assert status_as_of(treaty, day).parties == joined
    assert steps[-1].parties == 60


def _drawn(day: dt.date = DAY) -> tuple[Treaty, StatusSnapshot]:
    treaty = have.cmw()
    return treaty, status_snapshot(treaty, day)


@pytest.mark.django_db
@pytest.mark.requirement("TR4")
def test_the_list_tells_every_act_and_both_milestones() -> None:
    treaty, seen = _drawn()
    drawn = timeline(treaty, seen.acts_of, DAY, DAY)
    assert drawn
    events = [event for decade in drawn.decades for event in decade.events]
    assert len(events) == 60 + 40 + 2
    milestones = [str(event.what) for event in events if event.is_milestone]
    assert milestones == ["Adopted", "Entry into force"]
    assert [decade.label for decade in drawn.decades] == ["1990s", "2000s", "2010s", "2020s"]
    assert [event.day.iso for event in events] == sorted(event.day.iso for event in events)
    montenegro = [str(event.what) for event in events if event.who == "Montenegro"]
    assert montenegro == ["succession to signature"]
    assert drawn.in_force
    assert drawn.path.startswith("M0 1000H")
    assert drawn.parties == 60


@pytest.mark.django_db
def test_before_anything_happened_there_is_nothing_to_draw() -> None:
    treaty, seen = _drawn(dt.date(1990, 12, 18))
    assert timeline(treaty, seen.acts_of, dt.date(1990, 12, 18), DAY) is None


@pytest.mark.django_db
def test_a_past_day_knows_nothing_of_what_came_later() -> None:
    day = dt.date(2000, 1, 1)
    treaty, seen = _drawn(day)
    drawn = timeline(treaty, seen.acts_of, day, DAY)
    assert drawn
    assert drawn.in_force is None
    assert drawn.parties == seen.status.parties == sum(s.status == ParticipantStatus.PARTY for s in seen.status.states)
    assert all(act.kind in CONSENTS or act.date for _state, acts in seen.acts_of for act in acts)
