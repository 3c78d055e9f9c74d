"""Who is missing: where the States of a group stand, those who did nothing first."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from wagtail_pledge.treaties.display.tables import SHAPES
from wagtail_pledge.treaties.enums import ParticipantStatus, StateKind
from wagtail_pledge.treaties.formatting import FormattedDate, formatted_date
from wagtail_pledge.treaties.regions import GROUPS, UN_MEMBERS, find_group
from wagtail_pledge.treaties.status import StateStatus, TreatyStatus

_ORDER: Final = (
    (ParticipantStatus.NONE, _("Neither signed nor party")),
    (ParticipantStatus.SIGNED_ONLY, _("Signed, not party")),
    (ParticipantStatus.FORMER_PARTY, _("Withdrew")),
    (ParticipantStatus.UNKNOWN, _("Not known")),
    (ParticipantStatus.PARTY, _("Party")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingPart:
    """The States of a group that stand alike, by name."""

    status: ParticipantStatus
    label: Any
    shape: str
    modifier: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingStates:
    """A group in parts that never overlap; empty parts are left out. ``missing`` counts all who are not party."""

    label: Any
    total: int
    missing: int
    parts: tuple[MissingPart, ...]
    source: str = ""
    group_as_of: FormattedDate | None = None


def missing_states(status: TreatyStatus, group: str, keys: Collection[str] = ()) -> MissingStates | None:
    """Return where the States of ``group`` stand, or, without a group, those of the party ids ``keys``.

    ``None`` where nobody is meant: no such group, or nobody of it was there on that day.
    """
    found = find_group(group)
    if keys:
        states = _chosen(status, lambda state: state.key in keys)
    elif group == UN_MEMBERS:
        states = _chosen(status, lambda state: state.kind == StateKind.MEMBER_STATE)
    else:
        states = _chosen(status, lambda state: found is not None and state.key in found.keys)
    if not states:
        return None
    is_named = found is not None and not keys
    return MissingStates(
        label="" if keys else GROUPS[group],
        total=len(states),
        missing=sum(state.status != ParticipantStatus.PARTY for state in states),
        parts=tuple(
            part
            for part in (_part(states, participant_status, label) for participant_status, label in _ORDER)
            if part.names
        ),
        source=found.source if found and is_named else "",
        group_as_of=formatted_date(found.as_of) if found and is_named else None,
    )


def _chosen(status: TreatyStatus, is_meant: Callable[[StateStatus], bool]) -> list[StateStatus]:
    return [state for state in status.states if is_meant(state)]


def _part(states: list[StateStatus], participant_status: ParticipantStatus, label: Any) -> MissingPart:
    shape, modifier = SHAPES[participant_status]
    names = tuple(state.name for state in states if state.status == participant_status)
    return MissingPart(status=participant_status, label=label, shape=shape, modifier=modifier, names=names)
