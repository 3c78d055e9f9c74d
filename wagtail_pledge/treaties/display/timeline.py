"""Timeline of a treaty: a step chart of the number of parties, and a list of all events."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_pledge.treaties.enums import CONSENTS, SIGNATURES, Act, ParticipantStatus
from wagtail_pledge.treaties.formatting import FormattedDate, choice_label, formatted_date
from wagtail_pledge.treaties.models import State, Treaty
from wagtail_pledge.treaties.states import display_name
from wagtail_pledge.treaties.status import ActsOf, DatedAct, has_ended, state_status

#: Width and height of the chart in SVG units.
SCALE: Final = 1000
_ROUND_STEPS: Final = (5, 10, 20, 50, 100)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyStep:
    """The number of parties from ``day`` until the next step."""

    day: dt.date
    parties: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEvent:
    """One event in the list: an act of the participant ``who``, or a milestone of the treaty itself."""

    day: FormattedDate
    who: str
    what: Any
    is_milestone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Decade:
    """The events of one decade."""

    label: str
    events: tuple[TimelineEvent, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GridLine:
    """A grid line. ``at`` is in percent from the left or the top. Small screens may hide a line that ``is_minor``."""

    at: float
    label: str
    is_minor: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """The chart and the list. ``path`` and ``area`` are SVG paths in a square of :data:`SCALE` units.

    ``in_force`` is ``None`` if the treaty has not entered into force by the last day of the chart.
    """

    path: str
    area: str
    years: tuple[GridLine, ...]
    counts: tuple[GridLine, ...]
    in_force: GridLine | None
    in_force_on: FormattedDate | None
    parties: int
    decades: tuple[Decade, ...]


def party_steps(acts_of: ActsOf, day: dt.date, data_as_of: dt.date, *, counts_organizations: bool) -> list[PartyStep]:
    """Return the number of parties after each change up to ``day``, equal to ``TreatyStatus.parties`` on every day."""
    changes: dict[dt.date, int] = {}
    for state, acts in acts_of:
        if counts_organizations or not state.is_organization:
            for changed_on, difference in _changes(state, acts, day, data_as_of):
                changes[changed_on] = changes.get(changed_on, 0) + difference
    days = sorted(changed_on for changed_on, difference in changes.items() if difference)
    counts = accumulate(changes[changed_on] for changed_on in days)
    return [PartyStep(day=changed_on, parties=parties) for changed_on, parties in zip(days, counts, strict=True)]


def _changes(
    state: State, acts: Sequence[DatedAct], day: dt.date, data_as_of: dt.date
) -> Iterator[tuple[dt.date, int]]:
    was_party = False
    for changed_on in sorted(_change_days(state, acts, day, data_as_of)):
        acts_so_far = [act for act in acts if act.date is None or act.date <= changed_on]
        status = state_status(state, acts_so_far, changed_on, data_as_of).status
        is_party = status == ParticipantStatus.PARTY and not has_ended(state, changed_on)
        if is_party != was_party:
            yield changed_on, 1 if is_party else -1
        was_party = is_party


def _change_days(state: State, acts: Iterable[DatedAct], day: dt.date, data_as_of: dt.date) -> set[dt.date]:
    """Return the days on which a State's status may change. They include ``data_as_of`` if an act has no date."""
    days = {act.date for act in acts} | {act.effect for act in acts if act.kind == Act.WITHDRAWAL}
    if None in days:
        days.add(data_as_of)
    return {date for date in {*days, state.ended_on} if date is not None and date <= day}


