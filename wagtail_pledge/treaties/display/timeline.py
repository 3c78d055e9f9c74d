"""How a treaty grew: a step line, and the same as a list."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_pledge.treaties.enums import CONSENTS, SIGNATURES, Act, Standing
from wagtail_pledge.treaties.models import State, Treaty
from wagtail_pledge.treaties.states import display_name
from wagtail_pledge.treaties.status import DatedAct, has_ended, state_status
from wagtail_pledge.treaties.words import DayInWords, day_in_words, label_in_words

ActsOf = Sequence[tuple[State, Sequence[DatedAct]]]
#: The line's own units; the picture stretches them.
SCALE: Final = 1000
_NICE: Final = (5, 10, 20, 50, 100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """From ``day`` on there are ``parties`` parties."""

    day: dt.date
    parties: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of the list."""

    day: DayInWords
    who: str
    what: Any
    is_milestone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Decade:
    """The events of ten years."""

    label: str
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A line of the grid: ``at`` counts percent from the left or from the top; ``is_minor`` may go on a phone."""

    at: float
    label: str
    is_minor: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """``path`` and ``area`` are drawn in a square of :data:`SCALE` units. ``in_force`` is ``None`` before that day."""

    path: str
    area: str
    years: tuple[Mark, ...]
    counts: tuple[Mark, ...]
    in_force: Mark | None
    in_force_on: DayInWords | None
    parties: int
    decades: tuple[Decade, ...]


def party_steps(acts_of: ActsOf, day: dt.date, data_as_of: dt.date, *, counts_organizations: bool) -> list[Step]:
    """Return the number of parties after each change up to ``day``: on every day the same as the status says."""
    changes: dict[dt.date, int] = {}
    for state, acts in acts_of:
        if counts_organizations or not state.is_organization:
            for changed, difference in _changes(state, acts, day, data_as_of):
                changes[changed] = changes.get(changed, 0) + difference
    days = sorted(changed for changed, difference in changes.items() if difference)
    counts = accumulate(changes[changed] for changed in days)
    return [Step(day=changed, parties=parties) for changed, parties in zip(days, counts, strict=True)]


def _changes(
    state: State, acts: Sequence[DatedAct], day: dt.date, data_as_of: dt.date
) -> Iterator[tuple[dt.date, int]]:
    was_party = False
    for turn in sorted(_turns(state, acts, day, data_as_of)):
        known = [act for act in acts if act.date is None or act.date <= turn]
        status = state_status(state, known, turn, data_as_of).status
        is_party = status == Standing.PARTY and not has_ended(state, turn)
        if is_party != was_party:
            yield turn, 1 if is_party else -1
        was_party = is_party


def _turns(state: State, acts: Iterable[DatedAct], day: dt.date, data_as_of: dt.date) -> set[dt.date]:
    """Return the days on which a State's status may change; the source's own is one, where something has no date."""
    days = {act.date for act in acts} | {act.effect for act in acts if act.kind == Act.WITHDRAWAL}
    if None in days:
        days.add(data_as_of)
    return {turn for turn in {*days, state.ended_on} if turn is not None and turn <= day}


def timeline(treaty: Treaty, acts_of: ActsOf, day: dt.date, data_as_of: dt.date) -> Timeline | None:
    """Return the line and the list up to ``day``, or ``None`` where nothing has happened by then. No query."""
    steps = party_steps(acts_of, day, data_as_of, counts_organizations=treaty.counts_organizations)
    dates = [act.date for _state, acts in acts_of for act in acts if act.date]
    start = treaty.adopted_on or min(dates, default=None)
    if start is None or start >= day:
        return None
    top = _top(max((step.parties for step in steps), default=0))
    end = min(day, max(data_as_of, start))
    in_force = treaty.in_force_on if treaty.in_force_on and treaty.in_force_on <= end else None
    points = [(_across(step.day, start, end), SCALE - step.parties * SCALE / top) for step in steps if step.day <= end]
    path = f"M0 {SCALE}" + "".join(f"H{x:.0f}V{y:.0f}" for x, y in points) + f"H{SCALE}"
    return Timeline(
        path=path,
        area=f"{path}V{SCALE}H0z",
        years=tuple(_years(start, end)),
        counts=tuple(_counts(top)),
        in_force=Mark(at=_across(in_force, start, end) * 100 / SCALE, label=str(in_force.year)) if in_force else None,
        in_force_on=day_in_words(in_force),
        parties=steps[-1].parties if steps else 0,
        decades=tuple(_decades(treaty, acts_of, day)),
    )


def _across(day: dt.date, start: dt.date, end: dt.date) -> float:
    return max(0.0, (day - start).days * SCALE / max(1, (end - start).days))


def _top(most: int) -> int:
    """Return a round number that the line stays under: a multiple of the grid's step."""
    step = next((step for step in _NICE if most < step * 4), _NICE[-1])
    return step * (most // step + 1)


def _counts(top: int) -> Iterator[Mark]:
    step = next((step for step in _NICE if top <= step * 4), _NICE[-1])
    for count in range(0, top, step):
        yield Mark(at=100 - count * 100 / top, label=str(count))


def _years(start: dt.date, end: dt.date) -> Iterator[Mark]:
    step = 5 if end.year - start.year <= 45 else 10
    for year in range(start.year // step * step + step, end.year + 1, step):
        at = _across(dt.date(year, 1, 1), start, end) * 100 / SCALE
        yield Mark(at=round(at, 1), label=str(year), is_minor=year % (step * 2) != 0)


def _decades(treaty: Treaty, acts_of: ActsOf, day: dt.date) -> Iterator[Decade]:
    dated = sorted([*_milestones(treaty, day), *_acts(acts_of, day)], key=lambda entry: (entry[0], entry[1].who))
    for decade, entries in groupby(dated, key=lambda entry: entry[0].year // 10 * 10):
        label = _("%(decade)ss") % {"decade": decade}
        yield Decade(label=label, events=tuple(event for _day, event in entries))


def _milestones(treaty: Treaty, day: dt.date) -> Iterator[tuple[dt.date, Event]]:
    marks = ((treaty.adopted_on, gettext_lazy("Adopted")), (treaty.in_force_on, gettext_lazy("Entry into force")))
    for date, words in marks:
        if date and date <= day:
            yield date, _event(date, "", words, is_milestone=True)


def _acts(acts_of: ActsOf, day: dt.date) -> Iterator[tuple[dt.date, Event]]:
    for state, acts in acts_of:
        name = display_name(key=state.key, iso2=state.iso2, name=state.name)
        for act in acts:
            if act.date and act.date <= day and act.kind in _TOLD:
                yield act.date, _event(act.date, name, label_in_words(act.kind))


#: What the list tells: everything but provisional application, which changes no status.
_TOLD: Final = CONSENTS | SIGNATURES | {Act.WITHDRAWAL, Act.WITHDRAWAL_OF_SIGNATURE}


def _event(day: dt.date, who: str, what: Any, *, is_milestone: bool = False) -> Event:
    words = day_in_words(day)
    assert words is not None  # noqa: S101 - for the type: only an unknown day has no words
    return Event(day=words, who=who, what=what, is_milestone=is_milestone)
