"""A process remembers for a few seconds, and not more than so much."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from wagtail_pledge.caching import local as module
from wagtail_pledge.caching.local import Memory


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """The process's steady clock, to be moved by hand."""
    now = [1000.0]
    monkeypatch.setattr(module, "steady_now", lambda: now[0])
    return now


@pytest.mark.requirement("P4")
def test_what_is_kept_is_there_until_its_time_is_over(clock: list[float]) -> None:
    memory: Memory[str] = Memory()
    memory.keep("a", "first", until=1005)
    clock[0] = 1004.9
    assert (memory.recall("a"), memory.recall("b")) == ("first", None)
    clock[0] = 1005
    assert memory.recall("a") is None
    memory.keep("a", "second", until=1010)
    assert memory.recall("a") == "second"
    memory.clear()
    assert (memory.recall("a"), len(memory)) == (None, 0)


@pytest.mark.requirement("P4")
def test_the_one_kept_longest_ago_goes_first(clock: list[float]) -> None:
    memory: Memory[int] = Memory(most=2)
    for key, value in (("a", 1), ("b", 2), ("a", 3), ("c", 4)):
        memory.keep(key, value, until=2000)
    assert len(memory) == 2
    assert [memory.recall(key) for key in "abc"] == [3, None, 4]


@pytest.mark.requirement("P4")
def test_threads_never_fill_it_beyond_its_bound() -> None:
    memory: Memory[int] = Memory(most=10)

    def fill(start: int) -> int:
        most = 0
        for number in range(start, start + 2000):
            memory.keep(number % 50, number, until=1e12)
            found = memory.recall(number % 50)
            assert found is None or found % 50 == number % 50
            most = max(most, len(memory))
        return most

    with ThreadPoolExecutor(8) as threads:
        assert max(threads.map(fill, range(8))) <= 10
