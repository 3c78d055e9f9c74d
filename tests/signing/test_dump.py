"""A stolen database or backup contains no email address, unpublished name or usable token."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client

from tests.postgres import binary
from tests.signing.conftest import organization, person, sign_as, statement_to_sign, submit_as
from wagtail_pledge.core.crypto import decode_base64
from wagtail_pledge.core.db import database_now
from wagtail_pledge.signing.models import SignerType, Submission
from wagtail_pledge.signing.services import CONFIRM, MANAGE, approve, token_for
from wagtail_pledge.signing.services.pledges import create_pledge, create_signer_type
from wagtail_pledge.signing.services.suppression import NOT_ME
from wagtail_pledge.signing.stamps import issue_stamp
from wagtail_pledge.signing.worker.mail import send_due
from wagtail_pledge.signing.worker.tallies import refresh_tallies

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.requirement("PV5", "B8"), pytest.mark.swappable]


#: IP addresses of two visitors.
ADDRESSES = "198.51.100.77", "2001:db8:ca4a:51::77"


def _sign_over_http(people: SignerType) -> list[str]:
    """Sign over HTTP from known IP addresses and submit every form; return all tokens in links and forms."""
    url = f"/pledge/{people.pledge.uuid}/sign/{people.uuid}/"
    tokens: list[str] = []
    for number, address in enumerate(ADDRESSES):
        sha256 = statement_to_sign(people).sha256
        form = {"name": "Canary Visitor", "email": f"canary{number}@visitor.example", "country": "US"}
        form |= {"display": "hidden", "statement": sha256, "stamp": issue_stamp(sha256, database_now())}
        client = Client(REMOTE_ADDR=address, headers={"x-forwarded-for": address, "user-agent": "Canary Browser"})
        inbox = client.post(url, json.dumps(form), content_type="application/json").json()["inbox"]
        submission = Submission.objects.latest("created_at")
        paths = {CONFIRM: "confirm", NOT_ME: "not-me"}
        links = [f"/pledge/{path}/{token_for(purpose, submission)}/" for purpose, path in paths.items()]
        for link in (inbox, *links):
            assert client.get(link).status_code == 200
            assert client.post(link).status_code == 303
            tokens.append(link.strip("/").rpartition("/")[2])
        tokens.append(form["stamp"])
    return tokens


def _sign_in_every_way() -> list[str]:
    """Create signatures of every kind and state and run the worker; return the tokens that must not be found."""
    pledge = create_pledge("Ratify")
    people, groups = pledge.signer_types.get(), create_signer_type(pledge, "organization")
    waiting = submit_as(people, person("canary1@example.org", name="Canary Pending"))
    made = [
        sign_as(people, person("canary2@example.org", name="Canary Hidden", details={"city": "Canarytown"})),
        sign_as(people, person("canary3@example.org", name="Shown Person", display="name")),
        sign_as(groups, organization("Canary Waiting", email="canary4@waiting.example", city="Canarytown")),
        sign_as(groups, organization("Shown Union", email="canary5@shown.example")),
    ]
    approve(made[3])
    while send_due():
        pass
    in_forms_and_links = _sign_over_http(people)
    while send_due():
        pass
    refresh_tallies()
    tokens = [token_for(MANAGE, signature) for signature in made]
    tokens += [token_for(purpose, waiting) for purpose in (CONFIRM, NOT_ME)]
    return [*in_forms_and_links, *tokens]


def decoded(token: str) -> bytes:
    raw = decode_base64(token)
    assert raw
    return raw


def _assert_nothing_leaks(dump: bytes, tokens: list[str]) -> None:
    lowered = dump.lower()
    assert not [address for address in ADDRESSES if address.encode() in dump]
    # The network prefixes neither
    assert b"198.51.100" not in dump
    assert b"2001:db8" not in dump
    assert len(tokens) == len(set(tokens)) == 6 + 4 * len(ADDRESSES)
    assert not [token for token in tokens if token.encode() in dump]
    # The last bytes of a token are its keyed part
    assert not [token for token in tokens if decoded(token)[-20:] in dump]
    assert not [token for token in tokens if decoded(token)[-20:].hex().encode() in lowered]
    assert b"canary" not in lowered
    assert b"@" + b"example.org" not in lowered
    assert b"rosa ruiz" not in lowered
    assert b"shown person" in lowered
    assert b"shown union" in lowered


@pytest.mark.postgres
def test_a_postgresql_dump_contains_no_address_and_no_unpublished_name() -> None:
    tokens = _sign_in_every_way()
    settings = connection.settings_dict
    arguments = ["--host", settings["HOST"], "--port", str(settings["PORT"]), "--username", settings["USER"]]
    done = subprocess.run([binary("pg_dump"), *arguments, settings["NAME"]], check=True, capture_output=True)
    _assert_nothing_leaks(done.stdout, tokens)
    as_bytes = b"".join(bytes.fromhex(part[:2000].decode()) for part in _hex_columns(done.stdout))
    assert b"canary" not in as_bytes.lower()


def _hex_columns(dump: bytes) -> list[bytes]:
    """Return the bytea columns of a dump, written as ``\\\\x…``."""
    found = [part.split(b"\t")[0].split(b"\n")[0] for part in dump.split(b"\\\\x")[1:]]
    return [part[: len(part) // 2 * 2] for part in found]


@pytest.mark.sqlite
def test_the_sqlite_file_contains_no_address_and_no_unpublished_name() -> None:
    tokens = _sign_in_every_way()
    path = Path(connection.settings_dict["NAME"])
    connection.close()
    _assert_nothing_leaks(b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*")), tokens)
