"""JSON that an import stores: the parsed list, the changes, and a snapshot of the treaty's status for undo."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any, Final

from django.utils import timezone

from wagtail_pledge.treaties.enums import Act, Confidence, ParticipantStatus
from wagtail_pledge.treaties.importing.report import Change, ChangeKind
from wagtail_pledge.treaties.models import State, Treaty, TreatyAction
from wagtail_pledge.treaties.sources.base import ErrorLine, ParsedStatus, StatusRecord
from wagtail_pledge.treaties.states import display_name


def dump_parsed(parsed: ParsedStatus) -> dict[str, Any]:
    """Return a parsed list as JSON data. Errors are not included: a list with errors is never stored."""
    return {
        "records": [{name: _to_json(value) for name, value in asdict(record).items()} for record in parsed.records],
        "expected": {
            key: [row, participant_status.value] for key, (row, participant_status) in parsed.expected.items()
        },
        "published_parties": parsed.published_parties,
        "published_signatories": parsed.published_signatories,
        "as_of": _to_json(parsed.as_of),
        "concluded_on": _to_json(parsed.concluded_on),
        "origin": parsed.origin,
        "corrects": sorted(parsed.corrects),
        "is_history": parsed.is_history,
        "notes": [asdict(line) for line in parsed.notes],
    }


def load_parsed(data: dict[str, Any]) -> ParsedStatus:
    """Return the parsed list from the data of :func:`dump_parsed`."""
    expected = {
        key: (row, ParticipantStatus(participant_status)) for key, (row, participant_status) in data["expected"].items()
    }
    return ParsedStatus(
        records=tuple(_record(record) for record in data["records"]),
        expected=expected,
        published_parties=data["published_parties"],
        published_signatories=data["published_signatories"],
        as_of=_day(data["as_of"]),
        concluded_on=_day(data["concluded_on"]),
        origin=data["origin"],
        corrects=frozenset(data["corrects"]),
        is_history=data["is_history"],
        notes=load_notes(data),
    )


def load_notes(data: dict[str, Any]) -> tuple[ErrorLine, ...]:
    """Return the notes from the data of :func:`dump_parsed`."""
    return tuple(ErrorLine(**line) for line in data.get("notes", ()))


def dump_changes(changes: Iterable[Change]) -> list[dict[str, Any]]:
    """Return changes as JSON data, independent of the active language."""
    return [
        {
            "kind": change.kind.name,
            "act": change.act.value,
            "party": change.party,
            "name": change.name,
            "date": _to_json(change.date),
            "fields": list(change.fields),
        }
        for change in changes
    ]


def load_changes(data: Sequence[dict[str, Any]]) -> tuple[Change, ...]:
    """Return the changes from the data of :func:`dump_changes`, with names in the active language: one query."""
    states = {state.key: state for state in State.objects.filter(key__in={entry["party"] for entry in data})}
    return tuple(_change(entry, states.get(entry["party"])) for entry in data)


def reversed_changes(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Return the changes that undo ``changes``."""
    opposite = {
        ChangeKind.ADDED: ChangeKind.REMOVED,
        ChangeKind.REMOVED: ChangeKind.ADDED,
        ChangeKind.CHANGED: ChangeKind.CHANGED,
    }
    return tuple(
        Change(
            kind=opposite[change.kind],
            act=change.act,
            party=change.party,
            name=change.name,
            date=change.date,
            fields=change.fields,
        )
        for change in changes
    )


def _change(entry: dict[str, Any], state: State | None) -> Change:
    name = display_name(key=state.key, iso2=state.iso2, name=state.name) if state else entry["name"]
    return Change(
        kind=ChangeKind[entry["kind"]],
        act=Act(entry["act"]),
        party=entry["party"],
        name=name,
        date=_day(entry["date"]),
        fields=tuple(entry["fields"]),
    )


def _record(data: dict[str, Any]) -> StatusRecord:
    converted = {
        **data,
        "action": Act(data["action"]),
        "date": _day(data["date"]),
        "effect": _day(data["effect"]),
        "confidence": Confidence(data["confidence"]),
    }
    return StatusRecord(**converted)


def _to_json(value: Any) -> Any:
    if isinstance(value, dt.date):
        return value.isoformat()
    return value.value if isinstance(value, Act | Confidence) else value


def _day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


Snapshot = dict[str, Any]

#: Fields of ``Treaty`` that an import writes.
TREATY_FIELDS: Final = ("as_of", "published_on", "published_parties", "published_signatories", "source")
_ACT_FIELDS: Final = (
    "pk",
    "party_id",
    "action",
    "date",
    "effect_date",
    "named_as",
    "has_declarations",
    "source",
    "confidence",
    "note",
)
_DAYS: Final = frozenset({"as_of", "published_on", "date", "effect_date"})


def take_snapshot(treaty: Treaty) -> Snapshot:
    """Return the treaty's acts with their primary keys and its :data:`TREATY_FIELDS`, as JSON data: one query."""
    acts = TreatyAction.objects.for_treaty(treaty).order_by("pk").values_list(*_ACT_FIELDS)
    return {
        "treaty": [_to_json(getattr(treaty, name)) for name in TREATY_FIELDS],
        "acts": [[_to_json(value) for value in act] for act in acts],
    }


def fingerprint(snapshot: Snapshot) -> str:
    """Return the SHA-256 of a snapshot as hexadecimal digits."""
    text = json.dumps(snapshot, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def lacks_parties(snapshot: Snapshot) -> bool:
    """Return whether a State of the snapshot was deleted since."""
    pks = {act[_ACT_FIELDS.index("party_id")] for act in snapshot["acts"]}
    return State.objects.filter(pk__in=pks).count() < len(pks)


def restore_snapshot(treaty: Treaty, snapshot: Snapshot) -> None:
    """Restore the treaty's acts and fields from a snapshot. Call it inside a transaction.

    Sets ``updated_at`` to the current time, because caches compare it.
    """
    TreatyAction.objects.for_treaty(treaty).delete()
    TreatyAction.objects.bulk_create(
        [TreatyAction(treaty=treaty, **_values(_ACT_FIELDS, act)) for act in snapshot["acts"]]
    )
    values = _values(TREATY_FIELDS, snapshot["treaty"])
    for name, value in values.items():
        setattr(treaty, name, value)
    Treaty.objects.filter(pk=treaty.pk).update(**values, updated_at=timezone.now())


def _values(names: tuple[str, ...], values: list[Any]) -> dict[str, Any]:
    return {
        name: dt.date.fromisoformat(value) if value and name in _DAYS else value
        for name, value in zip(names, values, strict=True)
    }
