"""A cache server that fails is left alone for a while."""

from __future__ import annotations

import logging
import time
from threading import Lock
from typing import Final

logger = logging.getLogger(__name__)

#: So many failures in a row, and the cache is not asked for so many seconds; then one call tries.
FAILURES_TO_REST: Final = 2
REST_SECONDS: Final = 30.0
WARN_SECONDS: Final = 60.0


class Circuit:
    """Whether a server is worth asking; shared by the threads of a process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._failures = 0
        self._rests_until = 0.0
        self._warned_at: float | None = None

    @property
    def works(self) -> bool:
        """Whether the last call went well, or none was made."""
        return self._failures == 0

    def lets_through(self) -> bool:
        """Whether to make this call. After a rest one caller tries; the others go on without the server."""
        if self._failures < FAILURES_TO_REST:
            return True
        with self._lock:
            now = time.monotonic()
            if now < self._rests_until:
                return False
            self._rests_until = now + REST_SECONDS
            return True

    def failed(self, error: Exception) -> None:
        """Count a failure; tell the log at most once a minute."""
        with self._lock:
            now = time.monotonic()
            self._failures += 1
            self._rests_until = now + REST_SECONDS
            tell = self._warned_at is None or now - self._warned_at >= WARN_SECONDS
            if tell:
                self._warned_at = now
        if tell:
            logger.warning("the cache is away, the site goes on without: %s", type(error).__name__)

    def worked(self) -> None:
        """Forget the failures."""
        self._failures = 0
