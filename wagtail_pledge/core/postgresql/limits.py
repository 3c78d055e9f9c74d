"""How long a statement may take: in a request, in a block that allows more, and in a command.

Importable before Django is set up.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from threading import Condition
from typing import Any, Final

from django.core.signals import request_started

#: A statement may take this many seconds longer than the server allows, before the client gives up.
MARGIN_SECONDS: Final = 0.4
#: After the server did not answer, no connection is opened for this many seconds.
PAUSE_SECONDS: Final = 1.0
#: How long the one attempt after the pause may take until the next one is allowed.
ATTEMPT_SECONDS: Final = 3.0
#: How long another caller waits for the result of that attempt; a server that is back answers much sooner.
WAIT_SECONDS: Final = 0.25
#: A failed attempt that took less is an answer, for instance "connection refused".
SLOW_SECONDS: Final = 0.5

_allowed: Final[ContextVar[float | None]] = ContextVar("wagtail_pledge_statement_seconds", default=None)


@contextmanager
def statements_of(seconds: float) -> Iterator[None]:
    """Context manager in which each statement may take ``seconds`` instead of the request's limit."""
    token = _allowed.set(seconds)
    try:
        yield
    finally:
        _allowed.reset(token)


@dataclass(slots=True)
class _Process:
    """Whether this process serves requests. One that does not is a command and has no limit."""

    serves_requests: bool = False


process: Final = _Process()


def _note_request(**_kwargs: Any) -> None:
    process.serves_requests = True


request_started.connect(_note_request, dispatch_uid="wagtail_pledge.core.postgresql")


def statement_seconds(limit_of_requests: float | None) -> float | None:
    """Return how long a statement may take here and now; ``None`` for no limit."""
    allowed = _allowed.get()
    if allowed is not None:
        return allowed
    return limit_of_requests if process.serves_requests else None


@dataclass(slots=True)
class ConnectionBreaker:
    """Refuses connections for a moment after the server did not answer, so that requests do not all wait for it.

    Shared by the threads of a process. After the pause, one caller tries; the others wait a little for its result.
    """

    _changed: Condition = field(default_factory=Condition)
    _refuses_until: float = 0.0
    _is_attempting: bool = False
    is_open: bool = False

    def allows_attempt(self) -> bool:
        """Return whether to open a connection now."""
        if not self.is_open:
            return True
        with self._changed:
            now = time.monotonic()
            if now >= self._refuses_until:
                self._refuses_until = now + ATTEMPT_SECONDS
                self._is_attempting = True
                return True
            if self._is_attempting:
                self._changed.wait_for(lambda: not self._is_attempting, WAIT_SECONDS)
            return not self.is_open

    def record_silence(self) -> None:
        """Begin the pause: the server did not answer in time."""
        self._record(time.monotonic() + PAUSE_SECONDS, is_open=True)

    def record_answer(self) -> None:
        """End the pause: the server answered."""
        if self.is_open:
            self._record(0.0, is_open=False)

    def _record(self, refuses_until: float, *, is_open: bool) -> None:
        with self._changed:
            self._refuses_until, self.is_open, self._is_attempting = refuses_until, is_open, False
            self._changed.notify_all()
