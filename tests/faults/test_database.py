"""PostgreSQL is killed, full, read-only or locked: acknowledged signatures are stored, others get a fast 503."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from tests.faults.harness.crowd import Crowd
from tests.faults.harness.site import Answer, Site
from tests.waiting import wait_until


def _signs(site: Site, name: str) -> Answer:
    return site.post(f"{name}-{time.monotonic_ns()}@example.org", site.stamp())


@pytest.mark.requirement("F01", "A1")
def test_acknowledged_forms_and_signatures_survive_a_killed_database(site: Site, full: bool) -> None:
    limit, kills = site.limit(3), 50 if full else 4
    crowd = Crowd(site, "f01-")
    try:
        for _kill in range(kills):
            crowd.acknowledge(200 if full else 25)
            site.cluster.crash()
            crowd.wait_for_refusal()
            site.cluster.launch()
    finally:
        crowd.stop()
    slowest = max(answer.seconds for answer in crowd.refused)
    print(f"F01: {len(crowd.signed)} forms and {len(crowd.confirmed)} signatures acknowledged, {kills} kills")
    print(f"F01: {len(crowd.refused)} refused, the slowest after {slowest:.2f} s")
    assert len(crowd.confirmed) >= (10_000 if full else 100)
    crowd.verify()
    assert crowd.statuses <= {0, 303, 503}
    assert all(answer.retry_after.isdigit() for answer in crowd.refused)
    assert slowest <= limit


@pytest.mark.requirement("F02")
def test_without_a_free_connection_requests_get_a_fast_503_and_recover(site: Site) -> None:
    limit = site.limit(3)
    site.cluster.restart(max_connections="20")
    taken = []
    try:
        with pytest.raises(psycopg.OperationalError):
            taken.extend(site.cluster.connect() for _ in range(25))
        answer = _signs(site, "full")
        assert (answer.status, answer.retry_after.isdigit()) == (503, True)
        assert answer.seconds < limit
        for connection in taken:
            connection.close()
        assert wait_until(lambda: _signs(site, "after").status == 303, 30)
    finally:
        for connection in taken:
            connection.close()
        site.cluster.restart()


@pytest.mark.requirement("F04")
def test_a_read_only_database_acknowledges_nothing(site: Site) -> None:
    before = len(site.stored())
    site.cluster.restart(default_transaction_read_only="on")
    try:
        answers = [_signs(site, "read-only") for _ in range(5)]
        assert {answer.status for answer in answers} == {503}
        assert len(site.stored()) == before
    finally:
        site.cluster.restart()
    assert _signs(site, "writable").status == 303


@pytest.mark.requirement("F05")
@pytest.mark.parametrize("lock", ["UPDATE {pledges} SET title = title", "SELECT 1 FROM {pledges} FOR UPDATE"])
def test_a_lock_on_the_pledge_row_blocks_nobody_who_signs(site: Site, full: bool, lock: str) -> None:
    """The second lock is what deleting the pledge would take; storing a form checks no foreign key."""
    with psycopg.connect(site.cluster.url) as editor:
        editor.execute(lock.format(**site.seeded))
        answers = [_signs(site, "editor") for _ in range(200 if full else 40)]
        editor.rollback()
    # A request that had to wait for the row would have been refused after two seconds
    assert {answer.status for answer in answers} == {303}


@pytest.mark.requirement("F05")
def test_an_editors_lock_on_the_pledge_row_blocks_no_confirmation(site: Site) -> None:
    rows = [_signs(site, "confirms").submission for _ in range(20)]
    with psycopg.connect(site.cluster.url) as editor:
        editor.execute(f"UPDATE {site.seeded['pledges']} SET title = title")
        assert all(site.confirm(row).is_confirmation for row in rows)
        editor.rollback()


@pytest.mark.requirement("F05")
@pytest.mark.parametrize("table", ["submissions", "signatures"])
def test_a_locked_table_gives_a_503_after_two_seconds(site: Site, table: str) -> None:
    limit, row = site.limit(4), _signs(site, "unlocked").submission
    stamp = site.stamp()
    with psycopg.connect(site.cluster.url) as holder:
        holder.execute(f"LOCK TABLE {site.seeded[table]} IN EXCLUSIVE MODE")
        answers = [site.confirm(row)]
        if table == "submissions":
            answers.append(site.post(f"locked-{row}@example.org", stamp))
        holder.rollback()
    assert {answer.status for answer in answers} == {503}
    assert max(answer.seconds for answer in answers) < limit
    assert site.confirm(row).is_confirmation
    assert site.post(f"locked-{row}@example.org", stamp).status == 303
    assert site.inconsistencies() == {}


@pytest.mark.requirement("A5")
def test_the_same_form_posted_concurrently_is_stored_once(site: Site) -> None:
    before = len(site.stored())
    with ThreadPoolExecutor(2) as pool:
        for number in range(20):
            stamp = site.stamp()
            both = list(pool.map(lambda _, n=number, s=stamp: site.post(f"twice{n}@example.org", s), range(2)))
            assert [answer.status for answer in both] == [303, 303]
            assert both[0].submission == both[1].submission
    assert len(site.stored()) == before + 20
    assert site.inconsistencies() == {}


def _children(process: subprocess.Popen[bytes]) -> list[int]:
    """Return the process ids of gunicorn's workers."""
    listed = subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, text=True, check=False)
    return [int(pid) for pid in listed.stdout.split()]


@pytest.mark.requirement("F12")
def test_a_killed_web_worker_leaves_no_part_of_a_signature(site: Site, full: bool) -> None:
    assert site.process is not None
    crowd = Crowd(site, "f12-")
    try:
        for _kill in range(60 if full else 8):
            crowd.acknowledge(10)
            assert wait_until(lambda: _children(site.process), 60), "gunicorn started no worker"
            os.kill(_children(site.process)[0], signal.SIGKILL)
    finally:
        crowd.stop()
    assert crowd.statuses == {0, 303}, "no kill met a POST, or something else failed"
    crowd.verify()


@pytest.mark.requirement("F11")
def test_signing_needs_no_cache(site: Site) -> None:
    """The settings name a Redis server that is not running."""
    limit = site.limit(1)
    answers = [_signs(site, "no-cache") for _ in range(20)]
    assert {answer.status for answer in answers} == {303}
    assert max(answer.seconds for answer in answers) <= limit
