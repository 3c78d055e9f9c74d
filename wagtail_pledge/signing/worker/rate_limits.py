"""Rate limits of a pledge's signatures per network, mail domain and name.

The worker counts in hourly bucket rows. A bucket counts the signatures that were not held, ``ALL_KEY`` counts all.
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
from wagtail_pledge.signing.abuse.signals import DOMAIN, NAME, NUMBERED, rate_keys_in
from wagtail_pledge.signing.models import LimitBucket, Submission
from wagtail_pledge.signing.models.limits import NETWORK_KEY_BYTES

#: Keys of a pledge's totals: all signatures, and those not held. Keys of networks are longer.
ALL_KEY: Final = b""
PASSED_KEY: Final = b"+"
_KEY_LIMITS: Final = ((DOMAIN, "domain_hour"), (NAME, "name_hour"), (NUMBERED, "numbered_hour"))

BucketKey = tuple[int, bytes, dt.datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit:
    """A counter that applies to a submission: its bucket key, and the names of its hourly and daily limit.

    The name of an exceeded limit is the reason for the hold.
    """

    key: bytes
    hour: str
    day: str = ""

    @property
    def per_hour(self) -> int:
        """The limit per hour."""
        return int(get_setting(_SETTINGS[self.hour]))

    @property
    def per_day(self) -> int:
        """The limit per UTC day."""
        return int(get_setting(_SETTINGS[self.day]))


_SETTINGS: Final = {
    "network_hour": "NETWORK_PER_HOUR",
    "network_day": "NETWORK_PER_DAY",
    "wide_network_hour": "WIDE_NETWORK_PER_HOUR",
    "domain_hour": "DOMAIN_PER_HOUR",
    "name_hour": "NAME_PER_HOUR",
    "numbered_hour": "NUMBERED_PER_HOUR",
}


def start_of_hour(moment: dt.datetime) -> dt.datetime:
    """Return ``moment`` in UTC, rounded down to the hour."""
    return moment.astimezone(dt.UTC).replace(minute=0, second=0, microsecond=0)


def rate_limits_for(submission: Submission) -> Iterator[RateLimit]:
    """Yield the rate limits of ``submission``, narrowest first."""
    if network := bytes(submission.network_key or b""):
        yield RateLimit(key=network, hour="network_hour", day="network_day")
        yield RateLimit(key=network[:WIDE_BYTES], hour="wide_network_hour")
    rate_keys = rate_keys_in(submission.signals)
    for kind, reason in _KEY_LIMITS:
        if kind in rate_keys:
            digest = bytes.fromhex(rate_keys[kind])[: NETWORK_KEY_BYTES - 1]
            yield RateLimit(key=kind.encode() + digest, hour=reason)


class RateLimits:
    """Hourly buckets and daily totals of the UTC days of some submissions; locked until the transaction ends."""

    def __init__(self, submissions: Iterable[Submission]) -> None:
        self.buckets: dict[BucketKey, LimitBucket] = {}
        self.day_counts: Counter[tuple[int, bytes, dt.date]] = Counter()
        self.changed: set[BucketKey] = set()
        wanted = {bucket_key for submission in submissions for bucket_key in _bucket_keys(submission)}
        if wanted:
            self._make(wanted)
            self._read(wanted)

    def _make(self, wanted: set[BucketKey]) -> None:
        # Always in the same order, so that two workers never deadlock
        rows = [LimitBucket(pledge_id=pk, network_key=key, hour=hour, count=0) for pk, key, hour in sorted(wanted)]
        LimitBucket.objects.bulk_create(rows, ignore_conflicts=True)

    def _read(self, wanted: set[BucketKey]) -> None:
        rows = LimitBucket.objects.select_for_update().filter(
            pledge_id__in={pledge_id for pledge_id, _key, _hour in wanted},
            network_key__in={key for _pledge_id, key, _hour in wanted},
            hour__gte=start_of_utc_day(utc_day(min(hour for _pledge_id, _key, hour in wanted))),
        )
        for bucket in rows.order_by("pk"):
            key = bytes(bucket.network_key)
            self.buckets[bucket.pledge_id, key, bucket.hour] = bucket
            self.day_counts[bucket.pledge_id, key, utc_day(bucket.hour)] += bucket.count

    def exceeded(self, submission: Submission) -> str:
        """Return the name of the first limit that is reached for ``submission``, ``""`` if none is."""
        hour = start_of_hour(submission.created_at)
        for rate_limit in rate_limits_for(submission):
            bucket_key = (submission.pledge_id, rate_limit.key, hour)
            if self.buckets[bucket_key].count >= rate_limit.per_hour:
                return rate_limit.hour
            if (
                rate_limit.day
                and self.day_counts[submission.pledge_id, rate_limit.key, utc_day(hour)] >= rate_limit.per_day
            ):
                return rate_limit.day
        return ""

    def count(self, submission: Submission, *, passed: bool) -> None:
        """Count ``submission``: always in the pledge's total, and in all its other buckets if it ``passed``."""
        for bucket_key in _bucket_keys(submission):
            pledge_id, key, hour = bucket_key
            if passed or key == ALL_KEY:
                self.buckets[bucket_key].count += 1
                self.day_counts[pledge_id, key, utc_day(hour)] += 1
                self.changed.add(bucket_key)

    def store(self) -> None:
        """Save the buckets that :meth:`count` changed."""
        if self.changed:
            LimitBucket.objects.bulk_update(
                [self.buckets[bucket_key] for bucket_key in sorted(self.changed)], ["count"]
            )


def _bucket_keys(submission: Submission) -> Iterator[BucketKey]:
    """Yield the buckets of ``submission``. Without a network it counts in no total."""
    hour = start_of_hour(submission.created_at)
    keys = [rate_limit.key for rate_limit in rate_limits_for(submission)]
    for key in (*([ALL_KEY, PASSED_KEY] if submission.network_key else []), *keys):
        yield submission.pledge_id, key, hour
