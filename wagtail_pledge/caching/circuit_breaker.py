"""Circuit breaker for a failing cache server."""

from __future__ import annotations

import logging
import time
from threading import Lock
from typing import Final

logger = logging.getLogger(__name__)

#: After this many failures in a row the circuit opens for ``OPEN_SECONDS``; then one call tries again.
FAILURE_THRESHOLD: Final = 2
OPEN_SECONDS: Final = 30.0
LOG_INTERVAL_SECONDS: Final = 60.0


class CircuitBreaker:
    """Decides whether to call a server that may be down; shared by the threads of a process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._failures = 0
        self._open_until = 0.0
        self._warned_at: float | None = None

    @property
    def works(self) -> bool:
        """Whether the last call succeeded, or none was made."""
        return self._failures == 0

    def allows_call(self) -> bool:
        """Return whether to make this call. When the open time is over, only one caller gets ``True``."""
        if self._failures < FAILURE_THRESHOLD:
            return True
        with self._lock:
            now = time.monotonic()
            if now < self._open_until:
                return False
            self._open_until = now + OPEN_SECONDS
            return True

    def record_failure(self, error: Exception) -> None:
        """Count a failure, and log a warning at most once a minute."""
        with self._lock:
            now = time.monotonic()
            self._failures += 1
            self._open_until = now + OPEN_SECONDS
            should_log = self._warned_at is None or now - self._warned_at >= LOG_INTERVAL_SECONDS
            if should_log:
                self._warned_at = now
        if should_log:
            logger.warning("the cache is unavailable, continuing without it: %s", type(error).__name__)

    def record_success(self) -> None:
        """Reset the failure count."""
        self._failures = 0
