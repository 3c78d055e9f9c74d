"""A cache server that fails is left alone for a while."""

from __future__ import annotations

import logging
import time
from threading import Lock
from typing import Final

logger = logging.getLogger(__name__)

#: So many failures in a row, and the cache is not asked for so many seconds; then one call tries.
FAILURE_THRESHOLD: Final = 2
OPEN_SECONDS: Final = 30.0
LOG_INTERVAL_SECONDS: Final = 60.0


class CircuitBreaker:
    """Whether a server is worth asking; shared by the threads of a process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._failures = 0
        self._open_until = 0.0
        self._warned_at: float | None = None

    @property
    def works(self) -> bool:
        """Whether the last call went well, or none was made."""
        return self._failures == 0

    def allows_call(self) -> bool:
        """Whether to make this call. After a rest one caller tries; the others go on without the server."""
        if self._failures < FAILURE_THRESHOLD:
            return True
        with self._lock:
            now = time.monotonic()
            if now < self._open_until:
                return False
            self._open_until = now + OPEN_SECONDS
            return True

    def record_failure(self, error: Exception) -> None:
        """Count a failure; tell the log at most once a minute."""
        with self._lock:
            now = time.monotonic()
            self._failures += 1
            self._open_until = now + OPEN_SECONDS
            tell = self._warned_at is None or now - self._warned_at >= LOG_INTERVAL_SECONDS
            if tell:
                self._warned_at = now
        if tell:
            logger.warning("the cache is away, the site goes on without: %s", type(error).__name__)

    def record_success(self) -> None:
        """Forget the failures."""
        self._failures = 0
