"""The number as pages show it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

from wagtail_pledge.signing.enums import Approval
from wagtail_pledge.signing.goals import ladder, shown_goal
from wagtail_pledge.signing.kinds import kinds
from wagtail_pledge.signing.models import Pledge
from wagtail_pledge.signing.services.counts import PledgeCounts, counts_for


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
