"""The difference between what a file states and what is stored."""

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
FIELDS: Final[Mapping[str, str]] = {
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
    """Rows to write, and the same in words for the report."""

    added: Sequence[TreatyAction]
    changed: Sequence[TreatyAction]
    removed: Sequence[TreatyAction]
    changes: tuple[Change, ...]

    def write(self) -> None:
        """Write the difference: at most three kinds of statements. Call it inside a transaction."""
        if self.removed:
            TreatyAction.objects.filter(pk__in=[act.pk for act in self.removed]).delete()
        TreatyAction.objects.bulk_create(self.added)
        if self.changed:
            TreatyAction.objects.bulk_update(self.changed, list(FIELDS))


def diff_acts(treaty: Treaty, parsed: ParsedStatus, states: Mapping[str, State]) -> ActDiff:
    """Return what would make the stored acts equal to what ``parsed`` states, as far as its source can know.

    ``states`` holds all participants by party id.
    """
    stored = {_key(act): act for act in TreatyAction.objects.of(treaty).select_related("party")}
    added: list[TreatyAction] = []
    changed: list[TreatyAction] = []
    changes: list[Change] = []
    for record in parsed.records:
        act = _take(stored, record)
        if act is None:
            added.append(_new_act(treaty, record, states[record.party]))
        elif fields := _correct(act, record, parsed.corrects):
            changed.append(act)
            changes.append(_change(ChangeKind.CHANGED, act, fields))
    changes += [_change(ChangeKind.ADDED, act) for act in added]
    gone = [act for act in stored.values() if parsed.is_history or not _is_past(act, stored.values(), parsed.records)]
    changes += [_change(ChangeKind.REMOVED, act) for act in gone]
    return ActDiff(added=added, changed=changed, removed=gone, changes=tuple(changes))


def _is_past(act: TreatyAction, left: Iterable[TreatyAction], records: Iterable[StatusRecord]) -> bool:
    """Whether a list of where everybody stands now would not show ``act``, true as it is.

    Such a list has no rows of former States, and of a State that withdrew and joined again only the newer act.
    """
    if act.party.kind == StateKind.FORMER_STATE:
        return True
    withdrawals = [
        other.date for other in left if other.party_id == act.party_id and other.action in UNDATED and other.date
    ]
    joined = [
        record.date for record in records if record.party == act.party.key and record.action in CONSENTS and record.date
    ]
    return any((act.date or dt.date.max) <= withdrawn <= again for withdrawn in withdrawals for again in joined)


def _key(act: TreatyAction) -> _Key:
    return act.party.key, act.action, act.date


def _take(stored: dict[_Key, TreatyAction], record: StatusRecord) -> TreatyAction | None:
    """Take the stored act that ``record`` states out of ``stored``.

    A withdrawal without a date is the one that is stored with a date: a file that knows less must not remove it.
    """
    wanted: _Key = (record.party, record.action.value, record.date)
    if wanted not in stored and record.action in UNDATED and record.date is None:
        wanted = next((key for key in stored if key[:2] == wanted[:2]), wanted)
    return stored.pop(wanted, None)


def _new_act(treaty: Treaty, record: StatusRecord, state: State) -> TreatyAction:
    values = {field: getattr(record, name) for field, name in FIELDS.items()}
    return TreatyAction(treaty=treaty, party=state, action=record.action, date=record.date, **values)


def _correct(act: TreatyAction, record: StatusRecord, corrects: Collection[str]) -> tuple[str, ...]:
    if act.date != record.date:
        return ()
    # A day of effect that the file gives, or that follows from the rule, stands; one that it does not know is no error
    named = {*corrects, "effect"} if record.effect else corrects
    differing = [
        field for field, name in FIELDS.items() if name in named and getattr(act, field) != getattr(record, name)
    ]
    for field in differing:
        setattr(act, field, getattr(record, FIELDS[field]))
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