def timeline(treaty: Treaty, acts_of: ActsOf, day: dt.date, data_as_of: dt.date) -> Timeline | None:
    """Return the chart and the list up to ``day``, or ``None`` if they would be empty. No query."""
    steps = party_steps(acts_of, day, data_as_of, counts_organizations=treaty.counts_organizations)
    dates = [act.date for _state, acts in acts_of for act in acts if act.date]
    start = treaty.adopted_on or min(dates, default=None)
    if start is None or start >= day:
        return None
    top = _axis_maximum(max((step.parties for step in steps), default=0))
    end = min(day, max(data_as_of, start))
    in_force = treaty.in_force_on if treaty.in_force_on and treaty.in_force_on <= end else None
    points = [
        (_x_position(step.day, start, end), SCALE - step.parties * SCALE / top) for step in steps if step.day <= end
    ]
    path = f"M0 {SCALE}" + "".join(f"H{x:.0f}V{y:.0f}" for x, y in points) + f"H{SCALE}"
    return Timeline(
        path=path,
        area=f"{path}V{SCALE}H0z",
        years=tuple(_years(start, end)),
        counts=tuple(_counts(top)),
        in_force=GridLine(at=_x_position(in_force, start, end) * 100 / SCALE, label=str(in_force.year))
        if in_force
        else None,
        in_force_on=formatted_date(in_force),
        parties=steps[-1].parties if steps else 0,
        decades=tuple(_decades(treaty, acts_of, day)),
    )


def _x_position(day: dt.date, start: dt.date, end: dt.date) -> float:
    return max(0.0, (day - start).days * SCALE / max(1, (end - start).days))


def _axis_maximum(highest: int) -> int:
    """Return the end of the vertical axis: the first multiple of the grid's step above ``highest``."""
    step = next((step for step in _ROUND_STEPS if highest < step * 4), _ROUND_STEPS[-1])
    return step * (highest // step + 1)


def _counts(top: int) -> Iterator[GridLine]:
    step = next((step for step in _ROUND_STEPS if top <= step * 4), _ROUND_STEPS[-1])
    for count in range(0, top, step):
        yield GridLine(at=100 - count * 100 / top, label=str(count))


def _years(start: dt.date, end: dt.date) -> Iterator[GridLine]:
    step = 5 if end.year - start.year <= 45 else 10
    for year in range(start.year // step * step + step, end.year + 1, step):
        at = _x_position(dt.date(year, 1, 1), start, end) * 100 / SCALE
        yield GridLine(at=round(at, 1), label=str(year), is_minor=year % (step * 2) != 0)


def _decades(treaty: Treaty, acts_of: ActsOf, day: dt.date) -> Iterator[Decade]:
    dated = sorted([*_milestones(treaty, day), *_acts(acts_of, day)], key=lambda entry: (entry[0], entry[1].who))
    for decade, entries in groupby(dated, key=lambda entry: entry[0].year // 10 * 10):
        label = _("%(decade)ss") % {"decade": decade}
        yield Decade(label=label, events=tuple(event for _day, event in entries))


def _milestones(treaty: Treaty, day: dt.date) -> Iterator[tuple[dt.date, TimelineEvent]]:
    milestones = ((treaty.adopted_on, gettext_lazy("Adopted")), (treaty.in_force_on, gettext_lazy("Entry into force")))
    for date, label in milestones:
        if date and date <= day:
            yield date, _event(date, "", label, is_milestone=True)


def _acts(acts_of: ActsOf, day: dt.date) -> Iterator[tuple[dt.date, TimelineEvent]]:
    for state, acts in acts_of:
        name = display_name(key=state.key, iso2=state.iso2, name=state.name)
        for act in acts:
            if act.date and act.date <= day and act.kind in _LISTED_ACTS:
                yield act.date, _event(act.date, name, choice_label(act.kind))


#: Acts in the list: all but provisional application, which changes no status.
_LISTED_ACTS: Final = CONSENTS | SIGNATURES | {Act.WITHDRAWAL, Act.WITHDRAWAL_OF_SIGNATURE}


def _event(day: dt.date, who: str, what: Any, *, is_milestone: bool = False) -> TimelineEvent:
    date = formatted_date(day)
    assert date is not None  # noqa: S101 - for the type: formatted_date returns None only for None
    return TimelineEvent(day=date, who=who, what=what, is_milestone=is_milestone)
