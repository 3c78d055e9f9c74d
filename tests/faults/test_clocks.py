"""Hosts whose clocks are ten minutes fast and slow behave the same: the database's clock is used."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from functools import partial
from uuid import uuid4

import pytest

from tests.faults.harness.concurrent_workers import work_once
from tests.faults.harness.mail import MailServerHandler, mail_server
from tests.faults.harness.site import Site, free_port
from tests.waiting import wait_until
from wagtail_pledge.conf import DEFAULTS
from wagtail_pledge.signing.services.statement_cache import SECONDS as STATEMENT_CACHE_SECONDS
from wagtail_pledge.signing.stamps import InboxTicket, issue_stamp, seal_ticket

MINUTE = dt.timedelta(minutes=1)
SKEW = 10 * MINUTE
STAMP_LIFE = dt.timedelta(hours=24)
LINK_LIFE = dt.timedelta(days=14)
TICKET_LIFE = dt.timedelta(minutes=30)


def _clock(minutes: str) -> dict[str, str]:
    """Return environment variables that shift a process's clock; file times are not shifted."""
    faketime = shutil.which("faketime")
    assert faketime, "the tests need faketime"
    asked = [faketime, "-f", minutes, "printenv", "LD_PRELOAD"]
    library = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    return {"LD_PRELOAD": library, "FAKETIME": minutes, "NO_FAKE_STAT": "1"}


@pytest.fixture(scope="module")
def hosts(site: Site) -> Iterator[tuple[Site, Site]]:
    """Two hosts on one database, one ten minutes fast and one ten minutes slow."""
    with site.fresh() as fresh, fresh.served(_clock("+10m")) as ahead, fresh.served(_clock("-10m")) as behind:
        yield ahead, behind


def _now(site: Site) -> dt.datetime:
    now: dt.datetime = site.rows("SELECT statement_timestamp()")[0][0]
    return now


def _pair(hosts: tuple[Site, Site]) -> list[tuple[Site, Site]]:
    return [hosts, hosts[::-1]]


@pytest.mark.requirement("F15")
def test_the_hosts_clocks_differ(hosts: tuple[Site, Site]) -> None:
    """The other tests depend on this."""
    ahead, behind = (parsedate_to_datetime(host.ask(host.seeded["count"]).headers["Date"]) for host in hosts)
    assert abs((ahead - behind) - 2 * SKEW) < MINUTE
    assert abs(ahead - _now(hosts[0]) - SKEW) < MINUTE


@pytest.mark.requirement("F15", "A9")
def test_a_stamp_of_one_host_is_valid_on_the_other_until_it_expires(hosts: tuple[Site, Site]) -> None:
    for number, (issuer, signed_at) in enumerate(_pair(hosts)):
        assert signed_at.post(f"stamp{number}@example.org", issuer.fetch_stamp()).status == 303
    ages = {STAMP_LIFE - MINUTE: 303, STAMP_LIFE + 5 * MINUTE: 200, -4 * MINUTE: 303, -6 * MINUTE: 200}
    for number, (age, expected) in enumerate(ages.items()):
        for place, host in enumerate(hosts):
            stamp = issue_stamp(host.seeded["sha256"], _now(host) - age)
            assert host.post(f"age{number}-{place}@example.org", stamp).status == expected, age
    assert len(hosts[0].stored()) == 2 + 4
    assert hosts[0].inconsistencies() == {}


@pytest.mark.requirement("F15", "A9")
def test_an_inbox_ticket_is_valid_until_it_expires(hosts: tuple[Site, Site]) -> None:
    ticket = InboxTicket(pledge_id=1, submission=uuid4().hex, masked="a…@example.org", locale="en")
    for host in hosts:
        for age, is_open in {TICKET_LIFE - MINUTE: True, TICKET_LIFE + MINUTE: False}.items():
            answer = host.ask(f"/pledge/inbox/{seal_ticket(ticket, _now(host) - age)}/")
            assert (answer.status, ticket.masked in answer.body) == (200, is_open)


def _sign(host: Site, name: str, number: int) -> None:
    for count in range(number):
        assert host.post(f"{name}{count}@example.org", host.fetch_stamp()).status == 303


