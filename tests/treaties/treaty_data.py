"""Treaty data for the tests, loaded from the package's catalogue by the package's own code."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from wagtail_pledge.treaties.enums import EffectRule
from wagtail_pledge.treaties.importing.apply import apply_import
from wagtail_pledge.treaties.importing.reference_data import load_states, read_rows
from wagtail_pledge.treaties.importing.report import ImportReport
from wagtail_pledge.treaties.models import State, StateAlias, Treaty
from wagtail_pledge.treaties.sources.csv import COLUMNS, CsvSource
from wagtail_pledge.treaties.states import load_resolver

DATA = Path(__file__).resolve().parents[2] / "wagtail_pledge/treaties/data/catalogue"
CMW_DAY = dt.date(2026, 2, 3)
#: The current time in the tests of treaties.
TODAY = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)


def manifest() -> list[dict[str, str]]:
    """Return one row for each of the 21 lists."""
    return read_rows(DATA / "manifest.csv")


def states() -> None:
    """Load the package's table of States."""
    load_states(State, StateAlias)


def treaty(key: str = "cmw", **facts: Any) -> Treaty:
    """Create and return a treaty, by default the Migrant Workers Convention."""
    known: dict[str, Any] = {"short_name": key.upper(), "title": key, "name": f"the {key}"}
    if key == "cmw":
        known = {
            "short_name": "CMW",
            "name": "the Migrant Workers Convention",
            "title": "International Convention on the Protection of the Rights of All Migrant Workers",
            "adopted_on": dt.date(1990, 12, 18),
            "in_force_on": dt.date(2003, 7, 1),
            "threshold": 20,
            "threshold_article": "87(1)",
            "depositary": "UN Secretary-General",
            "reference": "UNTC IV-13",
            "effect_rule": EffectRule.MONTH_AFTER_THREE_MONTHS,
        }
    return Treaty.objects.create(key=key, **{**known, **facts})


def content(name: str = "cmw.csv") -> bytes:
    """Return the content of a data file."""
    return (DATA / name).read_bytes()


def import_csv(into: Treaty, data: bytes, as_of: dt.date = CMW_DAY, *, dry_run: bool = False) -> ImportReport:
    """Import CSV ``data`` and return the report."""
    parsed = CsvSource().parse(data, load_resolver())
    return apply_import(into, parsed, as_of=as_of, dry_run=dry_run)


def cmw() -> Treaty:
    """Create and return the Migrant Workers Convention with all its acts."""
    states()
    made = treaty()
    assert import_csv(made, content()).errors == ()
    return made


def table(data: bytes) -> list[dict[str, str]]:
    """Return the rows of a CSV file."""
    return list(csv.DictReader(io.StringIO(data.decode())))


def written(rows: list[dict[str, str]], columns: tuple[str, ...] = COLUMNS) -> bytes:
    """Return rows as a CSV file."""
    buffer = io.StringIO(newline="")
    writer = csv.DictWriter(buffer, columns, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue().encode()


def row(iso3: str, name: str, **cells: str) -> dict[str, str]:
    """Return one row of the package's CSV."""
    return {**dict.fromkeys(COLUMNS, ""), "iso_a3": iso3, "name": name, **cells}


def days(first: dt.date, last: dt.date, step: int) -> Iterator[dt.date]:
    """Yield every ``step``-th day from ``first`` to ``last``."""
    for number in range(0, (last - first).days + 1, step):
        yield first + dt.timedelta(days=number)
