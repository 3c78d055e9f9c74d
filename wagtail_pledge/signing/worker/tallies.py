"""Recounts tallies, the stored counts per pledge, day, kind and country.

A tally is always set from a recount of its day and never incremented, so that counts can't drift.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db.models import Count, Min, Q
from django.db.models.functions import Now, TruncDate

from wagtail_pledge.core.db import advisory_lock, database_now, from_now, insert_or_ignore, start_of_utc_day, utc_day
from wagtail_pledge.signing.models import DirtyDay, Pledge, Tally, WorkLease, get_signature_model
from wagtail_pledge.signing.services.counts import TALLIES

logger = logging.getLogger(__name__)

LEASE: Final = dt.timedelta(seconds=60)
#: Most dirty days of one run.
MAX_DAYS: Final = 100
#: A confirmation is dated when its statement runs, but visible only after its transaction commits: each recount goes
#: back this long before the last one.
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


def _release(name: str) -> None:
    """End the lease row ``name``; an advisory lock ends with its transaction."""
    WorkLease.objects.filter(name=name).update(until=LEASE_FREE)


def _finish(began: dt.datetime) -> None:
    """Record that the tallies are those of ``began``, a time before the first signature was counted."""
    insert_or_ignore(WorkLease(name=TALLIES, until=LEASE_FREE))
    WorkLease.objects.filter(name=TALLIES).update(done_at=began, until=LEASE_FREE)


def _last_recount() -> dt.datetime | None:
    """Return when the last recount began, ``None`` before the first one."""
    return WorkLease.objects.filter(name=TALLIES).values_list("done_at", flat=True).first()


def _zones(pledge_ids: Iterable[int] | None = None) -> dict[ZoneInfo, list[int] | None]:
    """Return {time zone: ids of its pledges}; ``None`` for all pledges of a site with one time zone. One query."""
    pledges = Pledge.objects.order_by("pk")
    chosen = pledges if pledge_ids is None else pledges.filter(pk__in=list(pledge_ids))
    zones: dict[ZoneInfo, list[int] | None] = {}
    by_zone: dict[ZoneInfo, list[int]] = defaultdict(list)
    for pledge in chosen.only("pk", "time_zone"):
        by_zone[pledge.zone].append(pledge.pk)
    zones.update(by_zone)
    return dict.fromkeys(by_zone) if pledge_ids is None and len(by_zone) == 1 else zones


def _midnight(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    return dt.datetime.combine(day, dt.time.min, tzinfo=zone)


def _grouped(rows: Any, zone: ZoneInfo, ids: list[int] | None) -> dict[Bucket, int]:
    rows = rows if ids is None else rows.filter(pledge_id__in=ids)
    grouped = rows.values_list("pledge_id", TruncDate("confirmed_at", tzinfo=zone), "kind", "country")
    return {(p, day, kind, country): n for p, day, kind, country, n in grouped.annotate(n=Count("pk")).order_by()}


def count_days(start: dt.date, end: dt.date, *, zone: ZoneInfo, ids: list[int] | None = None) -> dict[Bucket, int]:
    """Return the counted signatures of the days ``start`` to ``end`` (both included) in ``zone`` by bucket; one query.

    ``ids`` are the pledges of that time zone, ``None`` for all.
    """
    rows = get_signature_model()._default_manager.counted()
    begin, stop = _midnight(start, zone), _midnight(end + dt.timedelta(days=1), zone)
    return _grouped(rows.filter(confirmed_at__gte=begin, confirmed_at__lt=stop), zone, ids)


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


def _first_recent_day(last: dt.datetime, now: dt.datetime, zone: ZoneInfo) -> dt.date:
    """Return the first day in ``zone`` that is recounted although nothing marks it as dirty.

    Signatures were confirmed since the ``last`` recount, however long ago that is: no worker may have run meanwhile.
    """
    return (min(last, now) - OVERLAP).astimezone(zone).date()


def _recount_recent(now: dt.datetime) -> int:
    last, changed = _last_recount(), 0
    if last is None:
        return store_tallies(_count_all(), Tally.objects.all())
    for zone, ids in _zones().items():
        start, end = _first_recent_day(last, now, zone), now.astimezone(zone).date()
        stored = Tally.objects.filter(day__range=(start, end))
        stored = stored if ids is None else stored.filter(pledge_id__in=ids)
        changed += store_tallies(count_days(start, end, zone=zone, ids=ids), stored)
    return changed


def _dirty_days() -> list[tuple[Pledge, dt.date]]:
    """Return up to ``MAX_DAYS`` dirty days, those that have waited longest first; two queries."""
    marks = DirtyDay.objects.values_list("pledge_id", "day").annotate(first=Min("pk")).order_by("first")[:MAX_DAYS]
    days = [(pledge_id, day) for pledge_id, day, _first in marks]
    pledges = Pledge.objects.in_bulk({pledge_id for pledge_id, _day in days})
    return [(pledges[pledge_id], day) for pledge_id, day in days if pledge_id in pledges]


def _recount_dirty() -> int | None:
    """Recount up to 100 dirty days; return how many tallies changed, ``None`` while another worker is counting.

    One transaction a day, so that none takes long.
    """
    changed = 0
    for pledge, day in _dirty_days():
        with advisory_lock(TALLIES, _take_lease) as mine:
            if not mine:
                return None
            # Delete the marks before counting: each change has its own, which is visible together with the change
            if DirtyDay.objects.filter(pledge=pledge, day=day).delete()[0]:
                counts = count_days(day, day, zone=pledge.zone, ids=[pledge.pk])
                changed += store_tallies(counts, Tally.objects.filter(pledge=pledge, day=day))
            _release(TALLIES)
    return changed


def _recount_all_dirty() -> bool:
    """Recount all days that are dirty now, without those that are marked in the meantime.

    Returns false if another worker is counting.
    """
    newest = DirtyDay.objects.order_by("pk").last()
    while newest is not None and DirtyDay.objects.filter(pk__lte=newest.pk).exists():
        if _recount_dirty() is None:
            return False
    return True


def refresh_tallies() -> int:
    """Recount the days since the last recount and every dirty day; return how many tallies changed.

    Does nothing while another worker is counting.
    """
    with advisory_lock(TALLIES, _take_lease) as mine:
        if not mine:
            return 0
        began = database_now()
        changed = _recount_recent(began)
        _release(TALLIES)
    dirty = _recount_dirty()
    if dirty is None:
        return changed
    _finish(began)
    return changed + dirty


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
    """Return how many tallies were wrong; ``None`` without counting while another worker is counting.

    Those that the next refresh would have recounted are corrected too, but were not wrong.
    """
    if not _recount_all_dirty():
        return None
    with advisory_lock(TALLIES, _take_lease) as mine:
        if not mine:
            return None
        began = database_now()
        counts, stored = _count_all(), list(Tally.objects.all())
        is_settled = _settled_days(began)
        settled = {key: n for key, n in counts.items() if is_settled(*key[:2])}
        wrong = store_tallies(settled, [tally for tally in stored if is_settled(tally.pledge_id, tally.day)])
        others = {key: n for key, n in counts.items() if key not in settled}
        store_tallies(others, [tally for tally in stored if not is_settled(tally.pledge_id, tally.day)])
        _finish(began)
    if wrong:
        logger.error("the recount found and corrected %s wrong tallies", wrong)
    return wrong


def _settled_days(now: dt.datetime) -> Callable[[int, dt.date], bool]:
    """Return a function: whether a day of a pledge needs no recount, because everything in it was counted before."""
    last = _last_recount()
    if last is None:
        return lambda _pledge_id, _day: False
    recent = min((_first_recent_day(last, now, zone) for zone in _zones()), default=utc_day(last))
    dirty = set(DirtyDay.objects.values_list("pledge_id", "day"))
    return lambda pledge_id, day: day < recent and (pledge_id, day) not in dirty


def _count_all() -> dict[Bucket, int]:
    rows: Any = get_signature_model()._default_manager.counted()
    counts: dict[Bucket, int] = {}
    for zone, ids in _zones().items():
        counts |= _grouped(rows, zone, ids)
    return counts
