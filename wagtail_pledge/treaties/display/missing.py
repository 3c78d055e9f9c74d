"""Lists which States of a group are not yet parties to a treaty."""

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
    """The names of those States of a group that have the same status."""

    status: ParticipantStatus
    label: Any
    shape: str
    modifier: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingStates:
    """A group of States by status, without empty parts. ``missing`` counts the States that are not parties."""

    label: Any
    total: int
    missing: int
    parts: tuple[MissingPart, ...]
    source: str = ""
    group_as_of: FormattedDate | None = None


def missing_states(status: TreatyStatus, group: str, keys: Collection[str] = ()) -> MissingStates | None:
    """Return the status of the States of ``group``, or of the party ids ``keys`` if there are any.

    ``None`` if there is no such group or ``status`` has none of its States.
    """
    state_group = find_group(group)
    if keys:
        states = _matching(status, lambda state: state.key in keys)
    elif group == UN_MEMBERS:
        states = _matching(status, lambda state: state.kind == StateKind.MEMBER_STATE)
    else:
        states = _matching(status, lambda state: state_group is not None and state.key in state_group.keys)
    if not states:
        return None
    return MissingStates(
        label="" if keys else GROUPS[group],
        total=len(states),
        missing=sum(state.status != ParticipantStatus.PARTY for state in states),
        parts=tuple(
            part
            for part in (_part(states, participant_status, label) for participant_status, label in _ORDER)
            if part.names
        ),
        source=state_group.source if state_group and not keys else "",
        group_as_of=formatted_date(state_group.as_of) if state_group and not keys else None,
    )


def _matching(status: TreatyStatus, matches: Callable[[StateStatus], bool]) -> list[StateStatus]:
    return [state for state in status.states if matches(state)]


def _part(states: list[StateStatus], participant_status: ParticipantStatus, label: Any) -> MissingPart:
    shape, modifier = SHAPES[participant_status]
    names = tuple(state.name for state in states if state.status == participant_status)
    return MissingPart(status=participant_status, label=label, shape=shape, modifier=modifier, names=names)
