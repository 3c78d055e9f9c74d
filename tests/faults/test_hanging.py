"""A database that hangs: every request is answered within three seconds, and works again within three seconds."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from tests.faults.harness.relay import Relay, relayed
from tests.faults.harness.server import KillableCluster
from tests.faults.harness.site import Answer, Site
from tests.waiting import wait_until

#: Requests at a time. The health check needs a free thread, whichever process gets it.
REQUESTS, THREADS = 6, 8
WORKING = {200, 303, 404}
#: The headings of a page, and of a form.
WORDS = "This page can’t be shown right now"
UNKNOWN = "We don’t know whether your signature was added"
UNCLEAR = "We don’t know whether this worked"


@pytest.fixture(scope="module")
def host(site: Site) -> Iterator[tuple[Site, Relay]]:
    """The site behind a relay."""
    with relayed(site, THREADS) as found:
        yield found


@contextlib.contextmanager
def _silent(_cluster: KillableCluster, relay: Relay) -> Iterator[None]:
    relay.is_silent = True
    try:
        yield
    finally:
        relay.is_silent = False


@contextlib.contextmanager
def _stopped(cluster: KillableCluster, _relay: Relay) -> Iterator[None]:
    with cluster.hanging():
        yield


def _visits(site: Site) -> list[Callable[[], Answer]]:
    """Return different requests that all need the database."""
    return [
        lambda: site.ask(site.seeded["page"]),
        lambda: site.ask("/en/nothing-here/"),
        lambda: site.ask(site.seeded["stamp"]),
        lambda: site.post(f"hang{time.monotonic_ns()}@example.org", site.stamp()),
        lambda: site.ask(site.seeded["page"] + "?x=1"),
        lambda: site.confirm(uuid4()),
    ]


def _ask_all(site: Site, number: int) -> list[Answer]:
    visits = _visits(site)
    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(lambda count: visits[count % len(visits)](), range(number)))


@pytest.mark.requirement("E15")
@pytest.mark.parametrize("hang", [_silent, _stopped])
def test_a_hanging_database_costs_three_seconds_at_most(host: tuple[Site, Relay], hang: Callable[..., object]) -> None:
    site, relay = host
    for _warm in range(3):
        assert {answer.status for answer in _ask_all(site, REQUESTS)} <= WORKING
    answer_limit, health_limit = site.limit(3), site.limit(1)
    with hang(site.cluster, relay):  # type: ignore[attr-defined]
        with ThreadPoolExecutor(2) as pool:
            first = pool.submit(_ask_all, site, REQUESTS)
            health = [site.ask(site.seeded["health"]) for _ in range(3)]
            answers = first.result()
        # More than there are threads: most are refused at once while one request tries
        answers += _ask_all(site, 24)
        health += [site.health()]
    began = time.monotonic()
    assert wait_until(lambda: {answer.status for answer in _ask_all(site, REQUESTS)} <= WORKING, 60)
    recovered = time.monotonic() - began
    slowest = max(answer.seconds for answer in answers)
    print(f"E15: slowest {slowest:.2f} s, health {max(one.seconds for one in health):.2f} s, back {recovered:.2f} s")
    assert {answer.status for answer in answers} == {503}
    assert all(answer.retry_after.isdigit() for answer in answers)
    texts = (WORDS, UNKNOWN, UNCLEAR, "unavailable")
    assert all(any(text in answer.body for text in texts) for answer in answers)
    assert slowest <= answer_limit
    assert {one.status for one in health} == {503}
    assert max(one.seconds for one in health) <= health_limit
    assert recovered <= answer_limit
    assert site.health().status == 200


@pytest.mark.requirement("E15", "E16")
def test_a_missing_synchronous_standby_stops_writing_only(site: Site) -> None:
    with site.fresh() as fresh, fresh.served() as served:
        limit = served.limit(3)
        stamp = served.stamp()
        site.cluster.set("synchronous_standby_names", "missing")
        try:
            refused = served.post("standby@example.org", stamp)
            page = served.ask(served.seeded["page"])
        finally:
            site.cluster.set("synchronous_standby_names", "")
        assert (refused.status, refused.retry_after.isdigit()) == (503, True)
        assert UNKNOWN in refused.body
        assert refused.seconds <= limit
        assert page.status in {200, 503}
        assert page.seconds <= limit
        assert wait_until(lambda: served.post("standby@example.org", stamp).status == 303, 60)
        (row,) = fresh.stored()
        # A process that met the silence opens no connection for a second
        assert wait_until(lambda: served.confirm(row).is_confirmation, limit)
        assert fresh.inconsistencies() == {}
