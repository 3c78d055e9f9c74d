"""Redis cache backend with short timeouts and a circuit breaker: an unreachable Redis is a cache miss.

The package itself needs no cache, but Wagtail caches the URLs of pages. With Django's own backend an unreachable Redis
is an error on every page, and one that does not answer delays each request for seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Final

from django.core.cache.backends import redis
from redis import RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from wagtail_pledge.caching.circuit_breaker import CircuitBreaker

#: Seconds to wait for a connection or an answer, unless the site's ``OPTIONS`` say otherwise.
TIMEOUT_SECONDS: Final = 0.25

_circuits: Final[dict[str, CircuitBreaker]] = {}


def _with_fallback(default: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator for a method of Django's backend: it returns ``default`` if Redis fails."""

    def decorate(method: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(self: RedisCache, *args: Any, **options: Any) -> Any:
            return self._call_redis(partial(method, self, *args, **options), default)

        return guarded

    return decorate


class RedisCache(redis.RedisCache):
    """Cache backend for ``CACHES``: Django's Redis cache, with failures treated as misses.

    If Redis fails, ``add``, ``touch``, ``delete`` and ``has_key`` return ``False``, ``set_many`` returns all keys as
    failed, and ``incr`` raises ``ValueError`` as for a missing key.
    """

    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        timeouts = {
            "socket_connect_timeout": TIMEOUT_SECONDS,
            "socket_timeout": TIMEOUT_SECONDS,
            "retry": Retry(NoBackoff(), 0),
        }
        super().__init__(server, {**params, "OPTIONS": {**timeouts, **params.get("OPTIONS", {})}})
        # Django creates one cache object per thread; they share the circuit breaker
        self._circuit = _circuits.setdefault(str(server), CircuitBreaker())

    def works(self) -> bool:
        """Send one command and return whether Redis answered."""
        self.get("wagtail_pledge.works")
        return self._circuit.works

    def _call_redis(self, call: Callable[[], Any], default: Any) -> Any:
        if not self._circuit.allows_call():
            return default
        try:
            result = call()
        except (OSError, RedisError) as error:
            self._circuit.record_failure(error)
            return default
        self._circuit.record_success()
        return result

    add = _with_fallback(default=False)(redis.RedisCache.add)
    set = _with_fallback(default=None)(redis.RedisCache.set)
    touch = _with_fallback(default=False)(redis.RedisCache.touch)
    delete = _with_fallback(default=False)(redis.RedisCache.delete)
    has_key = _with_fallback(default=False)(redis.RedisCache.has_key)
    delete_many = _with_fallback(default=None)(redis.RedisCache.delete_many)
    clear = _with_fallback(default=None)(redis.RedisCache.clear)

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        """Return the cached value, or ``default``."""
        return self._call_redis(partial(super().get, key, default, version), default)

    def get_many(self, keys: Iterable[Any], version: int | None = None) -> Any:
        """Return the cached values by key, without the keys that are missing."""
        return self._call_redis(partial(super().get_many, keys, version), {})

    def set_many(self, data: dict[Any, Any], *args: Any, **options: Any) -> Any:
        """Set all values; return the keys that were not stored."""
        return self._call_redis(partial(super().set_many, data, *args, **options), list(data))

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        """Add ``delta`` to a number and return it. Raises ``ValueError`` if the key is missing or Redis fails."""
        number = self._call_redis(partial(super().incr, key, delta, version), None)
        if number is None:
            message = f"Key '{key}' not found."
            raise ValueError(message)
        return int(number)
