"""What is read once while one page is made: a treaty or a pledge in ten blocks costs what it costs in one.

Only while a ``GET`` or ``HEAD`` is answered, which changes nothing, and never beyond it. Anywhere else (a command, a
form that is sent, a preview that is rendered without a request) each look is a new one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Mapping
from contextvars import ContextVar
from threading import Lock
from typing import Any, Final, Generic, TypeVar

from django.core.signals import request_finished, request_started

Value = TypeVar("Value")

_read: Final[ContextVar[dict[Hashable, Any] | None]] = ContextVar("wagtail_pledge_read", default=None)


def read_once(key: Hashable, read: Callable[[], Value]) -> Value:
    """Return what ``read`` returned when this request first asked for ``key``; whoever gets it must not change it.

    The key names all that the answer depends on: what is looked for, the language where words are in it.
    """
    known = _read.get()
    if known is None:
        return read()
    if key not in known:
        known[key] = read()
    found: Value = known[key]
    return found


def _begin(environ: Mapping[str, Any] | None = None, scope: Mapping[str, Any] | None = None, **_sent: Any) -> None:
    method = (environ or {}).get("REQUEST_METHOD") or (scope or {}).get("method")
    _read.set({} if method in {"GET", "HEAD"} else None)


def _end(**_sent: Any) -> None:
    _read.set(None)


def watch_requests() -> None:
    """Remember from the start of each request to its end."""
    request_started.connect(_begin, dispatch_uid="wagtail_pledge.reads")
    request_finished.connect(_end, dispatch_uid="wagtail_pledge.reads")


#: More than this and the one kept longest ago goes.
MOST: Final = 1000


def steady_now() -> float:
    """Return the seconds of a clock that nobody sets: to measure how long, not to tell when."""
    return time.monotonic()


class Memory(Generic[Value]):
    """Values with an end, by key, shared by the threads of a process."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._lock = Lock()
        self._kept: dict[Hashable, tuple[float, Value]] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def recall(self, key: Hashable) -> Value | None:
        """Return what is remembered, ``None`` if nothing is or its time is over."""
        until, value = self._kept.get(key, (0.0, None))
        return value if value is not None and steady_now() < until else None

    def keep(self, key: Hashable, value: Value, *, until: float) -> None:
        """Remember ``value`` before ``until`` on the clock of ``steady_now``."""
        with self._lock:
            # The newest stands last, so the first is the one to forget
            self._kept.pop(key, None)
            if len(self._kept) >= self._most:
                del self._kept[next(iter(self._kept))]
            self._kept[key] = (until, value)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._kept.clear()
