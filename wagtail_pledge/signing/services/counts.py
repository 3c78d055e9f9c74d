"""The number: read from tallies, never counted while a page renders."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Subquery, Sum
from django.db.models.functions import Now

from wagtail_pledge.core.dates import database_now
from wagtail_pledge.signing.models import Pledge, WorkLease

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
