"""The number: read from tallies, never counted while a page renders."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Subquery, Sum
from django.utils import timezone

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
    tallies = Tally.objects.filter(pledge=pledge).values("kind").annotate(n=Sum("count"), done_at=refreshed)
    rows = list(tallies.order_by("kind"))
    kinds = {row["kind"]: row["n"] for row in rows}
    done_at = rows[0]["done_at"] if rows else None
    return PledgeCounts(total=sum(kinds.values()), kinds=kinds, goal=pledge.goal, as_of=done_at or timezone.now())
