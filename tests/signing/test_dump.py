"""What a thief of the database or of a backup would hold."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.postgres import binary
from tests.signing.conftest import organization, person, sign_as
from wagtail_pledge.signing.services import approve, confirm
from wagtail_pledge.signing.services.pledges import create_pledge, create_signer_type
from wagtail_pledge.signing.tasks.mail import send_due
from wagtail_pledge.signing.tasks.tallies import refresh_tallies

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.requirement("PV5", "B8")]


def _sign_in_every_way() -> list[Any]:
    """Leave signatures of every kind and state, worked off by the worker."""
    pledge = create_pledge("Ratify")
    people, groups = pledge.signer_types.get(), create_signer_type(pledge, "organization")
    made = [
        sign_as(people, person("canary1@example.org", name="Canary Pending")),
        sign_as(people, person("canary2@example.org", name="Canary Hidden", details={"city": "Canarytown"})),
        sign_as(people, person("canary3@example.org", name="Shown Person", display="name")),
        sign_as(groups, organization("Canary Waiting", email="canary4@waiting.example", city="Canarytown")),
        sign_as(groups, organization("Shown Union", email="canary5@shown.example")),
    ]
    for signature in made[1:]:
        confirm(signature, epoch=1)
    approve(made[4])
    while send_due():
        pass
    refresh_tallies()
    return made


def _assert_nothing_leaks(dump: bytes) -> None:
    lowered = dump.lower()
    assert b"canary" not in lowered
    assert b"@" + b"example.org" not in lowered
    assert b"rosa ruiz" not in lowered
    assert b"shown person" in lowered
    assert b"shown union" in lowered


@pytest.mark.postgres
def test_a_dump_of_postgresql_holds_no_address_and_no_unpublished_name() -> None:
    _sign_in_every_way()
    settings = connection.settings_dict
    arguments = ["--host", settings["HOST"], "--port", str(settings["PORT"]), "--username", settings["USER"]]
    done = subprocess.run([binary("pg_dump"), *arguments, settings["NAME"]], check=True, capture_output=True)
    _assert_nothing_leaks(done.stdout)
    as_bytes = b"".join(bytes.fromhex(part[:2000].decode()) for part in _hex_columns(done.stdout))
    assert b"canary" not in as_bytes.lower()


def _hex_columns(dump: bytes) -> list[bytes]:
    """Return the bytes columns of a dump, which it writes as ``\\\\x…``."""
    found = [part.split(b"\t")[0].split(b"\n")[0] for part in dump.split(b"\\\\x")[1:]]
    return [part[: len(part) // 2 * 2] for part in found]


def test_the_sqlite_file_holds_no_address_and_no_unpublished_name() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("means something on SQLite only; the PostgreSQL dump has its own test")
    _sign_in_every_way()
    path = Path(connection.settings_dict["NAME"])
    connection.close()
    _assert_nothing_leaks(b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*")))
