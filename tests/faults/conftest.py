"""One served site for all fault tests. ``PLEDGE_FAULTS=full`` runs them at full size, otherwise they are short."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.faults.harness.server import MortalCluster
from tests.faults.harness.site import Site, seed


@pytest.fixture(scope="session")
def full() -> bool:
    """Whether to run at full size."""
    return os.environ.get("PLEDGE_FAULTS", "ci") == "full"


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    """The served site."""
    cluster = MortalCluster(port=5433)
    cluster.start()
    served = Site(cluster=cluster, seeded=seed(cluster))
    try:
        served.serve()
        yield served
    finally:
        served.stop()
        cluster.stop()
