"""Who is missing: where the States of a group stand, those who did nothing first."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from wagtail_pledge.treaties.display.tables import SHAPES
from wagtail_pledge.treaties.enums import Standing, StateKind
from wagtail_pledge.treaties.regions import GROUPS, UN_MEMBERS, find_group
from wagtail_pledge.treaties.status import StateStatus, TreatyStatus
from wagtail_pledge.treaties.words import DayInWords, day_in_words

_ORDER: Final = (
    (Standing.NONE, _("Neither signed nor party")),
    (Standing.SIGNED_ONLY, _("Signed, not party")),
    (Standing.FORMER_PARTY, _("Withdrew")),
    (Standing.UNKNOWN, _("Not known")),
    (Standing.PARTY, _("Party")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingPart:
    """The States of a group that stand alike, by name."""

    status: Standing
    label: Any
    shape: str
    modifier: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A group in parts that never overlap; empty parts are left out. ``missing`` counts all who are not party."""

    label: Any
    total: int
    missing: int
    parts: tuple[MissingPart, ...]
    source: str = ""
    group_as_of: DayInWords | None = None


def who_is_missing(status: TreatyStatus, group: str, keys: Collection[str] = ()) -> Missing | None:
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
    return Missing(
        label="" if keys else GROUPS[group],
        total=len(states),
        missing=sum(state.status != Standing.PARTY for state in states),
        parts=tuple(part for part in (_part(states, standing, label) for standing, label in _ORDER) if part.names),
        source=found.source if found and is_named else "",
        group_as_of=day_in_words(found.as_of) if found and is_named else None,
    )


def _chosen(status: TreatyStatus, is_meant: Callable[[StateStatus], bool]) -> list[StateStatus]:
    return [state for state in status.states if is_meant(state)]


def _part(states: list[StateStatus], standing: Standing, label: Any) -> MissingPart:
    shape, modifier = SHAPES[standing]
    names = tuple(state.name for state in states if state.status == standing)
    return MissingPart(status=standing, label=label, shape=shape, modifier=modifier, names=names)
