"""A cache that is away is left alone for half a minute."""

from __future__ import annotations

import logging

import pytest

pytest.importorskip("redis")

from wagtail_pledge.caching import redis as module
from wagtail_pledge.caching.circuit_breaker import CircuitBreaker
from wagtail_pledge.caching.redis import RedisCache

#: Nothing listens there.
NOWHERE = "redis://127.0.0.1:1/0"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The process's steady clock, to be moved by hand."""
    now = [1000.0]
    monkeypatch.setattr("wagtail_pledge.caching.circuit_breaker.time.monotonic", lambda: now[0])
    return now


@pytest.mark.requirement("A4")
def test_two_failures_open_the_circuit_for_half_a_minute(clock: list[float]) -> None:
    circuit = CircuitBreaker()
    circuit.record_failure(OSError())
    assert circuit.allows_call()
    circuit.record_failure(OSError())
    assert not circuit.allows_call()
    clock[0] += 29
    assert not circuit.allows_call()
    clock[0] += 1
    assert [circuit.allows_call(), circuit.allows_call()] == [True, False]
    assert not circuit.works
    circuit.record_success()
    assert circuit.works
    assert circuit.allows_call()


@pytest.mark.requirement("A4")
def test_the_log_is_told_once_a_minute(clock: list[float], caplog: pytest.LogCaptureFixture) -> None:
    circuit = CircuitBreaker()
    with caplog.at_level(logging.WARNING):
        for seconds in (0, 1, 58, 1, 59, 1):
            clock[0] += seconds
            circuit.record_failure(ConnectionError("redis://user:secret@host"))
    assert [record.getMessage() for record in caplog.records] == [
        "the cache is unavailable, continuing without it: ConnectionError"
    ] * 3


@pytest.mark.requirement("A4", "F11")
def test_what_redis_does_not_answer_is_a_miss(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_circuits", {})
    cache = RedisCache(NOWHERE, {})
    assert cache.get("a", "otherwise") == "otherwise"
    assert cache.set("a", 1) is None
    assert not any((cache.add("a", 1), cache.touch("a"), cache.delete("a"), cache.has_key("a"), cache.works()))
    assert cache.get_many(["a"]) == {}
    assert cache.set_many({"a": 1, "b": 2}) == ["a", "b"]
    assert cache.get_or_set("a", lambda: 5) == 5
    cache.delete_many(["a"])
    cache.clear()
    with pytest.raises(ValueError, match="not found"):
        cache.incr("a")
    assert not RedisCache(NOWHERE, {})._circuit.allows_call()
