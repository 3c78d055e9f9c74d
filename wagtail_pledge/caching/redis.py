"""Django's Redis cache backend with short timeouts and a circuit breaker: an unreachable Redis is a cache miss.

The package itself needs no cache, but Wagtail asks it for the URLs of pages. With Django's own backend an unreachable
Redis is an error on every page, and one that does not answer holds each request for seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Final

from django.core.cache.backends import redis
from redis import RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from wagtail_pledge.caching.circuit_breaker import Circuit

#: Seconds to wait for a connection or an answer, unless the site's ``OPTIONS`` say otherwise.
TIMEOUT: Final = 0.25

_circuits: Final[dict[str, Circuit]] = {}


def _or(default: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator: the method of Django's backend of the same name, or ``default`` where Redis fails."""

    def decorate(method: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(self: RedisCache, *args: Any, **options: Any) -> Any:
            return self._ask(partial(method, self, *args, **options), default)

        return guarded

    return decorate


class RedisCache(redis.RedisCache):
    """``CACHES["default"]["BACKEND"]``: Django's Redis cache, whose failures are misses.

    ``add``, ``touch``, ``delete`` and ``has_key`` then answer ``False``, ``set_many`` names every key as
    failed, and ``incr`` raises ``ValueError`` as for a key that is not there.
    """

    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        timeouts = {"socket_connect_timeout": TIMEOUT, "socket_timeout": TIMEOUT, "retry": Retry(NoBackoff(), 0)}
        super().__init__(server, {**params, "OPTIONS": {**timeouts, **params.get("OPTIONS", {})}})
        # Each thread has a cache object of its own
        self._circuit = _circuits.setdefault(str(server), Circuit())

    def works(self) -> bool:
        """Send one request and return whether Redis answered."""
        self.get("wagtail_pledge.works")
        return self._circuit.works

    def _ask(self, call: Callable[[], Any], default: Any) -> Any:
        if not self._circuit.lets_through():
            return default
        try:
            answer = call()
        except (OSError, RedisError) as error:
            self._circuit.failed(error)
            return default
        self._circuit.worked()
        return answer

    add = _or(default=False)(redis.RedisCache.add)
    set = _or(default=None)(redis.RedisCache.set)
    touch = _or(default=False)(redis.RedisCache.touch)
    delete = _or(default=False)(redis.RedisCache.delete)
    has_key = _or(default=False)(redis.RedisCache.has_key)
    delete_many = _or(default=None)(redis.RedisCache.delete_many)
    clear = _or(default=None)(redis.RedisCache.clear)

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        """Return what is stored, or ``default``."""
        return self._ask(partial(super().get, key, default, version), default)

    def get_many(self, keys: Iterable[Any], version: int | None = None) -> Any:
        """Return what is stored, by key."""
        return self._ask(partial(super().get_many, keys, version), {})

    def set_many(self, data: dict[Any, Any], *args: Any, **options: Any) -> Any:
        """Store all; return the keys that were not stored."""
        return self._ask(partial(super().set_many, data, *args, **options), list(data))

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        """Add to a number. Raises ``ValueError`` if it is not there."""
        number = self._ask(partial(super().incr, key, delta, version), None)
        if number is None:
            message = f"Key '{key}' not found."
            raise ValueError(message)
        return int(number)
