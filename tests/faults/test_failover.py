"""A synchronous pair of servers: the primary dies, the standby takes over, and nothing acknowledged is lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.faults.harness.crowd import Crowd
from tests.faults.harness.server import KillableCluster, Standby
from tests.faults.harness.site import Site, free_port, seed
from tests.waiting import wait_until


@pytest.fixture
def pair() -> Iterator[tuple[KillableCluster, Standby, dict[str, str]]]:
    """A seeded primary, and its synchronous standby."""
    primary = KillableCluster(port=5441)
    standby = Standby(primary, port=5442)
    primary.start()
    try:
        seeded = seed(primary)
        standby.start()
        primary.set("synchronous_standby_names", "*")
        state = "SELECT sync_state FROM pg_stat_replication"
        assert wait_until(lambda: primary.rows(state) == [("sync",)], 60)
        yield primary, standby, seeded
    finally:
        standby.stop()
        primary.stop()


@pytest.mark.requirement("E15", "A1")
def test_a_failover_loses_no_acknowledged_signature(
    pair: tuple[KillableCluster, Standby, dict[str, str]], full: bool
) -> None:
    primary, standby, seeded = pair
    hosts = {"HOST": f"{primary.directory},{standby.directory}", "PORT": f"{primary.port},{standby.port}"}
    options = {"target_session_attrs": "read-write"}
    variables = {"PLEDGE_FAULTS_DATABASE": json.dumps(hosts), "PLEDGE_FAULTS_OPTIONS": json.dumps(options)}
    number = 200 if full else 40
    site = Site(cluster=primary, seeded=seeded, variables=variables, port=free_port())
    site.serve()
    try:
        crowd = Crowd(site, "failover-")
        try:
            crowd.acknowledge(number)
            primary.crash()
            crowd.wait_for_refusal()
            standby.promote()
            crowd.acknowledge(number)
        finally:
            crowd.stop()
    finally:
        site.stop()
    survivor = replace(site, cluster=standby, process=None)
    print(f"fail-over: {len(crowd.signed)} forms and {len(crowd.confirmed)} signatures acknowledged")
    crowd.verify(survivor)
    assert crowd.statuses <= {0, 303, 503}
