"""The number as pages show it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from wagtail_pledge.signing.kinds import kinds
from wagtail_pledge.signing.models import Pledge
from wagtail_pledge.signing.services.counts import PledgeCounts, counts_for


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Total, goal and parts of one pledge."""

    total: int
    goal: int | None
    step: int | None
    kinds: tuple[dict[str, Any], ...]
    as_of: dt.datetime
    show: bool = True


def progress_from(counts: PledgeCounts) -> Progress:
    """Return what templates need; kinds that nobody registers any more keep their slug as label."""
    known = kinds()
    parts = tuple(
        {"kind": slug, "label": known[slug].counted(n) if slug in known else slug, "count": n}
        for slug, n in counts.kinds.items()
        if n
    )
    return Progress(total=counts.total, goal=counts.goal, step=counts.goal, kinds=parts, as_of=counts.as_of)


def progress_of(pledge: Pledge) -> Progress:
    """Return the progress of ``pledge``; one query."""
    return progress_from(counts_for(pledge))
