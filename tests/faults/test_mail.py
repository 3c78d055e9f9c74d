"""Killed workers and a mail server that is down or misbehaves: every mail arrives, and duplicates stay rare."""

from __future__ import annotations

import time
from functools import partial

import pytest

from tests.faults.harness.mail import MailServerHandler, MailWorkers, mail_server
from tests.faults.harness.site import Site, free_port
from tests.waiting import wait_until


@pytest.fixture
def idle_site(site: Site) -> Site:
    """The site with no mail due and no mail queue paused."""
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


def _has_more(inbox: MailServerHandler, number: int) -> bool:
    return len(inbox.arrived) >= number


@pytest.mark.requirement("F09", "A3")
def test_killed_workers_lose_no_mail(idle_site: Site, full: bool) -> None:
    number = 2_000 if full else 200
    _sign_many(idle_site, "f09-", number)
    inbox, port = MailServerHandler(), free_port()
    inbox.seconds = 0.02
    first = _newest(idle_site) - number
    server = mail_server(inbox, port)
    # Long enough for a batch on a busy machine: only a killed worker's mails are taken over
    workers = MailWorkers(idle_site.environment, port, lease=10)
    kills, began = 20 if full else 5, time.monotonic()
    try:
        for _kill in range(kills):
            seen = len(inbox.arrived)
            assert wait_until(partial(_has_more, inbox, seen + number // 40), 120)
            workers.kill_one()
        assert wait_until(lambda: _due(idle_site) == 0, 1800 if full else 240), f"{_due(idle_site)} still due"
    finally:
        workers.stop()
        server.stop()
    print(f"F09: {number} mails, {kills} kills, {inbox.doubles} doubles, {time.monotonic() - began:.0f} s")
    retried = f"SELECT count(*) FROM {idle_site.seeded['outbox']} WHERE attempts > 1 AND id > {first}"
    assert idle_site.cluster.rows(retried)[0][0] > 0, "no kill met a worker with mail in hand"
    assert len(inbox.arrived) == number
    assert inbox.doubles <= kills
    assert inbox.one_id_each


@pytest.mark.requirement("F06", "A2")
def test_mail_waits_for_a_server_that_is_away(idle_site: Site) -> None:
    inbox, port = MailServerHandler(), free_port()
    workers = MailWorkers(idle_site.environment, port)
    try:
        _sign_many(idle_site, "f06-", 40)
        queues = f"SELECT count(*) FROM {idle_site.seeded['lanes']}"
        assert wait_until(lambda: idle_site.cluster.rows(queues)[0][0] > 0, 60), "no worker has met the missing server"
        assert _due(idle_site) == 40
        server = mail_server(inbox, port)
        try:
            assert wait_until(lambda: _due(idle_site) == 0, 120), f"{_due(idle_site)} still due"
        finally:
            server.stop()
    finally:
        workers.stop()
    assert len(inbox.arrived) == 40
    assert inbox.doubles == 0


@pytest.mark.requirement("F08", "A2")
def test_only_a_permanent_refusal_ends_a_mail(idle_site: Site) -> None:
    """Of 40 mails one is refused for good, one at first, and after two the server hangs up without a word."""
    inbox, port = MailServerHandler(), free_port()
    inbox.refuse = {"f08-39@": "550 no such mailbox", "f08-38@": "451 later"}
    inbox.drops = ("f08-36@", "f08-37@")
    _sign_many(idle_site, "f08-", 40)
    server = mail_server(inbox, port)
    workers = MailWorkers(idle_site.environment, port)
    try:
        assert wait_until(lambda: _due(idle_site) == 1, 120), f"{_due(idle_site)} still due"
        inbox.refuse.pop("f08-38@")
        assert wait_until(lambda: _due(idle_site) == 0, 120)
    finally:
        workers.stop()
        server.stop()
    assert len(inbox.arrived) == 39
    assert "f08-39@example.org" not in inbox.arrived
    assert inbox.doubles <= 2
    assert inbox.one_id_each


@pytest.mark.requirement("F07")
def test_a_silent_server_holds_a_worker_no_longer_than_the_time_limit(idle_site: Site) -> None:
    """The limit is the package's own (two seconds here): Django's default is to wait for ever."""
    inbox, port = MailServerHandler(), free_port()
    inbox.silent = "f07-0@"
    server = mail_server(inbox, port)
    workers = MailWorkers(idle_site.environment, port, number=1)
    try:
        _sign_many(idle_site, "f07-", 10)
        assert wait_until(lambda: len(inbox.arrived) == 9, 40), f"only {len(inbox.arrived)} arrived"
        assert "f07-0@example.org" not in inbox.arrived
        inbox.silent = ""
        assert wait_until(lambda: _due(idle_site) == 0, 120)
    finally:
        workers.stop()
        server.stop()
    assert len(inbox.arrived) == 10
    assert inbox.doubles == 0
