"""Compares the acts of a list with the stored acts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from wagtail_pledge.treaties.enums import CONSENTS, UNDATED, Act, StateKind
from wagtail_pledge.treaties.importing.report import Change, ChangeKind
from wagtail_pledge.treaties.models import State, Treaty, TreatyAction
from wagtail_pledge.treaties.sources.base import ParsedStatus, StatusRecord
from wagtail_pledge.treaties.states import display_name

#: Fields of a stored act that a newer file may correct, by the record's field.
COMPARED_FIELDS: Final[Mapping[str, str]] = {
    "effect_date": "effect",
    "named_as": "named_as",
    "has_declarations": "has_declarations",
    "source": "source",
    "confidence": "confidence",
    "note": "note",
}
_Key = tuple[str, str, dt.date | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActDiff:
    """The acts to insert, update and delete. ``changes`` lists the same for the report."""

    added: Sequence[TreatyAction]
    changed: Sequence[TreatyAction]
    removed: Sequence[TreatyAction]
    changes: tuple[Change, ...]

    def write(self) -> None:
        """Delete, insert and update the acts, with at most one kind of statement each. Needs a transaction."""
        if self.removed:
            TreatyAction.objects.filter(pk__in=[act.pk for act in self.removed]).delete()
        TreatyAction.objects.bulk_create(self.added)
        if self.changed:
            TreatyAction.objects.bulk_update(self.changed, list(COMPARED_FIELDS))


def diff_acts(treaty: Treaty, parsed: ParsedStatus, states: Mapping[str, State]) -> ActDiff:
    """Return the changes that make the stored acts equal to ``parsed``, as far as its source has the data.

    ``states`` maps party ids to all participants.
    """
    stored = {_key(act): act for act in TreatyAction.objects.for_treaty(treaty).select_related("party")}
    added: list[TreatyAction] = []
    changed: list[TreatyAction] = []
    changes: list[Change] = []
    for record in parsed.records:
        act = _pop_match(stored, record)
        if act is None:
            added.append(_new_act(treaty, record, states[record.party]))
        elif fields := _correct(act, record, parsed.corrects):
            changed.append(act)
            changes.append(_change(ChangeKind.CHANGED, act, fields))
    changes += [_change(ChangeKind.ADDED, act) for act in added]
    removed = [
        act for act in stored.values() if parsed.is_history or not _is_superseded(act, stored.values(), parsed.records)
    ]
    changes += [_change(ChangeKind.REMOVED, act) for act in removed]
    return ActDiff(added=added, changed=changed, removed=removed, changes=tuple(changes))


def _is_superseded(act: TreatyAction, unlisted: Iterable[TreatyAction], records: Iterable[StatusRecord]) -> bool:
    """Return whether a list of the current status leaves out ``act`` although the act is correct.

    Such a list has no rows for former States. For a State that withdrew and then consented to be bound again, it has
    only the newer consent. ``unlisted`` are the stored acts that the list does not contain.
    """
    if act.party.kind == StateKind.FORMER_STATE:
        return True
    withdrawals = [
        other.date for other in unlisted if other.party_id == act.party_id and other.action in UNDATED and other.date
    ]
    consents = [
        record.date for record in records if record.party == act.party.key and record.action in CONSENTS and record.date
    ]
    return any((act.date or dt.date.max) <= withdrawal <= consent for withdrawal in withdrawals for consent in consents)


def _key(act: TreatyAction) -> _Key:
    return act.party.key, act.action, act.date


def _pop_match(stored: dict[_Key, TreatyAction], record: StatusRecord) -> TreatyAction | None:
    """Remove and return the stored act that corresponds to ``record``, ``None`` if there is none.

    A withdrawal without a date also matches one that is stored with a date, so that a less precise list keeps the date.
    """
    key: _Key = (record.party, record.action.value, record.date)
    if key not in stored and record.action in UNDATED and record.date is None:
        key = next((other for other in stored if other[:2] == key[:2]), key)
    return stored.pop(key, None)


def _new_act(treaty: Treaty, record: StatusRecord, state: State) -> TreatyAction:
    values = {field: getattr(record, name) for field, name in COMPARED_FIELDS.items()}
    return TreatyAction(treaty=treaty, party=state, action=record.action, date=record.date, **values)


def _correct(act: TreatyAction, record: StatusRecord, corrects: Collection[str]) -> tuple[str, ...]:
    if act.date != record.date:
        return ()
    # An effect date in the list, or by the treaty's rule, always replaces the stored one; a missing one never does.
    names = {*corrects, "effect"} if record.effect else corrects
    differing = [
        field
        for field, name in COMPARED_FIELDS.items()
        if name in names and getattr(act, field) != getattr(record, name)
    ]
    for field in differing:
        setattr(act, field, getattr(record, COMPARED_FIELDS[field]))
    return tuple(differing)


def _change(kind: ChangeKind, act: TreatyAction, fields: tuple[str, ...] = ()) -> Change:
    state = act.party
    return Change(
        kind=kind,
        act=Act(act.action),
        party=state.key,
        name=display_name(key=state.key, iso2=state.iso2, name=state.name),
        date=act.date,
        fields=fields,
    )
