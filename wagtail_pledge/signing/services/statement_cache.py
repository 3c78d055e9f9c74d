"""What signing must know, remembered in this process for two seconds: signing then executes one SQL statement.

Remembered are statements with their pledge and switches, and the codes of partner links. The database's time is the
time when a statement was read plus the monotonic clock's time since. If the wall clock and the monotonic clock part, as
when a machine was suspended, everything is read again.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from uuid import UUID

from django.db.models.signals import post_delete, post_save

from wagtail_pledge.caching.local import TTLCache, monotonic_now
from wagtail_pledge.signing.models import EmbedOrigin, PartnerLink, Pledge, SignerType, Statement, Switch
from wagtail_pledge.signing.services.sources import registered_source
from wagtail_pledge.signing.services.statements import find_statement

T = TypeVar("T")

SECONDS: Final = 2.0
#: The clocks may part by this much before everything is read again.
_MAX_DRIFT: Final = 5.0
_cache: Final[TTLCache[Any]] = TTLCache()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Remembered:
    value: Any
    read_at: float
    wall_at: float


def forget(**_signal: Any) -> None:
    """Forget everything, as when a pledge or a switch was changed by this process."""
    _cache.clear()


def remember(key: Hashable, read: Callable[[], T | None]) -> tuple[T | None, float]:
    """Return the value and how many seconds ago it was read; a missing value is not remembered."""
    found: _Remembered | None = _cache.get(key)
    now, wall = monotonic_now(), time.time()
    if found is not None and abs((wall - found.wall_at) - (now - found.read_at)) > _MAX_DRIFT:
        forget()
        found = None
    if found is None:
        value = read()
        if value is None:
            return None, 0.0
        found = _Remembered(value=value, read_at=now, wall_at=wall)
        _cache.set(key, found, until=now + SECONDS)
    value = found.value
    return value, now - found.read_at


def remembered_statement(*, pledge: UUID, signer_type: UUID, sha256: str) -> tuple[Any | None, dt.datetime | None]:
    """Return :func:`find_statement` and the database's time, as of at most two seconds ago. No query when warm."""
    key = ("statement", pledge, signer_type, sha256)
    statement, age = remember(key, lambda: find_statement(pledge=pledge, signer_type=signer_type, sha256=sha256))
    return (statement, statement.db_now + dt.timedelta(seconds=age)) if statement is not None else (None, None)


def remembered_source(pledge: Pledge, text: str) -> str:
    """Return :func:`registered_source`, as of at most two seconds ago. No query when warm."""
    if not text:
        return ""
    found, _age = remember(("source", pledge.pk, text), lambda: (registered_source(pledge, text),))
    return found[0] if found else ""


def connect_forget() -> None:
    """Forget at once what this process changes."""
    for model in (Pledge, SignerType, Statement, Switch, PartnerLink, EmbedOrigin):
        for signal in (post_save, post_delete):
            signal.connect(forget, sender=model, dispatch_uid=f"wagtail_pledge.statement_cache.{model.__name__}")
