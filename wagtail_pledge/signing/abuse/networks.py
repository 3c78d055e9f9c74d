"""Networks, known for two days by a keyed hash: no address is stored, and the key of the hash is destroyed.

The key of a UTC day is random, lives in the database and is read once a day by each process, so signing asks
for nothing: :func:`network_key` runs a statement only for the first signature of a day.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
from threading import Lock
from typing import Final

from wagtail_pledge.core.client import network_of
from wagtail_pledge.core.dates import database_now, start_of_utc_day, utc_day
from wagtail_pledge.core.sql import insert_or_nothing
from wagtail_pledge.signing.models import LimitBucket, NetworkDayKey, OutboxMessage
from wagtail_pledge.signing.models.limits import NETWORK_KEY_BYTES

KEPT_DAYS: Final = 2
_SECRET_BYTES: Final = 32

_lock: Final = Lock()
_known: Final[dict[dt.date, bytes]] = {}


def forget_known_keys() -> None:
    """Empty this process's memory of day keys."""
    with _lock:
        _known.clear()


def _stored_key(day: dt.date) -> bytes:
    found = NetworkDayKey.objects.filter(day=day).first()
    if found is None:
        # Whoever comes first makes it; the others read theirs.
        insert_or_nothing(NetworkDayKey(day=day, key=secrets.token_bytes(_SECRET_BYTES)))
        found = NetworkDayKey.objects.get(day=day)
    return bytes(found.key)


def day_key(day: dt.date) -> bytes:
    """Return the 32 random bytes of a UTC day; made when first asked for, remembered for this day only."""
    known = _known.get(day)
    if known is None:
        known = _stored_key(day)
        with _lock:
            _known.clear()
            _known[day] = known
    return known


def network_key(address: str, now: dt.datetime) -> bytes | None:
    """Return the 8-byte hash of the /24 or /64 of ``address`` under the key of ``now``'s UTC day.

    ``None`` for what is no address. Raises database errors as they come.
    """
    network = network_of(address)
    if not network:
        return None
    return hmac.digest(day_key(utc_day(now)), network.encode(), hashlib.sha256)[:NETWORK_KEY_BYTES]


def forget_networks() -> int:
    """Destroy day keys of the day before yesterday and older, with what was counted under them; return how many rows.

    Without its key a hash names no network, so the hashes that stay on finished messages are blanked too.
    """
    first_kept = utc_day(database_now()) - dt.timedelta(days=KEPT_DAYS - 1)
    start = start_of_utc_day(first_kept)
    gone = NetworkDayKey.objects.filter(day__lt=first_kept).delete()[0]
    gone += LimitBucket.objects.filter(hour__lt=start).delete()[0]
    stale = OutboxMessage.objects.filter(network_key__isnull=False, created_at__lt=start)
    return gone + stale.update(network_key=None)
