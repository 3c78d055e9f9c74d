"""Random and mutated uploads in the admin: never a server error, never half a write.

``PLEDGE_TEST_UPLOADS=10000`` runs as many; without it a few hundred, the same ones every time.
"""

from __future__ import annotations

import datetime as dt
import os
import random
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.treaties import depositary_files, treaty_data
from wagtail_pledge.admin.treaties.import_views import import_url
from wagtail_pledge.treaties.enums import ImportState
from wagtail_pledge.treaties.models import Treaty, TreatyAction, TreatyImport

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("TR3")]

UPLOADS: Final = int(os.environ.get("PLEDGE_TEST_UPLOADS", "300"))
#: One test does so many, so that workers share them.
BATCH: Final = 50
NAMES: Final = (
    "list.html",
    "list.xml",
    "list.csv",
    "ViewDetails.aspx",
    "list.pdf",
    "list",
    "__2026-01-01.csv",
    "é\u202e.csv",
)
SOURCES: Final = ("", "", "", "untc", "mtdsg", "untc-record", "normlex", "untreaties", "csv", "fax")
DAYS: Final = ("", "", "2026-11-01", "2026-02-03", "1990-12-18", "0001-01-01", "9999-12-31", "soon")
TOKENS: Final = (
    b"<table>", b"</table>", b"<tr>", b"<td>", b"</td>", b"<sup>", b"</sup>", b"<!--", b"-->", b"&nbsp;", b"&#0;",
    b"&#xD800;", b"[", b"]", b" a", b" A", b" AA", b" zz", b"\t", b"\xc2\xa0", b"\x00", b"\xff", b'"', b",", b"\r\n",
    b"9999", b"0000", b"31 Dec\t 9999", b"31/12/9999", b"9999-12-31", b"0001-01-01", b"29 Feb\t 2023", b"Participant",
    b"<!DOCTYPE a>", b"<!ENTITY", b"<Row>", b"</Entry>", b"&lt;superscript&gt;", b"Chad", b"Czechoslovakia",
    b"Signatories : 99999. Parties : 99999", b"\xe2\x80\xae", b"\xef\xbb\xbf", b"id=tblgrid", b"party", b"withdrawn",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(treaty_data.TODAY, tick=False):
        yield


def dump() -> tuple[list[Any], list[Any]]:
    fields = [field.name for field in Treaty._meta.concrete_fields if field.name != "updated_at"]
    return list(TreatyAction.objects.order_by("pk").values_list()), list(Treaty.objects.values_list(*fields))


def _seeds(treaty: Treaty) -> list[bytes]:
    rows = treaty_data.table(treaty_data.content())
    nepal = treaty_data.row("NPL", "Nepal", action="accession", action_date="2026-05-14", status="party")
    day = dt.date(2026, 11, 1)
    fixtures = [path.read_bytes() for path in sorted(depositary_files.FIXTURES.iterdir())]
    pages = [
        depositary_files.page_for(treaty, rows, day, 60, 40),
        depositary_files.page_for(treaty, [*rows, nepal], day, 61, 40),
    ]
    return [*fixtures, *pages, pages[1], treaty_data.content(), treaty_data.written([*rows, nepal])]


def _insert(chance: random.Random, content: bytearray, _seeds: list[bytes]) -> None:
    place = chance.randint(0, len(content))
    content[place:place] = chance.choice(TOKENS)


def _overwrite(chance: random.Random, content: bytearray, _seeds: list[bytes]) -> None:
    place = chance.randint(0, len(content))
    content[place : place + chance.randint(0, 12)] = chance.randbytes(chance.randint(0, 8))


def _digit(chance: random.Random, content: bytearray, _seeds: list[bytes]) -> None:
    places = [place for place, byte in enumerate(content) if 48 <= byte <= 57]
    if places:
        content[chance.choice(places)] = chance.randint(48, 57)


def _cut(chance: random.Random, content: bytearray, _seeds: list[bytes]) -> None:
    first, last = sorted((chance.randint(0, len(content)), chance.randint(0, len(content))))
    del content[first : min(last, first + 400)]


def _repeat(chance: random.Random, content: bytearray, _seeds: list[bytes]) -> None:
    place = chance.randint(0, len(content))
    content[place:place] = content[place : place + chance.randint(1, 400)] * chance.randint(1, 3)


def _splice(chance: random.Random, content: bytearray, seeds: list[bytes]) -> None:
    other = chance.choice(seeds)
    start = chance.randint(0, len(other))
    content[chance.randint(0, len(content)) :] = other[start:]


def _drop_row(chance: random.Random, content: bytearray, _seeds: list[bytes]) -> None:
    lines = bytes(content).split(b"\n")
    del lines[chance.randrange(len(lines))]
    content[:] = b"\n".join(lines)


MUTATIONS: Final[tuple[Callable[[random.Random, bytearray, list[bytes]], None], ...]] = (
    _insert,
    _overwrite,
    _digit,
    _cut,
    _repeat,
    _splice,
    _drop_row,
)


def _content(chance: random.Random, seeds: list[bytes]) -> bytes:
    if chance.random() < 0.1:
        return chance.randbytes(chance.randint(0, 2_000))
    content = bytearray(chance.choice(seeds))
    for _ in range(chance.choice((0, 1, 1, 1, 2, 3, 6))):
        chance.choice(MUTATIONS)(chance, content, seeds)
    return bytes(content)


def _decide(client: Client, entry: TreatyImport, before: tuple[list[Any], list[Any]]) -> str:
    """Approve and undo: all of it is written, then all of it is gone."""
    assert dump() == before
    approved = client.post(import_url("approve", entry))
    assert approved.status_code == 302
    entry.refresh_from_db()
    if entry.state != ImportState.APPLIED:
        assert dump() == before
        return "not applied"
    assert TreatyAction.objects.filter(treaty=entry.treaty_id).count() == len(before[0]) + sum(
        {"ADDED": 1, "REMOVED": -1, "CHANGED": 0}[change["kind"]] for change in entry.changes
    )
    assert client.post(import_url("undo", entry)).status_code == 302
    assert dump() == before
    return "applied and undone"


def _fields(chance: random.Random, content: bytes) -> dict[str, Any]:
    """Return the other fields: mostly as an editor would fill them in, sometimes anything."""
    name, day, source = "list.csv" if b"<t" not in content else "list.html", "2026-11-01", ""
    if chance.random() < 0.3:
        name, day, source = chance.choice(NAMES), chance.choice(DAYS), chance.choice(SOURCES)
    return {"file": SimpleUploadedFile(name, content), "as_of": day, "source": source}


def _upload(client: Client, treaty: Treaty, content: bytes, chance: random.Random) -> str:
    before, count = dump(), TreatyImport.objects.count()
    data = {"treaty": treaty.pk, **_fields(chance, content)}
    answer = client.post(import_url("add"), data)
    if TreatyImport.objects.count() == count:
        assert dump() == before
        # Shown again with what is wrong, or nothing to approve
        return {200: "refused", 302: "nothing new"}[answer.status_code]
    assert answer.status_code == 302
    entry = TreatyImport.objects.latest("pk")
    assert client.get(import_url("detail", entry)).status_code == 200
    return _decide(client, entry, before)


@pytest.fixture
def client() -> Client:
    client = Client()
    client.force_login(get_user_model().objects.create_superuser("root", password="password"))
    return client


@pytest.mark.parametrize("first", range(0, UPLOADS, BATCH))
def test_any_upload_is_read_or_refused_and_never_half_written(first: int, client: Client, capsys: Any) -> None:
    treaty = treaty_data.cmw()
    seeds = _seeds(treaty)
    outcomes: Counter[str] = Counter()
    for number in range(first, min(first + BATCH, UPLOADS)):
        chance = random.Random(number)
        outcomes[_upload(client, treaty, _content(chance, seeds), chance)] += 1
    assert sum(outcomes.values()) == min(BATCH, UPLOADS - first)
    if UPLOADS > 300:
        with capsys.disabled():
            print(dict(outcomes))


def test_the_seeds_themselves_go_through(client: Client) -> None:
    treaty = treaty_data.cmw()
    outcomes = {_upload(client, treaty, content, random.Random(0)) for content in _seeds(treaty)}
    assert outcomes <= {"refused", "nothing new", "applied and undone"}
