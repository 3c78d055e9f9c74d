"""Signing updates no row, counts follow within seconds, and concurrent workers run each job once."""

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
from wagtail_pledge.core.crypto import TokenSubject, make_token

#: All signatures come from the loopback address.
NO_LIMIT = {"WAGTAIL_PLEDGE_NETWORK_PER_HOUR": 100_000, "WAGTAIL_PLEDGE_NETWORK_PER_DAY": 100_000}


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


def _confirm_all(site: Site) -> None:
    for pledge_id, uuid in site.rows(f"SELECT pledge_id, uuid FROM {site.seeded['signatures']}"):
        token = make_token("confirm", TokenSubject(pledge_id=pledge_id, uuid=uuid, epoch=1))
        assert site.ask(f"/pledge/confirm/{token}/", {}).status == 303


def _written(site: Site) -> dict[str, tuple[int, int, int]]:
    """Return rows inserted, updated and deleted so far, by table."""
    rows = site.rows("SELECT relname, n_tup_ins, n_tup_upd, n_tup_del FROM pg_stat_user_tables")
    return {name: numbers for name, *numbers in rows}


def _shown(site: Site) -> int:
    return int(json.loads(site.ask(site.seeded["count"]).body)["total"])


@pytest.mark.requirement("A8", "P2", "P6")
def test_a_thousand_signatures_update_no_row_and_are_counted(site: Site, full: bool) -> None:
    number, table = (1000 if full else 200), site.seeded["signatures"]
    with site.fresh() as fresh, fresh.served() as served:
        _sign(served, "first", 1)
        # A server process reports its statistics after it has been idle for a while
        assert wait_until(lambda: _written(served)[table][0] == 1, 60)
        before = _written(served)
        _sign(served, "many", number)
        assert wait_until(lambda: _written(served)[table][0] == number + 1, 60)
        after = _written(served)
        changed = {name: after[name] for name in after if after[name][1:] != before[name][1:]}
        inserted = {name for name in after if after[name][0] != before[name][0]}
        assert changed == {}
        assert inserted == {table, served.seeded["outbox"]}
        with _worker(served, "tallies"):
            assert wait_until(lambda: served.number("SELECT count(*) FROM wagtail_pledge_worklease") > 0, 60)
            _confirm_all(served)
            began = time.monotonic()
            assert wait_until(lambda: _shown(served) == number + 1, 60), _shown(served)
            print(f"A8: {number} signs, no row changed; the number was true after {time.monotonic() - began:.1f} s")
        assert "wrong tallies" not in work_once(served.environment, only="recount")
        assert _shown(served) == number + 1 == served.number(f"SELECT count(*) FROM {table} WHERE state = 'confirmed'")


def _yesterday(site: Site) -> None:
    """Create what the nightly jobs find: a wrong tally, expired keys and counts of networks, expired budgets."""
    pledge = site.number(f"SELECT id FROM {site.seeded['pledges']}")
    old = "now() - interval '5 days'"
    tally = f"SELECT {pledge}, ({old})::date, 'individual', 'US', 7"
    bucket = f"SELECT {pledge}, 'network'::bytea, date_trunc('hour', {old}), 3"
    statements = (
        f"INSERT INTO wagtail_pledge_tally (pledge_id, day, kind, country, count) {tally}",
        f"INSERT INTO wagtail_pledge_networkdaykey (day, key) SELECT ({old})::date, 'old'::bytea",
        f"INSERT INTO wagtail_pledge_limitbucket (pledge_id, network_key, hour, count) {bucket}",
        f"INSERT INTO wagtail_pledge_mailsent (budget_key, sent_at) SELECT 'old'::bytea, {old}",
    )
    with site.connect() as connection:
        for statement in statements:
            connection.execute(statement)


@pytest.mark.requirement("F14", "A3")
@pytest.mark.parametrize("number", [2, 4])
def test_concurrent_workers_run_every_job_once(site: Site, number: int) -> None:
    signers, reminder_hours = 30, 24
    inbox, port = MailServerHandler(), free_port()
    server = mail_server(inbox, port)
    try:
        with site.fresh() as fresh, fresh.served(**NO_LIMIT, WAGTAIL_PLEDGE_REMINDER_HOURS=reminder_hours) as served:
            _sign(served, "crew", signers)
            _yesterday(served)
            log = ConcurrentWorkers(served.environment, number, port).go()
            assert log.count("wrong tallies") == 1, log
            assert served.number("SELECT count(*) FROM wagtail_pledge_tally") == 0
            assert served.number("SELECT count(*) FROM wagtail_pledge_networkdaykey") == 1
            windows = "SELECT sum(count) AS n FROM wagtail_pledge_limitbucket GROUP BY network_key"
            assert served.number(f"SELECT max(n) FROM ({windows}) AS w") == signers
            assert served.number("SELECT count(*) FROM wagtail_pledge_mailsent") == signers
            assert (len(inbox.arrived), inbox.duplicates) == (signers, 0)
            outbox = served.seeded["outbox"]
            reminders = f"SELECT count(*) FROM {outbox} WHERE kind = 'reminder'"
            # Over the limit of one network: held signatures get one mail and no reminder
            ledger = served.seeded["signatures"]
            clear = served.number(f"SELECT count(*) FROM {ledger} WHERE review = 'ok'")
            held = served.number("SELECT count(*) FROM wagtail_pledge_signatureevent WHERE kind = 'held'")
            assert (clear > 5, clear + held) == (True, signers)
            assert served.number(reminders) == clear
            with served.connect() as connection:
                connection.execute(f"UPDATE {outbox} SET due_at = now() WHERE kind = 'reminder'")
                connection.execute("UPDATE wagtail_pledge_mailsent SET sent_at = now() - interval '25 hours'")
            _confirm_all(served)
            with served.connect() as connection:
                connection.execute(f"UPDATE {ledger} SET state = 'pending' WHERE review = 'ok' AND id % 2 = 0")
            pending = served.number(f"SELECT count(*) FROM {ledger} WHERE state = 'pending'")
            assert pending > 1
            log = ConcurrentWorkers(served.environment, number, port).go()
            assert "wrong tallies" not in log
            assert inbox.duplicates == pending
            assert inbox.max_per_mailbox == 2
            assert served.number(reminders) == clear
            assert served.number(f"{reminders} AND state = 'due'") == 0
            assert served.number("SELECT count(*) FROM wagtail_pledge_mailsent") == pending
            assert served.number("SELECT sum(count) FROM wagtail_pledge_tally") == clear - pending
    finally:
        server.stop()
