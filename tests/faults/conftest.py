"""One site for the stage. ``PLEDGE_FAULTS=full`` runs the numbers of the contract, otherwise a short form."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.faults.harness.server import MortalCluster
from tests.faults.harness.site import Site, seed


@pytest.fixture(scope="session")
def full() -> bool:
    """Whether the numbers of the contract are wanted."""
    return os.environ.get("PLEDGE_FAULTS", "ci") == "full"


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    """The whole site, served."""
    cluster = MortalCluster(port=5433)
    cluster.start()
    served = Site(cluster=cluster, seeded=seed(cluster))
    try:
        served.serve()
        yield served
    finally:
        served.stop()
        cluster.stop()
