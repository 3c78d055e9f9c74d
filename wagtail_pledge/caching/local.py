"""Caches in this process: memoisation per request, and a bounded TTL cache.

Per-request memoisation works during ``GET`` and ``HEAD`` requests only, which change nothing: a treaty or a pledge in
ten blocks of a page is read once. Everywhere else (commands, ``POST``, previews without a request) every read is fresh.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Mapping
from contextvars import ContextVar
from threading import Lock
from typing import Any, Final, Generic, TypeVar

from django.core.signals import request_finished, request_started

Value = TypeVar("Value")

_request_cache: Final[ContextVar[dict[Hashable, Any] | None]] = ContextVar("wagtail_pledge_request_cache", default=None)


def memoize_per_request(key: Hashable, read: Callable[[], Value]) -> Value:
    """Return ``read()``, called once per request and ``key``. Callers must not modify the result.

    The key must contain everything that the result depends on, including the language if it contains texts.
    """
    cache = _request_cache.get()
    if cache is None:
        return read()
    if key not in cache:
        cache[key] = read()
    value: Value = cache[key]
    return value


def _start_request(
    environ: Mapping[str, Any] | None = None, scope: Mapping[str, Any] | None = None, **_kwargs: Any
) -> None:
    method = (environ or {}).get("REQUEST_METHOD") or (scope or {}).get("method")
    _request_cache.set({} if method in {"GET", "HEAD"} else None)


def _end_request(**_kwargs: Any) -> None:
    _request_cache.set(None)


def connect_request_cache() -> None:
    """Connect the receivers that open and close the cache of each request."""
    request_started.connect(_start_request, dispatch_uid="wagtail_pledge.request_cache")
    request_finished.connect(_end_request, dispatch_uid="wagtail_pledge.request_cache")


#: Maximum number of entries; the oldest one is evicted first.
DEFAULT_MAX_SIZE: Final = 1000


def monotonic_now() -> float:
    """Return the seconds of the monotonic clock, for measuring intervals."""
    return time.monotonic()


class TTLCache(Generic[Value]):
    """Bounded cache with an expiry time per entry, shared by the threads of a process."""

    def __init__(self, max_size: int = DEFAULT_MAX_SIZE) -> None:
        self._max_size = max_size
        self._lock = Lock()
        self._entries: dict[Hashable, tuple[float, Value]] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: Hashable) -> Value | None:
        """Return the cached value, ``None`` if it is missing or expired."""
        until, value = self._entries.get(key, (0.0, None))
        return value if value is not None and monotonic_now() < until else None

    def set(self, key: Hashable, value: Value, *, until: float) -> None:
        """Store ``value`` until the time ``until`` of :func:`monotonic_now`."""
        with self._lock:
            # Dicts keep insertion order: the newest entry is last, the first one is evicted
            self._entries.pop(key, None)
            if len(self._entries) >= self._max_size:
                del self._entries[next(iter(self._entries))]
            self._entries[key] = (until, value)

    def clear(self) -> None:
        """Remove all entries."""
        with self._lock:
            self._entries.clear()
