"""What a process remembers for a few seconds: no cache server, no query, and never more than so many things."""

from __future__ import annotations

import time
from collections.abc import Hashable
from threading import Lock
from typing import Final, Generic, TypeVar

Value = TypeVar("Value")

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
