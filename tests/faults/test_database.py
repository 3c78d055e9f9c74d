"""PostgreSQL dies, is full, is read-only, is locked: what was acknowledged is there, the rest is told at once."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from tests.faults.harness.site import Answer, Site, form_id
from tests.waiting import wait_until

CLIENTS = 8


def _signs(site: Site, name: str) -> Answer:
    return site.post(f"{name}-{time.monotonic_ns()}@example.org", site.stamp())


class Crowd:
    """Signers in threads until ``stop``."""

    def __init__(self, site: Site, name: str) -> None:
        self.site, self.name = site, name
        self.acknowledged: list[bytes] = []
        self.answers: list[Answer] = []
        self._numbers = itertools.count()
        self._deadline = time.monotonic() + 3600
        self.threads = [threading.Thread(target=self._sign) for _ in range(CLIENTS)]
        for thread in self.threads:
            thread.start()

    def stop(self) -> None:
        """Let nobody start to sign any more, and wait for those who have."""
        self._deadline = time.monotonic()
        for thread in self.threads:
            thread.join(60)

    def acknowledge(self, number: int) -> None:
        """Wait until ``number`` more are acknowledged."""
        wanted = len(self.acknowledged) + number
        assert wait_until(lambda: len(self.acknowledged) >= wanted, 120), f"{len(self.acknowledged)} of {wanted}"

    def is_refused(self) -> None:
        """Wait until one more is told to come again."""
        known = self.refusals
        assert wait_until(lambda: self.refusals > known, 60), "nobody was refused"

    @property
    def refusals(self) -> int:
        """How many were told to come again."""
        return sum(answer.status == 503 for answer in self.answers)

    def _sign(self) -> None:
        while time.monotonic() < self._deadline:
            stamp = self.site.stamp()
            email = f"{self.name}{next(self._numbers)}@example.org"
            if self.site.sign(email, stamp, self.answers, self._deadline):
                self.acknowledged.append(form_id(stamp))


@pytest.mark.requirement("F01", "A1")
def test_what_is_acknowledged_outlives_a_killed_database(site: Site, full: bool) -> None:
    limit, kills = site.limit(3), 50 if full else 4
    crowd = Crowd(site, "f01-")
    try:
        for _kill in range(kills):
            crowd.acknowledge(200 if full else 25)
            site.cluster.crash()
            crowd.is_refused()
            site.cluster.launch()
    finally:
        crowd.stop()
    lost = set(crowd.acknowledged) - site.stored()
    print(f"F01: {len(crowd.acknowledged)} acknowledged, {len(lost)} lost, {kills} kills, {site.halves()} halves")
    assert len(crowd.acknowledged) >= (10_000 if full else 100)
    assert not lost
    assert site.halves() == 0
    assert {answer.status for answer in crowd.answers} <= {0, 303, 503}
    refused = [answer for answer in crowd.answers if answer.status == 503]
    assert refused
    assert all(answer.retry_after.isdigit() for answer in refused)
    assert max(answer.seconds for answer in refused) <= limit


@pytest.mark.requirement("F02")
def test_no_free_connection_is_a_fast_503_and_it_recovers(site: Site) -> None:
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
def test_an_editor_who_holds_the_pledge_row_stops_nobody(site: Site, full: bool) -> None:
    pledges = site.seeded["pledges"]
    with psycopg.connect(site.cluster.url) as editor:
        editor.execute(f"UPDATE {pledges} SET title = title")
        answers = [_signs(site, "editor") for _ in range(200 if full else 40)]
        editor.rollback()
    # Whoever had to wait for the row was refused after two seconds
    assert {answer.status for answer in answers} == {303}


@pytest.mark.requirement("F05")
def test_a_full_lock_is_a_503_after_two_seconds_and_no_hang(site: Site) -> None:
    limit = site.limit(4)
    with psycopg.connect(site.cluster.url) as holder:
        holder.execute(f"SELECT 1 FROM {site.seeded['pledges']} FOR UPDATE")
        answer = _signs(site, "locked")
        holder.rollback()
    assert answer.status == 503
    assert answer.seconds < limit
    assert _signs(site, "unlocked").status == 303


@pytest.mark.requirement("A5")
def test_the_same_form_twice_at_once_is_one_signature(site: Site) -> None:
    before = len(site.stored())
    with ThreadPoolExecutor(2) as pool:
        for number in range(20):
            stamp = site.stamp()
            both = list(pool.map(lambda _, n=number, s=stamp: site.post(f"twice{n}@example.org", s), range(2)))
            assert [answer.status for answer in both] == [303, 303]
    assert len(site.stored()) == before + 20
    assert site.halves() == 0


def _children(process: subprocess.Popen[bytes]) -> list[int]:
    """Return the process ids of gunicorn's workers."""
    listed = subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, text=True, check=False)
    return [int(pid) for pid in listed.stdout.split()]


@pytest.mark.requirement("F12")
def test_a_killed_web_worker_leaves_no_half_signature(site: Site, full: bool) -> None:
    assert site.process is not None
    crowd = Crowd(site, "f12-")
    try:
        for _kill in range(60 if full else 8):
            crowd.acknowledge(10)
            assert wait_until(lambda: _children(site.process), 60), "gunicorn started no worker"
            os.kill(_children(site.process)[0], signal.SIGKILL)
    finally:
        crowd.stop()
    assert any(answer.status == 0 for answer in crowd.answers), "no kill met a POST"
    assert not set(crowd.acknowledged) - site.stored()
    assert site.halves() == 0


@pytest.mark.requirement("F11")
def test_signing_needs_no_cache(site: Site) -> None:
    """The settings name a Redis where nothing listens."""
    limit = site.limit(1)
    answers = [_signs(site, "no-cache") for _ in range(20)]
    assert {answer.status for answer in answers} == {303}
    assert max(answer.seconds for answer in answers) <= limit
