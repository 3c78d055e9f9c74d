"""Loads the package's table of States, and treaties from a directory of CSV files."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any, Final

from django.db import transaction

from wagtail_pledge.treaties.enums import DeclarationKind, EffectRule
from wagtail_pledge.treaties.errors import InvalidDate
from wagtail_pledge.treaties.models import State, Treaty, TreatyDeclaration, TreatyName
from wagtail_pledge.treaties.states import normalize_name
from wagtail_pledge.treaties.status import parse_day

DATA: Final = Path(__file__).resolve().parents[1] / "data"
#: Files of alternative names, one per language. Of two names with the same normal form, the first is used.
ALIASES: Final = ("aliases.csv", "aliases_fr.csv")
_STATE_FIELDS: Final = ("iso3", "iso2", "m49", "name", "kind", "ended_on")


def read_rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of a UTF-8 CSV file with a heading row."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def load_states(state_model: Any, alias_model: Any, *, update: bool = False) -> int:
    """Add the package's States and their names that are missing; return the number of States of the package.

    Idempotent. Rows that exist are left as editors changed them, found by party id and normalized name; ``update``
    overwrites them with the package's. Deletes nothing. Takes the model classes, so that a migration can pass its
    historical models. A few queries, whatever the number of rows.
    """
    rows = read_rows(DATA / "states.csv")
    # A historical model may lack newer fields; the migration that adds them loads the table again, with update
    existing = {field.name for field in state_model._meta.get_fields()}
    fields = [name for name in _STATE_FIELDS if name in existing]
    state_model.objects.bulk_create(
        [state_model(key=row["key"], **_state_values(row, fields)) for row in rows],
        **_on_conflict(["key"], fields, update=update),
    )
    pks = dict(state_model.objects.values_list("key", "pk"))
    aliases = [
        alias_model(
            state_id=pks[row["key"]],
            name=row["name"],
            normalized=normalized,
            kind=row["kind"],
            note=row["note"],
        )
        for normalized, row in _alias_rows_by_name(rows).items()
        if row["key"] in pks
    ]
    alias_model.objects.bulk_create(
        aliases,
        **_on_conflict(["normalized"], ["state", "name", "kind", "note"], update=update),
    )
    return len(rows)


def _on_conflict(unique: list[str], fields: list[str], *, update: bool) -> dict[str, Any]:
    """Return the arguments of ``bulk_create`` that update the rows that exist, or leave them."""
    if not update:
        return {"ignore_conflicts": True}
    return {"update_conflicts": True, "unique_fields": unique, "update_fields": fields}


def _state_values(row: dict[str, str], fields: Iterable[str]) -> dict[str, Any]:
    return {name: row[name] or None if name == "ended_on" else row[name] for name in fields}


def _alias_rows_by_name(states: list[dict[str, str]]) -> dict[str, dict[str, str]]:
    """Return one alias row per normal form of a name; names of participants outside the table are left out."""
    keys = {row["key"] for row in states}
    rows_by_name: dict[str, dict[str, str]] = {}
    for row in _alias_rows(states):
        if row["key"] in keys:
            rows_by_name.setdefault(normalize_name(row["name"]), row)
    return rows_by_name


def _alias_rows(states: Iterable[dict[str, str]]) -> Iterable[dict[str, str]]:
    for file in ALIASES:
        yield from read_rows(DATA / file)
    for row in states:
        yield {"name": row["name"], "key": row["key"], "kind": "variant", "note": ""}
        yield {"name": row["depositary_name"], "key": row["key"], "kind": "current", "note": ""}


#: Effect rules by their wording in the data files.
_EFFECT_RULES: Final = {
    "first day of the month after 3 months from deposit": EffectRule.MONTH_AFTER_THREE_MONTHS,
    "thirtieth day after deposit": EffectRule.THIRTIETH_DAY,
}


def load_treaties(directory: Path, keys: Collection[str] | None = None) -> list[Treaty]:
    """Create or update the treaties of a data directory and return them. Does not change imported acts.

    ``keys`` names the treaties; the default is all.

    ``treaties.csv`` contains the facts, ``manifest.csv`` the effect rules, and ``names.csv`` the names (key, language,
    name, title). Values that are not exact dates or numbers ("2020 (stale)", "n/a") are left empty, never guessed.
    """
    rules = {row["treaty"]: row["effect_rule"] for row in read_rows(directory / "manifest.csv")}
    names = read_rows(directory / "names.csv")
    return [
        _load_treaty(row, rules.get(row["key"], ""), [name for name in names if name["key"] == row["key"]])
        for row in read_rows(directory / "treaties.csv")
        if keys is None or row["key"] in keys
    ]


def load_declarations(directory: Path, treaty: Treaty) -> int:
    """Add the declarations of a data directory to a treaty that has none, and return their number."""
    rows = [row for row in read_rows(directory / "declarations.csv") if row["treaty"] == treaty.key]
    if not rows or treaty.declarations.exists():
        return 0
    pks = dict(State.objects.values_list("key", "pk"))
    TreatyDeclaration.objects.bulk_create(
        TreatyDeclaration(
            treaty=treaty,
            party_id=pks[row["state"]],
            kind=DeclarationKind(row["kind"]),
            article=row["article"],
            date=_day(row["date"]),
            withdrawn_on=_day(row["withdrawn_on"]),
            text=row["text"],
            source=row["source"],
        )
        for row in rows
    )
    return len(rows)


@transaction.atomic
def _load_treaty(row: dict[str, str], rule: str, names: list[dict[str, str]]) -> Treaty:
    english = next((name for name in names if name["language"] == "en"), None)
    facts = {
        **_treaty_facts(row),
        "name": english["name"] if english else row["official_title"],
        "effect_rule": _EFFECT_RULES.get(rule, EffectRule.UNKNOWN),
    }
    treaty, _created = Treaty.objects.update_or_create(key=row["key"], defaults=facts)
    for name in names:
        if name["language"] != "en":
            values = {"name": name["name"], "title": name["title"]}
            TreatyName.objects.update_or_create(treaty=treaty, language=name["language"], defaults=values)
    return treaty


def _treaty_facts(row: dict[str, str]) -> dict[str, Any]:
    published_on = _day(row["as_of"])
    return {
        "short_name": row["short_name"],
        "title": row["official_title"],
        "depositary": row["depositary"],
        "reference": row["depositary_ref"],
        "adopted_on": _day(row["adoption_date"]),
        "opened_on": _day(row["opened_for_signature"]),
        "in_force_on": _day(row["in_force_date"]),
        "threshold": _leading_number(row["threshold"]),
        "threshold_article": row["threshold_article"],
        "text_url": row["text_url"],
        "source": row["source"],
        "source_url": row["source_url"],
        "note": row["notes"],
        "published_on": published_on,
        "published_parties": _leading_number(row["parties"]) if published_on else None,
        "published_signatories": _leading_number(row["signatories"]) if published_on else None,
    }


def _day(text: str) -> dt.date | None:
    try:
        return parse_day(text)
    except InvalidDate:
        return None


def _leading_number(text: str) -> int | None:
    digits = text.partition(" ")[0]
    return int(digits) if digits.isdecimal() else None
