"""Hosts whose clocks are ten minutes ahead and behind agree about everything: the clock of the database rules."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import subprocess
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from functools import partial

import pytest

from tests.faults.harness.concurrent_workers import work_once
from tests.faults.harness.site import Site
from tests.waiting import wait_until
from wagtail_pledge.conf import DEFAULTS
from wagtail_pledge.core.crypto import TokenSubject, make_token
from wagtail_pledge.signing.stamps import InboxTicket, issue_stamp, seal_ticket

MINUTE = dt.timedelta(minutes=1)
SKEW = 10 * MINUTE
STAMP_LIFE = dt.timedelta(hours=24)
LINK_LIFE = dt.timedelta(days=14)
TICKET_LIFE = dt.timedelta(minutes=30)


def _clock(minutes: str) -> dict[str, str]:
    """Return the variables under which a process lives in another time; the times of files stay true."""
    faketime = shutil.which("faketime")
    assert faketime, "the tests need faketime"
    asked = [faketime, "-f", minutes, "printenv", "LD_PRELOAD"]
    library = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    return {"LD_PRELOAD": library, "FAKETIME": minutes, "NO_FAKE_STAT": "1"}


@pytest.fixture(scope="module")
def hosts(site: Site) -> Iterator[tuple[Site, Site]]:
    """Two hosts on one database: ten minutes ahead, ten minutes behind."""
    with site.fresh() as fresh, fresh.served(_clock("+10m")) as ahead, fresh.served(_clock("-10m")) as behind:
        yield ahead, behind


def _now(site: Site) -> dt.datetime:
    now: dt.datetime = site.rows("SELECT statement_timestamp()")[0][0]
    return now


def _pair(hosts: tuple[Site, Site]) -> list[tuple[Site, Site]]:
    return [hosts, hosts[::-1]]


@pytest.mark.requirement("F15")
def test_the_clocks_of_the_hosts_are_apart(hosts: tuple[Site, Site]) -> None:
    """The other tests depend on this."""
    ahead, behind = (parsedate_to_datetime(host.ask(host.seeded["count"]).headers["Date"]) for host in hosts)
    assert abs((ahead - behind) - 2 * SKEW) < MINUTE
    assert abs(ahead - _now(hosts[0]) - SKEW) < MINUTE


@pytest.mark.requirement("F15", "A9")
def test_a_stamp_of_one_host_signs_at_the_other_for_its_life_and_no_longer(hosts: tuple[Site, Site]) -> None:
    for number, (issuer, signed_at) in enumerate(_pair(hosts)):
        assert signed_at.post(f"stamp{number}@example.org", issuer.fetch_stamp()).status == 303
    ages = {STAMP_LIFE - MINUTE: 303, STAMP_LIFE + 5 * MINUTE: 200, -4 * MINUTE: 303, -6 * MINUTE: 200}
    for number, (age, expected) in enumerate(ages.items()):
        for place, host in enumerate(hosts):
            stamp = issue_stamp(host.seeded["sha256"], _now(host) - age)
            assert host.post(f"age{number}-{place}@example.org", stamp).status == expected, age
    stored = hosts[0].number(f"SELECT count(*) FROM {hosts[0].seeded['signatures']}")
    assert stored == 2 + 4
    assert hosts[0].halves() == 0


@pytest.mark.requirement("F15", "A9")
def test_an_inbox_ticket_opens_for_its_life_and_no_longer(hosts: tuple[Site, Site]) -> None:
    ticket = InboxTicket(pledge_id=1, signer_type_id=1, mailbox_key="00", seat="", masked="a…@example.org", locale="en")
    for host in hosts:
        for age, is_open in {TICKET_LIFE - MINUTE: True, TICKET_LIFE + MINUTE: False}.items():
            answer = host.ask(f"/pledge/inbox/{seal_ticket(ticket, _now(host) - age)}/")
            assert (answer.status, ticket.masked in answer.body) == (200, is_open)


def _sign(host: Site, name: str, number: int) -> None:
    for count in range(number):
        assert host.post(f"{name}{count}@example.org", host.fetch_stamp()).status == 303


def _links(site: Site) -> list[str]:
    """Return the confirm links in the order in which people signed."""
    rows = site.rows(f"SELECT pledge_id, uuid FROM {site.seeded['signatures']} ORDER BY id")
    return [
        f"/pledge/confirm/{make_token('confirm', TokenSubject(pledge_id=p, uuid=uuid, epoch=1))}/" for p, uuid in rows
    ]


@pytest.mark.requirement("F15", "A9", "A8")
def test_links_live_as_long_everywhere_and_counts_are_exact(site: Site) -> None:
    signatures, outbox = site.seeded["signatures"], site.seeded["outbox"]
    with site.fresh() as fresh, fresh.served(_clock("+10m")) as ahead, fresh.served(_clock("-10m")) as behind:
        _sign(ahead, "a", 6)
        _sign(behind, "b", 6)
        links = _links(fresh)
        ages = [LINK_LIFE - MINUTE, LINK_LIFE - MINUTE, LINK_LIFE + 5 * MINUTE, LINK_LIFE + 5 * MINUTE, MINUTE]
        with fresh.connect() as connection:
            for age, (key,) in zip(ages, fresh.rows(f"SELECT id FROM {signatures} ORDER BY id"), strict=False):
                connection.execute(f"UPDATE {signatures} SET created_at = now() - %s WHERE id = %s", (age, key))
            same = "m.mailbox_key = s.mailbox_key"
            connection.execute(f"UPDATE {outbox} m SET created_at = s.created_at FROM {signatures} s WHERE {same}")
        for number, link in enumerate(links):
            # The oldest meet both hosts in turn; of the rest half confirm here, half there
            host = (ahead, behind)[number % 2]
            assert host.ask(link, {}).status == 303
        confirmed = [state == "confirmed" for (state,) in fresh.rows(f"SELECT state FROM {signatures} ORDER BY id")]
        assert confirmed == [True, True, False, False] + [True] * 8
        for clock in ("+10m", "-10m"):
            work_once({**fresh.environment, **_clock(clock)}, only="tallies,recount")
            for host in (ahead, behind):
                count = json.loads(host.ask(f"{host.seeded['count']}").body)
                assert (count["total"], count["state"]) == (10, "open")
                assert abs(dt.datetime.fromisoformat(count["as_of"]) - _now(host)) < MINUTE


def _is_everywhere(host: Site, state: str) -> bool:
    """Return whether each process of a host gives this state: of ten answers each gives some."""
    return {json.loads(host.ask(host.seeded["count"]).body)["state"] for _ in range(10)} == {state}


@pytest.mark.requirement("F15", "A9")
def test_a_pledge_closes_everywhere_at_once(site: Site) -> None:
    """Five minutes before the end the host ahead is past it; five minutes after, the host behind is not there yet."""
    with site.fresh() as fresh, fresh.served(_clock("+10m")) as ahead, fresh.served(_clock("-10m")) as behind:
        for minutes, state, status in ((5, "open", 303), (-5, "closed", 422)):
            with fresh.connect() as connection:
                connection.execute(
                    f"UPDATE {fresh.seeded['pledges']} SET closes_at = now() + %s", (dt.timedelta(minutes=minutes),)
                )
            for number, host in enumerate((ahead, behind)):
                assert host.post(f"end{minutes}-{number}@example.org", host.fetch_stamp()).status == status
            # The first answers are fresh; a process gives them again until they are too old
            for host in (ahead, behind):
                assert wait_until(partial(_is_everywhere, host, state), DEFAULTS["COUNT_MAX_AGE"] + 20)
