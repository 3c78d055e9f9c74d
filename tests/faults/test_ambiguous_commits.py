"""Connections that are cut after COMMIT was sent, again and again, while many people sign and confirm."""

from __future__ import annotations

import pytest

from tests.campaigns.test_ambiguous_commit import CLAIMS, UNKNOWN
from tests.faults.harness.crowd import Crowd
from tests.faults.harness.relay import relayed
from tests.faults.harness.site import Site
from tests.waiting import wait_until


@pytest.mark.requirement("E16", "A1")
def test_cut_commits_lose_and_double_nothing(site: Site, full: bool) -> None:
    """Whoever is told that it is not known sends the form again: it counts once, and nobody is told otherwise."""
    number = 500 if full else 40
    with relayed(site) as (served, relay):
        crowd = Crowd(served, "cut-")
        try:
            for _cut in range(number):
                relay.cut_next_commit()
                assert wait_until(lambda: not relay.is_armed, 60), "nobody wrote anything"
            crowd.acknowledge(20)
        finally:
            crowd.stop()
        crowd.verify()
    refused = crowd.refused
    print(
        f"E16: {relay.cuts} cuts, {len(crowd.signed)} forms, {len(crowd.confirmed)} signatures, {len(refused)} refused"
    )
    assert relay.cuts == number
    assert crowd.statuses <= {303, 503}
    assert len(refused) == number, "each cut is one refusal"
    assert all(UNKNOWN in answer.body and not CLAIMS.search(answer.body) for answer in refused)
    assert all(answer.retry_after.isdigit() for answer in refused)
