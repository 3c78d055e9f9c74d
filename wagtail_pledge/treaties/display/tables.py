"""The status table, filtered and sorted by query parameters so that it works without JavaScript."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from wagtail_pledge.core.collation import sort_key
from wagtail_pledge.treaties.display.search import rank_states
from wagtail_pledge.treaties.enums import Act, ParticipantStatus
from wagtail_pledge.treaties.formatting import FormattedDate, choice_label, formatted_date
from wagtail_pledge.treaties.regions import REGIONS, region_label, region_of
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
#: Query parameters that choose rows.
FILTER_PARAMETERS: Final = ("status", "region", "q")
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
    """Columns and sorted rows. ``total`` is the number of rows before filtering by query parameters.

    ``sort`` is empty if the rows are in the order of how well they match a search.
    """

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    sort: str
    direction: str
    total: int

    @property
    def without_act(self) -> tuple[Row, ...]:
        """The rows of States that have neither signed nor become parties; in print, only their names are listed."""
        return tuple(row for row in self.rows if row.status == ParticipantStatus.NONE)


def _day(act: DatedAct | None) -> dt.date | None:
    return act.date if act else None


_COLUMNS: Final[Mapping[str, tuple[Any, Callable[[StateStatus], Any]]]] = {
    "name": (pgettext_lazy("party to a treaty", "State"), lambda state: sort_key(state.name, get_language() or "")),
    "status": (pgettext_lazy("status of a State", "Status"), lambda state: _ORDER.index(state.status)),
    "signed": (pgettext_lazy("date", "Signed"), lambda state: _day(state.signature)),
    "consent": (_("Consent to be bound"), lambda state: _day(state.consent)),
    "how": (_("How it joined"), lambda state: state.consent.kind.label if state.consent else None),
    "effect": (_("In force from"), lambda state: state.consent.effect if state.consent else None),
}


def status_table(status: TreatyStatus, query: Mapping[str, str], *, only_acts: bool = False) -> StatusTable:
    """Return the table, filtered (``status``, ``region``, ``q``) and sorted (``sort``, ``dir``) by ``query``.

    Unknown values are ignored; the default order is by name, ascending, or best match first if States are searched.
    Empty cells come last in either direction. ``only_acts`` leaves out the States that have neither signed nor become
    parties.
    """
    sort = query.get("sort", "")
    sort = sort if sort in _COLUMNS else "" if query.get("q", "").strip() else "name"
    direction = "desc" if sort and query.get("dir") == "desc" else "asc"
    listed = [state for state in status.states if not only_acts or state.status != ParticipantStatus.NONE]
    states = filter_states(listed, query)
    return StatusTable(
        columns=tuple(_column(key, sort, direction, query) for key in _COLUMNS),
        rows=tuple(state_row(state) for state in (_sorted(states, sort, direction) if sort else states)),
        sort=sort,
        direction=direction,
        total=len(listed),
    )


def filter_states(states: Iterable[StateStatus], query: Mapping[str, str]) -> list[StateStatus]:
    """Return the States that match the filters (``status``, ``region``, ``q``); with a search, the best match first.

    A search needs one query, the other filters none.
    """
    chosen = [state for state in states if _matches_filter(state, query)]
    search = query.get("q", "")[:MAX_SEARCH].strip()
    if not search:
        return chosen
    ranks = rank_states(chosen, search)
    return sorted((state for state in chosen if state.key in ranks), key=lambda state: ranks[state.key])


def is_filtered(query: Mapping[str, str]) -> bool:
    """Return whether ``query`` has a value for one of :data:`FILTER_PARAMETERS`."""
    return any(query.get(name, "").strip() for name in FILTER_PARAMETERS)


def _matches_filter(state: StateStatus, query: Mapping[str, str]) -> bool:
    status, region = query.get("status", ""), query.get("region", "")
    if status in ParticipantStatus.values and state.status != status:
        return False
    return region not in REGIONS or region_of(state.iso3) == region


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
