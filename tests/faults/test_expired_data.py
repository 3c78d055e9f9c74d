"""Nothing of a form that was not confirmed is left in a dump of the database after 14 days."""

from __future__ import annotations

import subprocess
from urllib.parse import quote, urlsplit

import pytest

from tests import postgres
from tests.faults.harness.concurrent_workers import work_once
from tests.faults.harness.mail import MailServerHandler, mail_server
from tests.faults.harness.site import Site, free_port

CANARY = "canary"
#: What leads to somebody who did not confirm: sealed data, and keyed hashes.
_PERSONAL = {
    "payloads": "SELECT payload FROM {submissions} WHERE id <> '{kept}'",
    "mailboxes": "SELECT mailbox_key FROM {submissions} WHERE id <> '{kept}'",
    "networks": "SELECT network_key FROM {submissions}",
    "domains and names": "SELECT decode(part[1], 'hex') FROM {submissions},"
    " LATERAL regexp_matches(signals, '[a-z]:([0-9a-f]{{16}})', 'g') AS part",
    "requests for links": "SELECT payload FROM wagtail_pledge_linkrequest",
    "networks of requests": "SELECT network_key FROM wagtail_pledge_linkrequest",
    "places": "SELECT network_key FROM wagtail_pledge_networkplace",
    "rate limits": "SELECT network_key FROM wagtail_pledge_limitbucket WHERE octet_length(network_key) > 1",
    "codes": "SELECT mailbox FROM wagtail_pledge_codeattempts",
    "keys of networks": "SELECT key FROM wagtail_pledge_networkdaykey",
    # Who said "this was not me" stays barred for a year
    "mails": "SELECT budget_key FROM wagtail_pledge_mailsent WHERE budget_key NOT IN"
    " (SELECT budget_key FROM wagtail_pledge_suppression)",
}


def _dump(site: Site) -> bytes:
    """Return the site's database as ``pg_dump`` writes it, with binary columns in hexadecimal."""
    host, account = quote(str(site.cluster.directory), safe=""), postgres.SUPERUSER
    url = f"postgres://{account}@{host}:{site.cluster.port}/{site.database}"
    done = subprocess.run([postgres.binary("pg_dump"), "--dbname", url], check=True, capture_output=True)
    return done.stdout


def _sign_in_every_way(site: Site, inbox: MailServerHandler, port: int) -> None:
    """Leave forms in every state: confirmed, mailed, corrected, ended, with a wrong code, and not mailed yet."""

    def sign(name: str) -> str:
        answer = site.post(f"{CANARY}-{name}@example.org", site.stamp())
        assert answer.status == 303
        return urlsplit(answer.headers["Location"]).path

    sign("confirmed")
    sign("mailed")
    assert site.ask(sign("mistyped"), {"email": f"{CANARY}-corrected@example.org"}).status == 303
    coded, _stopped = sign("coded"), sign("stopped")
    assert site.ask(coded, {"code": "000000"}).status == 303
    link = site.seeded["path"].partition("/sign/")[0] + "/link/"
    for name in ("nobody", "mailed"):
        assert site.ask(link, {"email": f"{CANARY}-{name}@example.org"}).status == 303
    inbox.refuse = {f"{CANARY}-busy@": "451 later"}
    sign("busy")
    work_once(site.environment, port)
    assert site.ask(inbox.link(f"{CANARY}-confirmed@example.org", "confirm"), {}).is_confirmation
    assert site.ask(inbox.link(f"{CANARY}-stopped@example.org", "not-me"), {}).status == 303
    work_once(site.environment, port)
    sign("unmailed")
    assert site.ask(link, {"email": f"{CANARY}-late@example.org"}).status == 303


@pytest.mark.requirement("E6", "PV5")
def test_no_unconfirmed_data_is_in_a_dump_after_14_days(site: Site) -> None:
    inbox, port = MailServerHandler(), free_port()
    server = mail_server(inbox, port)
    try:
        with site.fresh() as fresh, fresh.served() as served:
            _sign_in_every_way(served, inbox, port)
            (kept,) = served.confirmed()
            personal: dict[str, set[bytes]] = {}
            for what, query in _PERSONAL.items():
                rows = served.rows(query.format(**served.seeded, kept=kept))
                personal[what] = {bytes(value) for (value,) in rows if value}
                assert personal[what], f"nothing to look for: {what}"
            before = _dump(served)
            assert _found(personal, before) == personal
            served.grow_older(14)
            work_once(served.environment, port)
            after = _dump(served)
            assert len(served.rows(f"SELECT 1 FROM {served.seeded['signatures']}")) == 1
    finally:
        server.stop()
    assert _found(personal, after) == {}
    assert CANARY.encode() not in after.lower()


def _found(personal: dict[str, set[bytes]], dump: bytes) -> dict[str, set[bytes]]:
    """Return which of the values are in the dump, in hexadecimal; ``signals`` have theirs in text."""
    found = {what: {value for value in values if value.hex().encode() in dump} for what, values in personal.items()}
    return {what: values for what, values in found.items() if values}
