"""Workers are killed, the mail server is down or misbehaves: every mail is delivered, duplicates are rare."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from functools import partial
from typing import Final
from uuid import UUID

import pytest

from tests.databases import ROOT
from tests.faults.harness.mail import MailServerHandler, MailWorkers, mail_server
from tests.faults.harness.pipe import full_pipe
from tests.faults.harness.site import Site, free_port
from tests.waiting import wait_until
from wagtail_pledge.signing.enums import MailQueue

NO_MAIL: Final = MailQueue.NO_MAIL.value
#: A worker that also writes to the log all the time.
NOISY: Final = """
import logging
import django
django.setup()
from django.core.management import call_command
from wagtail_pledge.core.registry import WorkerJob, worker_jobs

def complain():
    logging.getLogger("tests").warning("a line for a log that accepts nothing more")
    return 1

worker_jobs.register("noisy", WorkerJob(run=complain))
call_command("pledge_worker", only="noisy,mail", verbosity=0)
"""


@pytest.fixture
def idle_site(site: Site) -> Site:
    """The site with no mail due and no mail queue paused."""
    with site.cluster.connect() as connection:
        connection.execute(f"UPDATE {site.seeded['submissions']} SET queue = {NO_MAIL} WHERE queue < {NO_MAIL}")
        connection.execute(f"UPDATE {site.seeded['outbox']} SET state = 'skipped' WHERE state = 'due'")
        connection.execute(f"DELETE FROM {site.seeded['queues']}")
    return site


def _sign_many(site: Site, name: str, number: int) -> None:
    for count in range(number):
        assert site.post(f"{name}{count}@example.org", site.stamp()).status == 303


def _due(site: Site) -> int:
    return site.number(f"SELECT count(*) FROM {site.seeded['submissions']} WHERE queue < {NO_MAIL}")


def _retried(site: Site) -> set[UUID]:
    """Return the submissions that are due and were leased more than once."""
    where = f"queue < {NO_MAIL} AND attempts > 1"
    return {row for (row,) in site.rows(f"SELECT id FROM {site.seeded['submissions']} WHERE {where}")}


def _has_more(inbox: MailServerHandler, number: int) -> bool:
    return len(inbox.arrived) >= number


@pytest.mark.requirement("F09", "A3")
def test_killed_workers_lose_no_mail(idle_site: Site, full: bool) -> None:
    number = 2_000 if full else 200
    _sign_many(idle_site, "f09-", number)
    inbox, port = MailServerHandler(), free_port()
    inbox.seconds = 0.02
    retried: set[UUID] = set()

    def is_done() -> bool:
        retried.update(_retried(idle_site))
        return _due(idle_site) == 0

    server = mail_server(inbox, port)
    # Long enough for a batch on a busy machine: only the mails of a killed worker are leased again
    workers = MailWorkers(idle_site.environment, port, lease=10)
    kills, began = 20 if full else 5, time.monotonic()
    try:
        for _kill in range(kills):
            seen = len(inbox.arrived)
            assert wait_until(partial(_has_more, inbox, seen + number // 40), 120)
            workers.kill_one()
        assert wait_until(is_done, 1800 if full else 240), f"{_due(idle_site)} still due"
    finally:
        workers.stop()
        server.stop()
    print(f"F09: {number} mails, {kills} kills, {inbox.duplicates} duplicates, {time.monotonic() - began:.0f} s")
    assert retried, "no kill met a worker with mail in hand"
    assert len(inbox.arrived) == number
    assert inbox.duplicates <= kills
    assert inbox.has_one_message_id_each


@pytest.mark.requirement("F06", "A2")
def test_mail_waits_while_the_server_is_down(idle_site: Site) -> None:
    inbox, port = MailServerHandler(), free_port()
    workers = MailWorkers(idle_site.environment, port)
    try:
        _sign_many(idle_site, "f06-", 40)
        queues = f"SELECT count(*) FROM {idle_site.seeded['queues']}"
        assert wait_until(lambda: idle_site.number(queues) > 0, 60), "no worker has met the missing server"
        assert _due(idle_site) == 40
        server = mail_server(inbox, port)
        try:
            assert wait_until(lambda: _due(idle_site) == 0, 120), f"{_due(idle_site)} still due"
        finally:
            server.stop()
    finally:
        workers.stop()
    assert len(inbox.arrived) == 40
    assert inbox.duplicates == 0


@pytest.mark.requirement("F08", "A2")
def test_only_a_permanent_rejection_ends_delivery(idle_site: Site) -> None:
    """Of 40 mails one is rejected permanently, one temporarily, and after two the server disconnects with no reply."""
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
    assert inbox.duplicates <= 2
    assert inbox.has_one_message_id_each


@pytest.mark.requirement("F07")
def test_a_silent_server_occupies_a_worker_only_until_the_timeout(idle_site: Site) -> None:
    """The timeout is the package's (two seconds here); Django's default is none."""
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
    assert inbox.duplicates == 0


@pytest.mark.requirement("E18")
def test_a_worker_whose_log_is_full_goes_on_sending_and_ends_when_told(idle_site: Site) -> None:
    inbox, port = MailServerHandler(), free_port()
    server = mail_server(inbox, port)
    environment = {**idle_site.environment, "PLEDGE_FAULTS_SMTP": str(port), "PYTHONPATH": str(ROOT)}
    try:
        with full_pipe() as log:
            worker = subprocess.Popen([sys.executable, "-c", NOISY], env=environment, cwd=ROOT, stderr=log)
            try:
                for part in range(2):
                    _sign_many(idle_site, f"e18-{part}-", 10)
                    assert wait_until(partial(_has_more, inbox, 10 * (part + 1)), 60), f"{len(inbox.arrived)} arrived"
                worker.send_signal(signal.SIGTERM)
                assert worker.wait(60) == 0
            finally:
                worker.kill()
                worker.wait(60)
    finally:
        server.stop()
    assert (len(inbox.arrived), inbox.duplicates) == (20, 0)
