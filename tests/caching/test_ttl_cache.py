"""The bounded in-process TTL cache."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from wagtail_pledge.caching import local as module
from wagtail_pledge.caching.local import TTLCache


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """Return the monotonic time as a list of one value, which the test advances."""
    now = [1000.0]
    monkeypatch.setattr(module, "monotonic_now", lambda: now[0])
    return now


@pytest.mark.requirement("P4")
def test_an_entry_is_returned_until_it_expires(clock: list[float]) -> None:
    ttl_cache: TTLCache[str] = TTLCache()
    ttl_cache.set("a", "first", until=1005)
    clock[0] = 1004.9
    assert (ttl_cache.get("a"), ttl_cache.get("b")) == ("first", None)
    clock[0] = 1005
    assert ttl_cache.get("a") is None
    ttl_cache.set("a", "second", until=1010)
    assert ttl_cache.get("a") == "second"
    ttl_cache.clear()
    assert (ttl_cache.get("a"), len(ttl_cache)) == (None, 0)


@pytest.mark.requirement("P4")
def test_the_oldest_entry_is_evicted_first(clock: list[float]) -> None:
    ttl_cache: TTLCache[int] = TTLCache(max_size=2)
    for key, value in (("a", 1), ("b", 2), ("a", 3), ("c", 4)):
        ttl_cache.set(key, value, until=2000)
    assert len(ttl_cache) == 2
    assert [ttl_cache.get(key) for key in "abc"] == [3, None, 4]


@pytest.mark.requirement("P4")
def test_threads_do_not_exceed_the_maximum_size() -> None:
    ttl_cache: TTLCache[int] = TTLCache(max_size=10)

    def fill(start: int) -> int:
        max_size = 0
        for number in range(start, start + 2000):
            ttl_cache.set(number % 50, number, until=1e12)
            found = ttl_cache.get(number % 50)
            assert found is None or found % 50 == number % 50
            max_size = max(max_size, len(ttl_cache))
        return max_size

    with ThreadPoolExecutor(8) as threads:
        assert max(threads.map(fill, range(8))) <= 10
