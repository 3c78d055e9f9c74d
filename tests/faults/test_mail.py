"""Workers are killed and the mail server is away or moody: every mail arrives, doubles only where nobody can know."""

from __future__ import annotations

import time

import pytest

from tests.faults.harness.postmen import Inbox, Workers, mail_server, wait_until
from tests.faults.harness.site import Site, free_port


@pytest.fixture
def quiet(site: Site) -> Site:
    """The site with nothing left to be mailed and every lane open."""
    with site.cluster.connect() as connection:
        connection.execute(f"UPDATE {site.seeded['outbox']} SET state = 'skipped' WHERE state = 'due'")
        connection.execute(f"DELETE FROM {site.seeded['lanes']}")
    return site


def _sign_many(site: Site, name: str, number: int) -> None:
    for count in range(number):
        assert site.post(f"{name}{count}@example.org", site.stamp()).status == 303


def _due(site: Site) -> int:
    return int(site.cluster.rows(f"SELECT count(*) FROM {site.seeded['outbox']} WHERE state = 'due'")[0][0])


def _newest(site: Site) -> int:
    return int(site.cluster.rows(f"SELECT max(id) FROM {site.seeded['outbox']}")[0][0])


@pytest.mark.requirement("F09", "A3")
def test_killed_workers_lose_no_mail(quiet: Site, full: bool) -> None:
    number = 2_000 if full else 200
    _sign_many(quiet, "f09-", number)
    inbox, port = Inbox(), free_port()
    inbox.seconds = 0.02
    first = _newest(quiet) - number
    server = mail_server(inbox, port)
    workers = Workers(quiet.environment, port)
    kills, began = 0, time.monotonic()
    try:
        while _due(quiet) and time.monotonic() - began < (900 if full else 60):
            time.sleep(0.4)
            workers.kill_one()
            kills += 1
    finally:
        workers.stop()
        server.stop()
    print(f"F09: {number} mails, {kills} kills, {inbox.doubles} doubles, {time.monotonic() - began:.0f} s")
    assert kills >= 3
    retried = f"SELECT count(*) FROM {quiet.seeded['outbox']} WHERE attempts > 1 AND id > {first}"
    assert quiet.cluster.rows(retried)[0][0] > 0, "no kill met a worker with mail in hand"
    assert len(inbox.arrived) == number
    assert inbox.doubles <= kills
    assert inbox.one_id_each


@pytest.mark.requirement("F06", "A2")
def test_mail_waits_for_a_server_that_is_away(quiet: Site) -> None:
    inbox, port = Inbox(), free_port()
    workers = Workers(quiet.environment, port)
    try:
        _sign_many(quiet, "f06-", 40)
        time.sleep(3)
        assert not inbox.arrived
        server = mail_server(inbox, port)
        try:
            assert wait_until(lambda: _due(quiet) == 0, 40), f"{_due(quiet)} still due"
        finally:
            server.stop()
    finally:
        workers.stop()
    assert len(inbox.arrived) == 40
    assert inbox.doubles == 0


@pytest.mark.requirement("F08", "A2")
def test_a_moody_server_ends_only_what_it_refused_for_good(quiet: Site) -> None:
    """Of 40 mails one is refused for good, one at first, and after two the server hangs up without a word."""
    inbox, port = Inbox(), free_port()
    inbox.refuse = {"f08-39@": "550 no such mailbox", "f08-38@": "451 later"}
    inbox.drops = ("f08-36@", "f08-37@")
    _sign_many(quiet, "f08-", 40)
    server = mail_server(inbox, port)
    workers = Workers(quiet.environment, port)
    try:
        assert wait_until(lambda: _due(quiet) == 1, 30), f"{_due(quiet)} still due"
        inbox.refuse.pop("f08-38@")
        assert wait_until(lambda: _due(quiet) == 0, 40)
    finally:
        workers.stop()
        server.stop()
    assert len(inbox.arrived) == 39
    assert "f08-39@example.org" not in inbox.arrived
    assert inbox.doubles <= 2
    assert inbox.one_id_each


@pytest.mark.requirement("F07")
def test_a_silent_server_holds_a_worker_no_longer_than_the_time_limit(quiet: Site) -> None:
    """The limit is the package's own (two seconds here): Django's default is to wait for ever."""
    inbox, port = Inbox(), free_port()
    inbox.silent = "f07-0@"
    server = mail_server(inbox, port)
    workers = Workers(quiet.environment, port, number=1, lease=30)
    try:
        _sign_many(quiet, "f07-", 10)
        assert wait_until(lambda: len(inbox.arrived) == 9, 15), f"only {len(inbox.arrived)} arrived"
        assert "f07-0@example.org" not in inbox.arrived
        inbox.silent = ""
        assert wait_until(lambda: _due(quiet) == 0, 30)
    finally:
        workers.stop()
        server.stop()
    assert len(inbox.arrived) == 10
    assert inbox.doubles == 0
