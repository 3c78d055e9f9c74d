"""Signing updates no row and confirming only its own; counts follow; concurrent workers run each job once."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from tests.databases import ROOT
from tests.faults.harness.concurrent_workers import ConcurrentWorkers, work_once
from tests.faults.harness.mail import MailServerHandler, mail_server
from tests.faults.harness.site import Site, free_port
from tests.waiting import wait_until
from wagtail_pledge.signing.enums import MailQueue

#: All signatures come from the loopback address.
NO_LIMIT = {"WAGTAIL_PLEDGE_NETWORK_PER_HOUR": 100_000, "WAGTAIL_PLEDGE_NETWORK_PER_DAY": 100_000}
REMINDERS, NO_MAIL = MailQueue.REMINDERS.value, MailQueue.NO_MAIL.value


@contextlib.contextmanager
def _worker(site: Site, only: str) -> Iterator[None]:
    """Run a worker as a supervisor does."""
    command = [sys.executable, "-m", "django", "pledge_worker", "--only", only]
    process = subprocess.Popen(command, env=site.environment, cwd=ROOT)
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0


def _sign(site: Site, name: str, number: int) -> None:
    for count in range(number):
        assert site.post(f"{name}{count}@example.org", site.stamp()).status == 303


def _written(site: Site) -> dict[str, tuple[int, int, int]]:
    """Return rows inserted, updated and deleted so far, by table."""
    rows = site.rows("SELECT relname, n_tup_ins, n_tup_upd, n_tup_del FROM pg_stat_user_tables")
    return {name: numbers for name, *numbers in rows}


def _shown(site: Site) -> int:
    return int(json.loads(site.ask(site.seeded["count"]).body)["total"])


def _shows(site: Site, number: int) -> bool:
    """Whether several answers give this number: each web process keeps one for a few seconds."""
    return {_shown(site) for _ in range(10)} == {number}


def _changes(site: Site, before: dict[str, tuple[int, int, int]]) -> tuple[set[str], set[str]]:
    """Return the tables with rows inserted since ``before``, and those with rows updated or deleted."""
    after = _written(site)
    inserted = {name for name in after if after[name][0] != before[name][0]}
    return inserted, {name for name in after if after[name][1:] != before[name][1:]}


@pytest.mark.requirement("A8", "P1", "P2", "P6")
def test_a_thousand_signatures_update_no_counter_and_are_counted(site: Site, full: bool) -> None:
    number = 1000 if full else 200
    names = ("submissions", "signatures", "events", "outbox")
    submissions, signatures, events, outbox = (site.seeded[name] for name in names)
    with site.fresh() as fresh, fresh.served() as served:
        _sign(served, "first", 1)
        # A server process reports its statistics after it has been idle for a while
        assert wait_until(lambda: _written(served)[submissions][0] == 1, 60)
        before = _written(served)
        _sign(served, "many", number)
        assert wait_until(lambda: _written(served)[submissions][0] == number + 1, 60)
        assert _changes(served, before) == ({submissions}, set())
        # Confirming updates its own submission only
        before, rows = _written(served), served.open_submissions()
        for row in rows[: number // 2]:
            assert served.confirm(row).is_confirmation
        assert wait_until(lambda: _written(served)[submissions][1] >= number // 2, 60)
        assert _changes(served, before) == ({signatures, events, outbox}, {submissions})
        with _worker(served, "tallies"):
            assert wait_until(lambda: served.number("SELECT count(*) FROM wagtail_pledge_worklease") > 0, 60)
            served.confirm_all()
            began = time.monotonic()
            assert wait_until(lambda: _shows(served, number + 1), 60), _shown(served)
            print(f"A8: {number} signs, no row changed; the number was true after {time.monotonic() - began:.1f} s")
        assert "wrong tallies" not in work_once(served.environment, only="recount")
        assert wait_until(lambda: _shows(served, number + 1), 60), _shown(served)
        assert len(served.confirmed()) == number + 1
        assert served.inconsistencies() == {}


def _earlier(site: Site, port: int, number: int) -> None:
    """Leave what the nightly jobs find: a wrong tally, and forms, keys, counts, places and budgets that expired."""
    with site.served() as served:
        _sign(served, "gone", number)
        last = served.post("gone@example.org", served.stamp())
        assert served.ask(last.headers["Location"], {"code": "000000"}).status == 303
    work_once(site.environment, port)
    site.grow_older(15)
    # Of a day before the worker was away: the days since are recounted anyway
    tally = f"SELECT {site.seeded['pledge']}, (now() - interval '20 days')::date, 'individual', 'US', 7"
    with site.connect() as connection:
        connection.execute(f"INSERT INTO wagtail_pledge_tally (pledge_id, day, kind, country, count) {tally}")
    for name in ("networkdaykey", "limitbucket", "networkplace", "mailsent", "codeattempts"):
        assert site.number(f"SELECT count(*) FROM wagtail_pledge_{name}") > 0


@pytest.mark.requirement("F14", "A3")
@pytest.mark.parametrize("number", [2, 4])
def test_concurrent_workers_run_every_job_once(site: Site, number: int) -> None:
    signers, expired, reminder_hours = 30, 7, 24
    inbox, port = MailServerHandler(), free_port()
    server = mail_server(inbox, port)
    submissions, outbox = site.seeded["submissions"], site.seeded["outbox"]
    try:
        with contextlib.ExitStack() as stack:
            fresh = stack.enter_context(site.fresh())
            _earlier(fresh, port, expired)
            assert len(inbox.arrived) == expired + 1
            inbox.arrived.clear()
            settings = {**NO_LIMIT, "WAGTAIL_PLEDGE_REMINDER_HOURS": reminder_hours}
            served = stack.enter_context(fresh.served(**settings))
            _sign(served, "crew", signers)
            log = ConcurrentWorkers(served.environment, number, port).go()
            assert log.count("wrong tallies") == 1, log
            assert served.number("SELECT count(*) FROM wagtail_pledge_tally") == 0
            assert served.number("SELECT count(*) FROM wagtail_pledge_networkdaykey") == 1
            assert served.number("SELECT count(*) FROM wagtail_pledge_codeattempts") == 0
            windows = "SELECT sum(count) AS n FROM wagtail_pledge_limitbucket GROUP BY network_key"
            assert served.number(f"SELECT max(n) FROM ({windows}) AS w") == signers
            assert served.number("SELECT count(*) FROM wagtail_pledge_networkplace") == signers
            for records in ("kind <> 'form'", "kind = 'form'"):
                assert served.number(f"SELECT count(*) FROM wagtail_pledge_mailsent WHERE {records}") == signers
            assert (len(inbox.arrived), inbox.duplicates) == (signers, 0)
            outcomes = served.rows("SELECT outcome, sum(count) FROM wagtail_pledge_submissionoutcome GROUP BY 1")
            assert outcomes == [("expired", expired + 1)]
            assert len(served.stored()) == signers, "rows without a payload are deleted on day 15"
            # Over the limit for one name: these get one mail and no reminder
            clear = served.number(f"SELECT count(*) FROM {submissions} WHERE review = 'ok'")
            held = served.number(f"SELECT count(*) FROM {submissions} WHERE review = 'needs_review'")
            assert (clear > 5, clear + held) == (True, signers)
            assert served.number(f"SELECT count(*) FROM {submissions} WHERE queue = {REMINDERS}") == clear
            waiting = _confirm_all_but_some(served)
            assert 1 < waiting < clear
            with served.connect() as connection:
                connection.execute(f"UPDATE {submissions} SET due_at = now() WHERE queue = {REMINDERS}")
                connection.execute("UPDATE wagtail_pledge_mailsent SET sent_at = now() - interval '25 hours'")
            log = ConcurrentWorkers(served.environment, number, port).go()
            assert "wrong tallies" not in log
            # A reminder, or the thanks for confirming
            assert (len(inbox.arrived), inbox.duplicates, inbox.max_per_mailbox) == (signers, signers, 2)
            assert served.number(f"SELECT sum(reminders) FROM {submissions}") == waiting
            assert served.number(f"SELECT count(*) FROM {submissions} WHERE queue <> {NO_MAIL}") == 0
            assert served.rows(f"SELECT state, count(*) FROM {outbox} GROUP BY 1") == [("sent", signers - waiting)]
            assert served.number("SELECT count(*) FROM wagtail_pledge_mailsent") == waiting
            assert served.number("SELECT sum(count) FROM wagtail_pledge_tally") == clear - waiting
            leaves = served.rows(f"SELECT leaf_index FROM {served.seeded['events']} ORDER BY 1")
            assert leaves == [(index,) for index in range(signers - waiting + held)]
            assert served.inconsistencies() == {}
    finally:
        server.stop()


def _confirm_all_but_some(site: Site) -> int:
    """Confirm all submissions but every second one that is clear; return how many are left."""
    clear = site.rows(f"SELECT id FROM {site.seeded['submissions']} WHERE review = 'ok' ORDER BY id")
    left = {row for (row,) in clear[::2]}
    for row in site.open_submissions():
        if row not in left:
            assert site.confirm(row).is_confirmation
    return len(left)
