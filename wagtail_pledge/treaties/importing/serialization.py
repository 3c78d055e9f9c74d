"""What an import keeps between proposal and approval, as JSON: the list that was read, and the difference."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any, Final

from django.utils import timezone

from wagtail_pledge.treaties.enums import Act, Confidence, Standing
from wagtail_pledge.treaties.importing.report import Change, ChangeKind
from wagtail_pledge.treaties.models import State, Treaty, TreatyAction
from wagtail_pledge.treaties.sources.base import ParsedStatus, StatusRecord
from wagtail_pledge.treaties.states import display_name


def dump_parsed(parsed: ParsedStatus) -> dict[str, Any]:
    """Return everything of a list that was read without an error."""
    return {
        "records": [{name: _plain(value) for name, value in asdict(record).items()} for record in parsed.records],
        "expected": {key: [row, standing.value] for key, (row, standing) in parsed.expected.items()},
        "published_parties": parsed.published_parties,
        "published_signatories": parsed.published_signatories,
        "as_of": _plain(parsed.as_of),
        "concluded_on": _plain(parsed.concluded_on),
        "origin": parsed.origin,
        "corrects": sorted(parsed.corrects),
        "is_history": parsed.is_history,
    }


def load_parsed(data: dict[str, Any]) -> ParsedStatus:
    """Return the list that :func:`dump_parsed` kept."""
    expected = {key: (row, Standing(standing)) for key, (row, standing) in data["expected"].items()}
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
    )


def dump_changes(changes: Iterable[Change]) -> list[dict[str, Any]]:
    """Return a difference as data, without words of any language."""
    return [
        {
            "kind": change.kind.name,
            "act": change.act.value,
            "party": change.party,
            "name": change.name,
            "date": _plain(change.date),
            "fields": list(change.fields),
        }
        for change in changes
    ]


def load_changes(data: Sequence[dict[str, Any]]) -> tuple[Change, ...]:
    """Return the difference with the States' names in the active language: one query."""
    states = {state.key: state for state in State.objects.filter(key__in={entry["party"] for entry in data})}
    return tuple(_change(entry, states.get(entry["party"])) for entry in data)


def reversed_changes(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Return what undoing ``changes`` does."""
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


def _plain(value: Any) -> Any:
    if isinstance(value, dt.date):
        return value.isoformat()
    return value.value if isinstance(value, Act | Confidence) else value


def _day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


Snapshot = dict[str, Any]

#: Fields of a treaty that an import writes.
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
    """Return all acts with their primary keys, and the treaty's own fields: one query."""
    acts = TreatyAction.objects.of(treaty).order_by("pk").values_list(*_ACT_FIELDS)
    return {
        "treaty": [_plain(getattr(treaty, name)) for name in TREATY_FIELDS],
        "acts": [[_plain(value) for value in act] for act in acts],
    }


def fingerprint(snapshot: Snapshot) -> str:
    """Return the SHA-256 of a snapshot: equal status, equal fingerprint."""
    text = json.dumps(snapshot, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def lacks_parties(snapshot: Snapshot) -> bool:
    """Whether a State of the snapshot is no longer in the table of States."""
    wanted = {act[_ACT_FIELDS.index("party_id")] for act in snapshot["acts"]}
    return State.objects.filter(pk__in=wanted).count() < len(wanted)


def restore_snapshot(treaty: Treaty, snapshot: Snapshot) -> None:
    """Make the treaty's acts and fields what the snapshot holds. Call it inside a transaction.

    ``updated_at`` moves on: caches compare it.
    """
    TreatyAction.objects.of(treaty).delete()
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
