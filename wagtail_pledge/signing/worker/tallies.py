"""Recounts tallies, the stored counts per pledge, day, kind and country.

A tally is always set from a recount of its day and never incremented, so that counts can't drift.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable
from typing import Any, Final

from django.db.models import Count, F, Q
from django.db.models.functions import Now, TruncDate

from wagtail_pledge.core.db import advisory_lock, database_now, from_now, insert_or_ignore, start_of_utc_day, utc_day
from wagtail_pledge.signing.models import DirtyDay, Tally, WorkLease, get_signature_model
from wagtail_pledge.signing.services.counts import TALLIES

logger = logging.getLogger(__name__)

LEASE: Final = dt.timedelta(seconds=60)
#: A confirmation is dated when its statement runs, but visible only after its transaction commits: until this long
#: after midnight the previous day is recounted too.
OVERLAP: Final = dt.timedelta(minutes=10)

#: End of a lease that is free. Not "now": taking it again within the clock's resolution would fail.
LEASE_FREE: Final = start_of_utc_day(dt.date(2000, 1, 1))

NIGHTLY: Final = "nightly recount"
NIGHTLY_LEASE: Final = dt.timedelta(hours=1)

Bucket = tuple[int, dt.date, str, str]


def _take_lease(name: str) -> bool:
    """Take the lease row ``name``, for databases without advisory locks; return whether it was free."""
    insert_or_ignore(WorkLease(name=name, until=LEASE_FREE))
    free = WorkLease.objects.filter(name=name, until__lt=Now())
    return free.update(until=from_now(LEASE)) == 1


def _finish(name: str) -> None:
    insert_or_ignore(WorkLease(name=name, until=LEASE_FREE))
    WorkLease.objects.filter(name=name).update(done_at=Now(), until=LEASE_FREE)


def count_days(start: dt.date, end: dt.date, *, pledge_ids: Iterable[int] | None = None) -> dict[Bucket, int]:
    """Return the counted signatures of the UTC days ``start`` to ``end`` (both included) by bucket; one query."""
    rows = (
        get_signature_model()
        ._default_manager.counted()
        .filter(
            confirmed_at__gte=start_of_utc_day(start), confirmed_at__lt=start_of_utc_day(end + dt.timedelta(days=1))
        )
    )
    if pledge_ids is not None:
        rows = rows.filter(pledge_id__in=list(pledge_ids))
    grouped = rows.values_list("pledge_id", TruncDate("confirmed_at", tzinfo=dt.UTC), "kind", "country")
    return {(p, day, kind, country): n for p, day, kind, country, n in grouped.annotate(n=Count("pk")).order_by()}


def store_tallies(counts: dict[Bucket, int], stored: Iterable[Tally]) -> int:
    """Correct the ``stored`` tallies to match ``counts``; return how many were wrong."""
    before = {(t.pledge_id, t.day, t.kind, t.country): t for t in stored}
    wrong = [key for key, n in counts.items() if key not in before or before[key].count != n]
    gone = [tally.pk for key, tally in before.items() if key not in counts]
    Tally.objects.filter(pk__in=gone).delete()
    Tally.objects.bulk_create(
        [Tally(pledge_id=p, day=day, kind=kind, country=c, count=counts[p, day, kind, c]) for p, day, kind, c in wrong],
        update_conflicts=True,
        update_fields=["count"],
        unique_fields=["pledge", "day", "kind", "country"],
    )
    return len(wrong) + len(gone)


def _recount_recent() -> int:
    now = database_now()
    start, end = utc_day(now - OVERLAP), utc_day(now)
    return store_tallies(count_days(start, end), Tally.objects.filter(day__range=(start, end)))


def _recount_dirty() -> int:
    """Recount up to 100 dirty days; return how many tallies changed."""
    changed = 0
    for dirty in DirtyDay.objects.order_by("pk")[:100]:
        # Delete the row before counting: a change made in the meantime adds a new one
        dirty.delete()
        counts = count_days(dirty.day, dirty.day, pledge_ids=[dirty.pledge_id])
        changed += store_tallies(counts, Tally.objects.filter(pledge_id=dirty.pledge_id, day=dirty.day))
    return changed


def _recount_all_dirty() -> None:
    """Recount all days that are dirty now, without those that are marked in the meantime."""
    newest = DirtyDay.objects.order_by("pk").last()
    while newest is not None and DirtyDay.objects.filter(pk__lte=newest.pk).exists():
        _recount_dirty()


def refresh_tallies() -> int:
    """Recount today and every dirty day; return how many tallies changed.

    Does nothing while another worker is counting.
    """
    with advisory_lock(TALLIES, _take_lease) as mine:
        if not mine:
            return 0
        changed = _recount_recent() + _recount_dirty()
        _finish(TALLIES)
    return changed


def recount_all() -> int:
    """Recount and correct all tallies; log an error if any were wrong, and return how many.

    Days marked as dirty are refreshed first and are not errors. Returns 0 without counting while another worker is
    counting.
    """
    return _recount_if_free() or 0


def recount_nightly() -> int:
    """Recount all tallies once per UTC day, in one of the workers; return how many were wrong.

    If that worker dies, another one takes over after an hour.
    """
    insert_or_ignore(WorkLease(name=NIGHTLY, until=LEASE_FREE))
    today = start_of_utc_day(utc_day(database_now()))
    free = WorkLease.objects.filter(name=NIGHTLY, until__lt=Now())
    is_due = Q(done_at__isnull=True) | Q(done_at__lt=today)
    if not free.filter(is_due).update(until=from_now(NIGHTLY_LEASE)):
        return 0
    wrong = _recount_if_free()
    done = {} if wrong is None else {"done_at": Now()}
    WorkLease.objects.filter(name=NIGHTLY).update(until=LEASE_FREE, **done)
    return wrong or 0


def _recount_if_free() -> int | None:
    """Return how many tallies were wrong; ``None`` without counting while another worker is counting."""
    with advisory_lock(TALLIES, _take_lease) as mine:
        if not mine:
            return None
        _recount_all_dirty()
        wrong = store_tallies(_count_all(), Tally.objects.all())
        _finish(TALLIES)
    if wrong:
        logger.error("the recount found and corrected %s wrong tallies", wrong)
    return wrong


def _count_all() -> dict[Bucket, int]:
    rows: Any = get_signature_model()._default_manager.counted()
    grouped = rows.values_list("pledge_id", TruncDate("confirmed_at", tzinfo=dt.UTC), "kind", "country")
    return {(p, d, kind, country): n for p, d, kind, country, n in grouped.annotate(n=Count(F("pk"))).order_by()}
