"""Per-request memoisation: a treaty or a pledge in ten blocks is read once for the page.

What was read is kept on the request, so it is gone with it, under WSGI and ASGI alike. Only ``GET`` and ``HEAD``, which
change nothing, set anything. Anywhere else (a command, a form that is sent, a block that is rendered without a
request) each call reads anew.
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

#: The attribute of the request that holds what was read.
_ATTRIBUTE: Final = "_wagtail_pledge_cache"
#: What :func:`use_request_cache` has set: the dictionary of the request that is being answered.
_request_cache: Final[ContextVar[dict[Hashable, Any] | None]] = ContextVar("wagtail_pledge_read", default=None)


def memoize_per_request(key: Hashable, read: Callable[[], Value]) -> Value:
    """Return what ``read`` returned when this request first asked for ``key``; whoever gets it must not change it.

    The key names all that the answer depends on: what is looked for, the language where words are in it.
    """
    known = _request_cache.get()
    if known is None:
        return read()
    if key not in known:
        known[key] = read()
    found: Value = known[key]
    return found


@contextmanager
def use_request_cache(request: Any) -> Iterator[None]:
    """Within the ``with`` block, have :func:`memoize_per_request` set what it reads on ``request``.

    Every block for the same request shares what was read. ``None`` changes nothing: a block that is rendered without a
    request uses the cache of the page around it, if there is one.
    """
    if request is None:
        yield
        return
    keeps = request.method in {"GET", "HEAD"}
    token = _request_cache.set(request.__dict__.setdefault(_ATTRIBUTE, {}) if keeps else None)
    try:
        yield
    finally:
        _request_cache.reset(token)


def with_request_cache(view: Callable[..., Any]) -> Any:
    """Decorate a view: while it runs, :func:`memoize_per_request` keeps what it reads on the request."""

    @wraps(view)
    def inner(request: Any, *args: Any, **kwargs: Any) -> Any:
        with use_request_cache(request):
            return view(request, *args, **kwargs)

    return inner


#: More than this and the one kept longest ago goes.
DEFAULT_MAX_SIZE: Final = 1000


def monotonic_now() -> float:
    """Return the seconds of a clock that nobody sets: to measure how long, not to tell when."""
    return time.monotonic()


class TTLCache(Generic[Value]):
    """Values with an end, by key, shared by the threads of a process."""

    def __init__(self, max_size: int = DEFAULT_MAX_SIZE) -> None:
        self._max_size = max_size
        self._lock = Lock()
        self._entries: dict[Hashable, tuple[float, Value]] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: Hashable) -> Value | None:
        """Return what is remembered, ``None`` if nothing is or its time is over."""
        until, value = self._entries.get(key, (0.0, None))
        return value if value is not None and monotonic_now() < until else None

    def set(self, key: Hashable, value: Value, *, until: float) -> None:
        """Remember ``value`` before ``until`` on the clock of ``steady_now``."""
        with self._lock:
            # The newest stands last, so the first is the one to forget
            self._entries.pop(key, None)
            if len(self._entries) >= self._max_size:
                del self._entries[next(iter(self._entries))]
            self._entries[key] = (until, value)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._entries.clear()
