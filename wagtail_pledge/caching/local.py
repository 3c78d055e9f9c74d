"""Caches in this process: memoisation per request, and a bounded TTL cache.

A treaty or a pledge in ten blocks of a page is read once. The values are stored on the request and discarded with it,
under WSGI and ASGI alike, and only for ``GET`` and ``HEAD``, which change nothing. Everywhere else (commands, ``POST``,
blocks rendered without a request) every read is fresh.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from threading import Lock
from typing import Any, Final, Generic, TypeVar

Value = TypeVar("Value")

#: Attribute of the request with the memoised values.
_ATTRIBUTE: Final = "_wagtail_pledge_cache"
#: The memoised values of the current request, set by :func:`use_request_cache`.
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


@contextmanager
def use_request_cache(request: Any) -> Iterator[None]:
    """Context manager in which :func:`memoize_per_request` stores its values on ``request``.

    All such blocks of a request share the values. ``None`` changes nothing: a block that is rendered without a request
    uses the cache of the surrounding page, if there is one.
    """
    if request is None:
        yield
        return
    is_cached = request.method in {"GET", "HEAD"}
    token = _request_cache.set(request.__dict__.setdefault(_ATTRIBUTE, {}) if is_cached else None)
    try:
        yield
    finally:
        _request_cache.reset(token)


def with_request_cache(view: Callable[..., Any]) -> Any:
    """Decorator for a view during which :func:`memoize_per_request` stores its values on the request."""

    @wraps(view)
    def inner(request: Any, *args: Any, **kwargs: Any) -> Any:
        with use_request_cache(request):
            return view(request, *args, **kwargs)

    return inner


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