@pytest.mark.requirement("F15", "A9", "A8")
def test_links_expire_at_the_same_time_on_both_hosts_and_counts_are_exact(site: Site) -> None:
    submissions = site.seeded["submissions"]
    with site.fresh() as fresh, fresh.served(_clock("+10m")) as ahead, fresh.served(_clock("-10m")) as behind:
        _sign(ahead, "a", 6)
        _sign(behind, "b", 6)
        rows = fresh.open_submissions()
        ages = [LINK_LIFE - MINUTE, LINK_LIFE - MINUTE, LINK_LIFE + 5 * MINUTE, LINK_LIFE + 5 * MINUTE, MINUTE]
        with fresh.connect() as connection:
            for age, row in zip(ages, rows, strict=False):
                moved = f"UPDATE {submissions} SET submitted_at = now() - %s, created_at = now() - %s WHERE id = %s"
                connection.execute(moved, (age, age, row))
        for number, row in enumerate(rows):
            # The oldest are used on both hosts; of the rest half are confirmed on each
            answer = (ahead, behind)[number % 2].confirm(row)
            assert (answer.status, answer.is_confirmation) == (303, number not in {2, 3})
        assert fresh.confirmed() == {*rows[:2], *rows[4:]}
        assert fresh.inconsistencies() == {}
        for clock in ("+10m", "-10m"):
            work_once({**fresh.environment, **_clock(clock)}, only="tallies,recount")
            for host in (ahead, behind):
                count = json.loads(host.ask(f"{host.seeded['count']}").body)
                assert (count["total"], count["state"]) == (10, "open")
                assert abs(dt.datetime.fromisoformat(count["as_of"]) - _now(host)) < MINUTE


def _all_processes_report(host: Site, state: str) -> bool:
    """Return whether each process of a host reports this state: of ten responses each process gives some."""
    return {json.loads(host.ask(host.seeded["count"]).body)["state"] for _ in range(10)} == {state}


@pytest.mark.requirement("F15", "A9")
def test_a_pledge_closes_on_all_hosts_at_once(site: Site) -> None:
    """Five minutes before the end the fast host is past it; five minutes after, the slow host is before it.

    A process remembers the pledge for two seconds.
    """
    with site.fresh() as fresh, fresh.served(_clock("+10m")) as ahead, fresh.served(_clock("-10m")) as behind:
        for minutes, state, status in ((5, "open", 303), (-5, "closed", 422)):
            with fresh.connect() as connection:
                connection.execute(
                    f"UPDATE {fresh.seeded['pledges']} SET closes_at = now() + %s", (dt.timedelta(minutes=minutes),)
                )
            changed = time.monotonic()
            for number, host in enumerate((ahead, behind)):
                statuses = _statuses_later(host, f"end{minutes}-{number}", changed + STATEMENT_CACHE_SECONDS)
                assert statuses == [status] * 8
            # The first responses are fresh; a process repeats them until they expire
            for host in (ahead, behind):
                assert wait_until(partial(_all_processes_report, host, state), DEFAULTS["COUNT_MAX_AGE"] + 20)


def _statuses_later(host: Site, name: str, after: float) -> list[int]:
    """Sign as often as it takes to meet each process of ``host``; return the statuses of forms sent after ``after``."""
    statuses: list[int] = []
    while len(statuses) < 8:
        sent = time.monotonic()
        answer = host.post(f"{name}-{sent}@example.org", host.fetch_stamp())
        if sent > after:
            statuses.append(answer.status)
    return statuses


@pytest.mark.requirement("E18", "F15")
@pytest.mark.parametrize("clock", ["+10m", "-10m"])
def test_mail_is_dated_by_the_databases_clock(site: Site, clock: str) -> None:
    inbox, port = MailServerHandler(), free_port()
    server = mail_server(inbox, port)
    try:
        with site.fresh() as fresh, fresh.served() as served:
            assert served.post("dated@example.org", served.fetch_stamp()).status == 303
            work_once({**fresh.environment, **_clock(clock)}, port, only="mail")
            now = _now(served)
    finally:
        server.stop()
    dated = parsedate_to_datetime(str(inbox.mails["dated@example.org"]["Date"]))
    assert abs(dated - now) < 5 * MINUTE
