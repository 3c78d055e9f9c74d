"""The status table, filtered and sorted by query parameters so that it works without JavaScript."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wagtail_pledge.treaties.enums import Act, ParticipantStatus
from wagtail_pledge.treaties.formatting import FormattedDate, choice_label, formatted_date
from wagtail_pledge.treaties.regions import REGIONS, region_label, region_of
from wagtail_pledge.treaties.states import normalize_name
from wagtail_pledge.treaties.status import DatedAct, StateStatus, TreatyStatus

#: Symbol and CSS modifier of each status. The symbol is shown so that colour is never the only distinction.
SHAPES: Final[Mapping[ParticipantStatus, tuple[str, str]]] = {
    ParticipantStatus.PARTY: ("●", "party"),
    ParticipantStatus.SIGNED_ONLY: ("◐", "signed"),
    ParticipantStatus.FORMER_PARTY: ("◌", "former"),
    ParticipantStatus.NONE: ("○", "none"),
    ParticipantStatus.UNKNOWN: ("◍", "unknown"),
}
_ORDER: Final = list(SHAPES)
#: Query parameters that a sort link keeps.
PRESERVED_PARAMETERS: Final = ("as_of", "status", "region", "q")
#: All query parameters of the table.
TABLE_PARAMETERS: Final = (*PRESERVED_PARAMETERS, "sort", "dir")
#: Maximum length of a search, in characters; the rest is ignored.
MAX_SEARCH: Final = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column heading with the URL that sorts by it. ``aria_sort`` is empty unless the table is sorted by it."""

    key: str
    label: Any
    url: str
    aria_sort: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One participant's row. A date is ``None`` without such an act; ``effect_unknown`` and ``withdrawal_undated`` are
    true if there is an act without that date.
    """

    key: str
    name: str
    region: str
    is_organization: bool
    status: ParticipantStatus
    status_label: str
    shape: str
    modifier: str
    signed: FormattedDate | None
    signature_kind: str
    is_succession: bool
    consent: FormattedDate | None
    consent_kind: str
    effect: FormattedDate | None
    effect_unknown: bool
    withdrew: FormattedDate | None
    withdrawal_undated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusTable:
    """Columns and sorted rows. ``total`` is the number of rows before filtering by query parameters."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    sort: str
    direction: str
    total: int


def _day(act: DatedAct | None) -> dt.date | None:
    return act.date if act else None


_COLUMNS: Final[Mapping[str, tuple[Any, Callable[[StateStatus], Any]]]] = {
    "name": (pgettext_lazy("party to a treaty", "State"), lambda state: normalize_name(state.name)),
    "status": (pgettext_lazy("status of a State", "Status"), lambda state: _ORDER.index(state.status)),
    "signed": (pgettext_lazy("date", "Signed"), lambda state: _day(state.signature)),
    "consent": (_("Consent to be bound"), lambda state: _day(state.consent)),
    "how": (_("How it joined"), lambda state: state.consent.kind.label if state.consent else None),
    "effect": (_("In force from"), lambda state: state.consent.effect if state.consent else None),
}


def status_table(status: TreatyStatus, query: Mapping[str, str], *, only_acts: bool = False) -> StatusTable:
    """Return the table, filtered (``status``, ``region``, ``q``) and sorted (``sort``, ``dir``) by ``query``.

    Unknown values are ignored; the default order is by name, ascending. Empty cells come last in either direction.
    ``only_acts`` leaves out the States that have neither signed nor become parties.
    """
    sort = query.get("sort", "")
    sort = sort if sort in _COLUMNS else "name"
    direction = "desc" if query.get("dir") == "desc" else "asc"
    listed = [state for state in status.states if not only_acts or state.status != ParticipantStatus.NONE]
    states = [state for state in listed if _matches_filter(state, query)]
    return StatusTable(
        columns=tuple(_column(key, sort, direction, query) for key in _COLUMNS),
        rows=tuple(state_row(state) for state in _sorted(states, sort, direction)),
        sort=sort,
        direction=direction,
        total=len(listed),
    )


def _matches_filter(state: StateStatus, query: Mapping[str, str]) -> bool:
    status, region = query.get("status", ""), query.get("region", "")
    if status in ParticipantStatus.values and state.status != status:
        return False
    if region in REGIONS and region_of(state.iso3) != region:
        return False
    search = query.get("q", "")[:MAX_SEARCH]
    return not search or normalize_name(search) in normalize_name(state.name)


def _sorted(states: list[StateStatus], sort: str, direction: str) -> list[StateStatus]:
    value = _COLUMNS[sort][1]
    filled = [state for state in states if value(state) is not None]
    empty = [state for state in states if value(state) is None]
    return sorted(filled, key=value, reverse=direction == "desc") + empty


def _column(key: str, sort: str, direction: str, query: Mapping[str, str]) -> Column:
    is_active = key == sort
    kept = {name: query[name] for name in PRESERVED_PARAMETERS if query.get(name)}
    next_direction = "desc" if is_active and direction == "asc" else "asc"
    aria_values = {"asc": "ascending", "desc": "descending"}
    return Column(
        key=key,
        label=_COLUMNS[key][0],
        url="?" + urlencode({**kept, "sort": key, "dir": next_direction}),
        aria_sort=aria_values[direction] if is_active else "",
    )


def state_row(state: StateStatus) -> Row:
    """Return the row of one participant."""
    shape, modifier = SHAPES[state.status]
    consent, signature, withdrawal = state.consent, state.signature, state.withdrawal
    return Row(
        key=state.key,
        name=state.name,
        region=region_label(state.iso3),
        is_organization=state.is_organization,
        status=state.status,
        status_label=choice_label(state.status),
        shape=shape,
        modifier=modifier,
        signed=formatted_date(_day(signature)),
        signature_kind=choice_label(signature.kind) if signature else "",
        is_succession=signature is not None and signature.kind == Act.SUCCESSION_TO_SIGNATURE,
        consent=formatted_date(_day(consent)),
        consent_kind=choice_label(consent.kind) if consent else "",
        effect=formatted_date(consent.effect if consent else None),
        effect_unknown=consent is not None and consent.effect is None,
        withdrew=formatted_date(_day(withdrawal)),
        withdrawal_undated=withdrawal is not None and withdrawal.date is None,
    )
