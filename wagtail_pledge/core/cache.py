"""A Redis cache that a site can lose: what Redis does not answer is a miss, and it is then left alone for a while.

Nothing of ours needs a cache, but Wagtail asks it for the addresses of pages. With Django's own backend a Redis that is
away is an error on every page, and one that is silent holds each request for seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from django.core.cache.backends import redis
from redis import RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from wagtail_pledge.core.circuit import Circuit

#: Seconds to wait for a connection or an answer, unless the site's ``OPTIONS`` say otherwise.
PATIENCE: Final = 0.25

_circuits: Final[dict[str, Circuit]] = {}


class RedisCache(redis.RedisCache):
    """``CACHES["default"]["BACKEND"]``: Django's Redis cache, whose failures are misses.

    ``add``, ``touch``, ``delete`` and ``has_key`` then answer ``False``, ``set_many`` names every key as
    failed, and ``incr`` raises ``ValueError`` as for a key that is not there.
    """

    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        patience = {"socket_connect_timeout": PATIENCE, "socket_timeout": PATIENCE, "retry": Retry(NoBackoff(), 0)}
        super().__init__(server, {**params, "OPTIONS": {**patience, **params.get("OPTIONS", {})}})
        # Each thread has a cache object of its own
        self._circuit = _circuits.setdefault(str(server), Circuit())

    def works(self) -> bool:
        """Ask for something and return whether there was an answer."""
        self.get("wagtail_pledge.works")
        return self._circuit.works

    def _ask(self, call: Callable[[], Any], otherwise: Any) -> Any:
        if not self._circuit.lets_through():
            return otherwise
        try:
            answer = call()
        except (OSError, RedisError) as error:
            self._circuit.failed(error)
            return otherwise
        self._circuit.worked()
        return answer

    def add(self, *args: Any, **options: Any) -> bool:
        """Store unless there; ``False`` if not stored."""
        return bool(self._ask(lambda: super(RedisCache, self).add(*args, **options), otherwise=False))

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        """Return what is stored, or ``default``."""
        return self._ask(lambda: super(RedisCache, self).get(key, default, version), otherwise=default)

    def set(self, *args: Any, **options: Any) -> None:
        """Store, if Redis answers."""
        self._ask(lambda: super(RedisCache, self).set(*args, **options), otherwise=None)

    def touch(self, *args: Any, **options: Any) -> bool:
        """Give a key a new time; ``False`` if it is not there."""
        return bool(self._ask(lambda: super(RedisCache, self).touch(*args, **options), otherwise=False))

    def delete(self, *args: Any, **options: Any) -> bool:
        """Delete a key; ``False`` if it was not there."""
        return bool(self._ask(lambda: super(RedisCache, self).delete(*args, **options), otherwise=False))

    def has_key(self, *args: Any, **options: Any) -> bool:
        """Whether the key is there."""
        return bool(self._ask(lambda: super(RedisCache, self).has_key(*args, **options), otherwise=False))

    def get_many(self, keys: Iterable[Any], version: int | None = None) -> dict[Any, Any]:
        """Return what is there."""
        found: dict[Any, Any] = self._ask(lambda: super(RedisCache, self).get_many(keys, version), otherwise={})
        return found

    def set_many(self, data: dict[Any, Any], *args: Any, **options: Any) -> list[Any]:
        """Store all; return the keys that were not stored."""
        failed: list[Any] = self._ask(
            lambda: super(RedisCache, self).set_many(data, *args, **options), otherwise=list(data)
        )
        return failed

    def delete_many(self, *args: Any, **options: Any) -> None:
        """Delete all, if Redis answers."""
        self._ask(lambda: super(RedisCache, self).delete_many(*args, **options), otherwise=None)

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        """Add to a number. Raises ``ValueError`` if it is not there."""
        number = self._ask(lambda: super(RedisCache, self).incr(key, delta, version), otherwise=None)
        if number is None:
            message = f"Key '{key}' not found."
            raise ValueError(message)
        return int(number)

    def clear(self) -> None:
        """Empty the cache, if Redis answers."""
        self._ask(lambda: super(RedisCache, self).clear(), otherwise=None)
