"""The number: read from tallies, never counted while a page renders."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from django.db.models import Subquery, Sum
from django.db.models.functions import Now

from wagtail_pledge.core.db import database_now
from wagtail_pledge.signing.enums import Approval
from wagtail_pledge.signing.goals import ladder, shown_goal
from wagtail_pledge.signing.kinds import kinds
from wagtail_pledge.signing.models import Pledge, Tally, WorkLease

TALLIES = "tallies"


@dataclass(frozen=True, slots=True, kw_only=True)
class PledgeCounts:
    """Counted signatures of one pledge; ``as_of`` is when the tallies were last refreshed."""

    total: int
    kinds: Mapping[str, int]
    goal: int | None
    as_of: dt.datetime


def counts_for(pledge: Pledge) -> PledgeCounts:
    """Return the pledge's counts in one query, whatever its size."""
    refreshed = Subquery(WorkLease.objects.filter(name=TALLIES).values("done_at")[:1])
    # From the pledge, not its tallies: one row comes back even where nothing is counted, and brings the clock
    parts = Pledge.objects.filter(pk=pledge.pk).values("tallies__kind").annotate(n=Sum("tallies__count"))
    rows = list(parts.annotate(done_at=refreshed, db_now=Now()).order_by("tallies__kind"))
    kinds = {row["tallies__kind"]: row["n"] for row in rows if row["tallies__kind"] is not None}
    as_of = (rows[0]["done_at"] if kinds else None) or (rows[0]["db_now"] if rows else database_now())
    return PledgeCounts(total=sum(kinds.values()), kinds=kinds, goal=pledge.goal, as_of=as_of)


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalStep:
    """One step of a ladder; at most one is the next."""

    number: int
    is_reached: bool
    is_next: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Total, goal and parts of one pledge. ``step`` is what to reach next, ``steps`` the ladder, if there is one."""

    total: int
    goal: int | None
    step: int | None
    kinds: tuple[dict[str, Any], ...]
    as_of: dt.datetime
    show: bool = True
    steps: tuple[GoalStep, ...] = ()


def progress_from(pledge: Pledge, counts: PledgeCounts) -> Progress:
    """Return what templates need; kinds that nobody registers any more keep their slug as label."""
    known = kinds()
    parts = tuple(
        {"kind": slug, "label": known[slug].counted(n) if slug in known else slug, "count": n}
        for slug, n in counts.kinds.items()
        if n
    )
    total, goal = counts.total, counts.goal
    step = shown_goal(total, goal, pledge.goal_steps)
    steps = tuple(
        GoalStep(number=number, is_reached=number <= total, is_next=number == step)
        for number in ladder(total, goal, pledge.goal_steps)
    )
    return Progress(
        total=total, goal=goal, step=step, kinds=parts, as_of=counts.as_of, show=pledge.shows(total), steps=steps
    )


def progress_of(pledge: Pledge) -> Progress:
    """Return the progress of ``pledge``; one query."""
    return progress_from(pledge, counts_for(pledge))


def progress_for_signer(signature: Any) -> Progress:
    """Return the progress as who has just confirmed expects it: with the own name, which the worker counts in a few
    seconds. Whatever the verdict: the page must not tell it. One query.
    """
    counts = counts_for(signature.pledge)
    is_uncounted = not counts.kinds or signature.confirmed_at > counts.as_of
    if is_uncounted and signature.approval != Approval.WAITING:
        own = {signature.kind: counts.kinds.get(signature.kind, 0) + 1}
        counts = replace(counts, total=counts.total + 1, kinds={**counts.kinds, **own})
    return progress_from(signature.pledge, counts)


#: Groups under this are not broken out.
SMALLEST_GROUP: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Counted signatures confirmed from ``first`` to ``last``, both included (UTC)."""

    first: dt.date
    last: dt.date
    count: int


def countries_of(pledge: Pledge) -> dict[str, int]:
    """Return the counted signatures by ISO code, largest first, without the groups that are too small; one query."""
    rows = Tally.objects.filter(pledge=pledge).exclude(country="").values_list("country")
    return dict(rows.annotate(n=Sum("count")).filter(n__gte=SMALLEST_GROUP).order_by("-n", "country"))


def days_of(pledge: Pledge) -> list[Period]:
    """Return the counted signatures by day, days with few together with those after them; one query."""
    rows = Tally.objects.filter(pledge=pledge, count__gt=0).values_list("day")
    return list(_periods(rows.annotate(n=Sum("count")).order_by("day")))


def _periods(rows: Iterable[tuple[dt.date, int]]) -> Iterator[Period]:
    """Yield a period as soon as it is large enough; what is left at the end waits for more."""
    first, waiting = None, 0
    for day, count in rows:
        first, waiting = first or day, waiting + count
        if waiting >= SMALLEST_GROUP:
            yield Period(first=first, last=day, count=waiting)
            first, waiting = None, 0
