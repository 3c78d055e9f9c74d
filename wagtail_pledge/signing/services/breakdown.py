"""The number in parts, for anybody: nothing small enough to point at a person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from django.db.models import Sum

from wagtail_pledge.signing.models import Pledge, Tally

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
