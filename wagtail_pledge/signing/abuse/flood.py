"""Limit of public POSTs per network and minute in this process, in memory: no database work for a flood.

A form with a solved proof of work is let through; this process remembers each challenge until it expires.
"""

from __future__ import annotations

from collections import deque
from threading import Lock
from typing import Final

from wagtail_pledge.caching.local import TTLCache, monotonic_now
from wagtail_pledge.conf import get_setting
from wagtail_pledge.signing.abuse.proof_of_work import Proof

SECONDS: Final = 60.0
#: Networks that are remembered; the one that was quiet for longest is forgotten first.
MAX_NETWORKS: Final = 10_000


class FloodGuard:
    """Counts POSTs by network over the last minute."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._times: dict[str, deque[float]] = {}
        self._proofs: TTLCache[bool] = TTLCache(MAX_NETWORKS)

    def is_flooded(self, network: str) -> bool:
        """Count a POST of ``network``; return whether it is above ``POSTS_PER_MINUTE``. Without a network: false."""
        limit, now = int(get_setting("POSTS_PER_MINUTE") or 0), monotonic_now()
        if not limit or not network:
            return False
        with self._lock:
            times = self._times.pop(network, None) or deque(maxlen=limit + 1)
            if len(self._times) >= MAX_NETWORKS:
                del self._times[next(iter(self._times))]
            # Last: dicts keep insertion order
            self._times[network] = times
            times.append(now)
            while times[0] <= now - SECONDS:
                times.popleft()
            return len(times) > limit

    def is_busy(self, network: str) -> bool:
        """Whether the next POST of ``network`` would be above the limit; counts nothing."""
        limit = int(get_setting("POSTS_PER_MINUTE") or 0)
        with self._lock:
            times = self._times.get(network, ())
            return bool(limit) and sum(at > monotonic_now() - SECONDS for at in times) >= limit

    def is_new_proof(self, proof: Proof) -> bool:
        """Whether this process sees the solved challenge for the first time.

        It is remembered for as long as a challenge is valid, by the monotonic clock: this host's time may be wrong.
        """
        until = monotonic_now() + 60.0 * get_setting("ALTCHA_MINUTES")
        with self._lock:
            if self._proofs.get(proof.challenge):
                return False
            self._proofs.set(proof.challenge, True, until=until)
        return True

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._times.clear()
        self._proofs.clear()


guard: Final = FloodGuard()
