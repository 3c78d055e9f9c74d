"""How many signatures of one network, mail domain or name a pledge was given in an hour, and when that is enough.

Buckets are rows, written by the worker; a bucket counts what was let through, but ``ALL`` counts everything.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from wagtail_pledge.conf import get_setting
from wagtail_pledge.core.db import start_of_utc_day, utc_day
from wagtail_pledge.signing.abuse.networks import WIDE_BYTES
from wagtail_pledge.signing.abuse.signals import DOMAIN, NAME, NUMBERED, marks_of
from wagtail_pledge.signing.models import LimitBucket, OutboxMessage
from wagtail_pledge.signing.models.limits import NETWORK_KEY_BYTES

#: Keys of the pledge itself: everything signed, and what was let through. Those of networks are longer.
ALL: Final = b""
PASSED: Final = b"+"
_MARK_LIMITS: Final = ((DOMAIN, "domain_hour"), (NAME, "name_hour"), (NUMBERED, "numbered_hour"))

Slot = tuple[int, bytes, dt.datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """One thing that is counted for a message: its key and the reasons to hold what exceeds it, with their limits."""

    key: bytes
    hour: str
    day: str = ""

    @property
    def per_hour(self) -> int:
        """How many an hour lets through."""
        return int(get_setting(_SETTINGS[self.hour]))

    @property
    def per_day(self) -> int:
        """How many a UTC day lets through."""
        return int(get_setting(_SETTINGS[self.day]))


_SETTINGS: Final = {
    "network_hour": "NETWORK_PER_HOUR",
    "network_day": "NETWORK_PER_DAY",
    "wide_network_hour": "WIDE_NETWORK_PER_HOUR",
    "domain_hour": "DOMAIN_PER_HOUR",
    "name_hour": "NAME_PER_HOUR",
    "numbered_hour": "NUMBERED_PER_HOUR",
}


def hour_of(moment: dt.datetime) -> dt.datetime:
    """Return the beginning of a moment's hour in UTC."""
    return moment.astimezone(dt.UTC).replace(minute=0, second=0, microsecond=0)


def windows_of(message: OutboxMessage) -> Iterator[Window]:
    """Yield what is counted for ``message``, narrowest first."""
    if network := bytes(message.network_key or b""):
        yield Window(key=network, hour="network_hour", day="network_day")
        yield Window(key=network[:WIDE_BYTES], hour="wide_network_hour")
    marks = marks_of(message.signals)
    for kind, reason in _MARK_LIMITS:
        if kind in marks:
            digest = bytes.fromhex(marks[kind])[: NETWORK_KEY_BYTES - 1]
            yield Window(key=kind.encode() + digest, hour=reason)


class Windows:
    """What was let through, hour by hour, of the UTC days of some messages; locked until the transaction ends."""

    def __init__(self, messages: Iterable[OutboxMessage]) -> None:
        self.buckets: dict[Slot, LimitBucket] = {}
        self.of_day: Counter[tuple[int, bytes, dt.date]] = Counter()
        self.changed: set[Slot] = set()
        wanted = {slot for message in messages for slot in _slots(message)}
        if wanted:
            self._make(wanted)
            self._read(wanted)

    def _make(self, wanted: set[Slot]) -> None:
        # In one order everywhere, so that two workers never wait for each other
        rows = [LimitBucket(pledge_id=pk, network_key=key, hour=hour, count=0) for pk, key, hour in sorted(wanted)]
        LimitBucket.objects.bulk_create(rows, ignore_conflicts=True)

    def _read(self, wanted: set[Slot]) -> None:
        rows = LimitBucket.objects.select_for_update().filter(
            pledge_id__in={pledge_id for pledge_id, _key, _hour in wanted},
            network_key__in={key for _pledge_id, key, _hour in wanted},
            hour__gte=start_of_utc_day(utc_day(min(hour for _pledge_id, _key, hour in wanted))),
        )
        for bucket in rows.order_by("pk"):
            key = bytes(bucket.network_key)
            self.buckets[bucket.pledge_id, key, bucket.hour] = bucket
            self.of_day[bucket.pledge_id, key, utc_day(bucket.hour)] += bucket.count

    def full(self, message: OutboxMessage) -> str:
        """Return the name of the first window that is full for ``message``, ``""`` if none is."""
        hour = hour_of(message.created_at)
        for window in windows_of(message):
            slot = (message.pledge_id, window.key, hour)
            if self.buckets[slot].count >= window.per_hour:
                return window.hour
            if window.day and self.of_day[message.pledge_id, window.key, utc_day(hour)] >= window.per_day:
                return window.day
        return ""

    def count(self, message: OutboxMessage, *, passed: bool) -> None:
        """Count ``message``: always for its pledge, and in each window if it ``passed``."""
        for slot in _slots(message):
            pledge_id, key, hour = slot
            if passed or key == ALL:
                self.buckets[slot].count += 1
                self.of_day[pledge_id, key, utc_day(hour)] += 1
                self.changed.add(slot)

    def store(self) -> None:
        """Write what :meth:`count` counted."""
        if self.changed:
            LimitBucket.objects.bulk_update([self.buckets[slot] for slot in sorted(self.changed)], ["count"])


def _slots(message: OutboxMessage) -> Iterator[Slot]:
    """Yield the buckets of ``message``; one without a network, as a mail that is asked for again, is none's."""
    hour = hour_of(message.created_at)
    keys = [window.key for window in windows_of(message)]
    for key in (*([ALL, PASSED] if message.network_key else []), *keys):
        yield message.pledge_id, key, hour
