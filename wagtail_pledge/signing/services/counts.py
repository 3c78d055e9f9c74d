"""Signature counts, goals and breakdowns, read from stored tallies.

Signatures are never counted while a page renders.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from django.db.models import Subquery, Sum
from django.db.models.functions import Now

from wagtail_pledge.core.db import PreparedQuery, database_now
from wagtail_pledge.signing.enums import Approval
from wagtail_pledge.signing.goals import next_goal, step_goals
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


def _counts_query(*, pledge: int) -> Any:
    refreshed = Subquery(WorkLease.objects.filter(name=TALLIES).values("done_at")[:1])
    # Selected from Pledge, not Tally: without any tally there is still one row, which has the database time
    parts = Pledge.objects.filter(pk=pledge).values("tallies__kind").annotate(n=Sum("tallies__count"))
    return parts.annotate(done_at=refreshed, db_now=Now()).order_by("tallies__kind")


_COUNTS: Final = PreparedQuery(_counts_query, {"pledge": 2_147_483_001})


def counts_for(pledge: Pledge) -> PledgeCounts:
    """Return the counts of ``pledge``; one query, whatever its size."""
    rows = _COUNTS.rows(pledge=pledge.pk)
    kinds = {row["tallies__kind"]: row["n"] for row in rows if row["tallies__kind"] is not None}
    as_of = (rows[0]["done_at"] if kinds else None) or (rows[0]["db_now"] if rows else database_now())
    return PledgeCounts(total=sum(kinds.values()), kinds=kinds, goal=pledge.goal, as_of=as_of)


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalStep:
    """One step of a growing goal. At most one step of a pledge has ``is_next``."""

    number: int
    is_reached: bool
    is_next: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Progress of one pledge, for templates.

    ``kinds`` has a dict ``{"kind": slug, "label": str, "count": int}`` for each kind with counted signatures.
    ``step`` is the number to reach next, ``steps`` the steps of a growing goal (empty for a fixed goal). ``show`` is
    whether pages may show the number.
    """

    total: int
    goal: int | None
    step: int | None
    kinds: tuple[dict[str, Any], ...]
    as_of: dt.datetime
    show: bool = True
    steps: tuple[GoalStep, ...] = ()


def progress_from(pledge: Pledge, counts: PledgeCounts) -> Progress:
    """Return the progress of ``pledge`` with ``counts``; kinds no longer registered get their slug as label."""
    registered = kinds()
    parts = tuple(
        {"kind": slug, "label": registered[slug].counted(n) if slug in registered else slug, "count": n}
        for slug, n in counts.kinds.items()
        if n
    )
    total, goal = counts.total, counts.goal
    step = next_goal(total, goal, pledge.goal_steps)
    steps = tuple(
        GoalStep(number=number, is_reached=number <= total, is_next=number == step)
        for number in step_goals(total, goal, pledge.goal_steps)
    )
    return Progress(
        total=total, goal=goal, step=step, kinds=parts, as_of=counts.as_of, show=pledge.shows(total), steps=steps
    )


def progress_of(pledge: Pledge) -> Progress:
    """Return the progress of ``pledge``; one query."""
    return progress_from(pledge, counts_for(pledge))


def progress_for_signer(signature: Any) -> Progress:
    """Return the progress as the signer who has just confirmed ``signature`` expects it; one query.

    It includes ``signature`` even if the worker has not counted it yet, and whatever its review: the page must not
    reveal that a signature is held.
    """
    counts = counts_for(signature.pledge)
    is_uncounted = not counts.kinds or signature.confirmed_at > counts.as_of
    if is_uncounted and signature.approval != Approval.WAITING:
        own = {signature.kind: counts.kinds.get(signature.kind, 0) + 1}
        counts = replace(counts, total=counts.total + 1, kinds={**counts.kinds, **own})
    return progress_from(signature.pledge, counts)


#: Smaller groups are not published on their own.
MIN_GROUP_SIZE: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Counted signatures confirmed from ``first`` to ``last``, both included (UTC)."""

    first: dt.date
    last: dt.date
    count: int


def counts_by_country(pledge: Pledge) -> dict[str, int]:
    """Return {ISO country code: counted signatures}, largest first, without groups below ``MIN_GROUP_SIZE``; one
    query.
    """
    rows = Tally.objects.filter(pledge=pledge).exclude(country="").values_list("country")
    return dict(rows.annotate(n=Sum("count")).filter(n__gte=MIN_GROUP_SIZE).order_by("-n", "country"))


def counts_by_day(pledge: Pledge) -> list[Period]:
    """Return the counted signatures by day, oldest first; one query.

    Days are merged with the following ones until a period has ``MIN_GROUP_SIZE`` signatures.
    """
    rows = Tally.objects.filter(pledge=pledge, count__gt=0).values_list("day")
    return list(_periods(rows.annotate(n=Sum("count")).order_by("day")))


def _periods(rows: Iterable[tuple[dt.date, int]]) -> Iterator[Period]:
    """Yield a period as soon as it is large enough; a remainder that is too small at the end is left out."""
    first, waiting = None, 0
    for day, count in rows:
        first, waiting = first or day, waiting + count
        if waiting >= MIN_GROUP_SIZE:
            yield Period(first=first, last=day, count=waiting)
            first, waiting = None, 0
