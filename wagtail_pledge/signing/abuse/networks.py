"""Keyed hashes of networks: no IP address is stored, and the keys are deleted after two days.

The key of a UTC day is random and stored in the database. Each process reads it once a day, so that
:func:`network_key` needs a query for the first signature of a day only.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
from threading import Lock
from typing import Final

from wagtail_pledge.core import crypto
from wagtail_pledge.core.db import database_now, insert_or_ignore, start_of_utc_day, utc_day
from wagtail_pledge.core.http import network_of
from wagtail_pledge.signing.models import CodeAttempts, LimitBucket, NetworkDayKey, NetworkPlace, NetworkRaise
from wagtail_pledge.signing.models.limits import NETWORK_KEY_BYTES

RETENTION_DAYS: Final = 2
_SECRET_BYTES: Final = 32
WIDE_BYTES: Final = NETWORK_KEY_BYTES // 2
DAILY_HASH_BYTES: Final = 8

_lock: Final = Lock()
_day_keys: Final[dict[dt.date, bytes]] = {}


def clear_day_key_cache() -> None:
    """Clear the day key cached in this process."""
    with _lock:
        _day_keys.clear()


def _stored_key(day: dt.date) -> bytes:
    row = NetworkDayKey.objects.filter(day=day).first()
    if row is None:
        # The first process creates the key; the others read it.
        insert_or_ignore(NetworkDayKey(day=day, key=secrets.token_bytes(_SECRET_BYTES)))
        row = NetworkDayKey.objects.get(day=day)
    return bytes(row.key)


def day_key(day: dt.date) -> bytes:
    """Return the random key (32 bytes) of a UTC day. It is created when first needed; one day's key is cached."""
    key = _day_keys.get(day)
    if key is None:
        key = _stored_key(day)
        with _lock:
            _day_keys.clear()
            _day_keys[day] = key
    return key


def network_key(address: str, now: dt.datetime) -> bytes | None:
    """Return the 8-byte hash of the network of ``address`` under the key of ``now``'s UTC day.

    The first half (``WIDE_BYTES``) identifies the /16 or /32, the whole hash the /24 or /64. Returns ``None`` if
    ``address`` is not an IP address. Does not catch database errors.
    """
    network = network_of(address)
    if not network:
        return None
    key = day_key(utc_day(now))
    wide, narrow = (
        hmac.digest(key, part.encode(), hashlib.sha256)[:WIDE_BYTES]
        for part in (network_of(address, wide=True), network)
    )
    return wide + narrow


def daily_hash(now: dt.datetime, *parts: str) -> str:
    """Return a hash of ``parts`` (16 hex digits) that can't be reproduced once the day's key is deleted.

    It also depends on a key in the settings: with the database alone nobody can test names against it.
    """
    mixed = crypto.keyed_hash("token", b"mark", day_key(utc_day(now)), *(part.encode() for part in parts))
    return mixed[:DAILY_HASH_BYTES].hex()


def delete_expired_network_keys() -> int:
    """Delete day keys older than yesterday and what was counted under them; return how many rows changed."""
    first_kept = utc_day(database_now()) - dt.timedelta(days=RETENTION_DAYS - 1)
    start = start_of_utc_day(first_kept)
    changed = NetworkDayKey.objects.filter(day__lt=first_kept).delete()[0]
    changed += LimitBucket.objects.filter(hour__lt=start).delete()[0]
    changed += NetworkRaise.objects.filter(until__lt=start).delete()[0]
    changed += NetworkPlace.objects.filter(at__lt=start).delete()[0]
    return changed + CodeAttempts.objects.filter(day__lt=first_kept).delete()[0]
