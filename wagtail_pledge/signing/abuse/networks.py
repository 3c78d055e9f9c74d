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

from django.db.models import Q

from wagtail_pledge.core import crypto
from wagtail_pledge.core.db import database_now, insert_or_nothing, start_of_utc_day, utc_day
from wagtail_pledge.core.http import network_of
from wagtail_pledge.signing.models import LimitBucket, NetworkDayKey, OutboxMessage
from wagtail_pledge.signing.models.limits import NETWORK_KEY_BYTES

KEPT_DAYS: Final = 2
_SECRET_BYTES: Final = 32
WIDE_BYTES: Final = NETWORK_KEY_BYTES // 2
MARK_BYTES: Final = 8

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
    """Return the 8-byte hash of the network of ``address`` under the key of ``now``'s UTC day.

    Its first half (``WIDE_BYTES``) stands for the /16 or /32, the whole for the /24 or /64. ``None`` for what is no
    address. Raises database errors as they come.
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


def day_mark(now: dt.datetime, *parts: str) -> str:
    """Return 16 hex digits that stand for ``parts`` today, and for nothing once the day's key is gone.

    A key of the application goes in too: who has the database alone cannot try out names.
    """
    mixed = crypto.keyed_hash("token", b"mark", day_key(utc_day(now)), *(part.encode() for part in parts))
    return mixed[:MARK_BYTES].hex()


def forget_networks() -> int:
    """Destroy day keys of the day before yesterday and older, with what was counted under them; return how many rows.

    Without its key a hash names no network, so the hashes that stay on finished messages are blanked too.
    """
    first_kept = utc_day(database_now()) - dt.timedelta(days=KEPT_DAYS - 1)
    start = start_of_utc_day(first_kept)
    gone = NetworkDayKey.objects.filter(day__lt=first_kept).delete()[0]
    gone += LimitBucket.objects.filter(hour__lt=start).delete()[0]
    carries = Q(network_key__isnull=False) | Q(signals__contains=":")
    stale = OutboxMessage.objects.filter(carries, created_at__lt=start)
    return gone + stale.update(network_key=None, signals="")
