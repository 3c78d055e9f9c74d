"""The status table: rows in words, sorted by links that work without JavaScript."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wagtail_pledge.treaties.enums import Act, Standing
from wagtail_pledge.treaties.regions import REGIONS, region_label, region_of
from wagtail_pledge.treaties.states import normalize_name
from wagtail_pledge.treaties.status import DatedAct, StateStatus, TreatyStatus
from wagtail_pledge.treaties.words import DayInWords, day_in_words, label_in_words

#: Shape and CSS modifier beside the word: never colour alone.
SHAPES: Final[Mapping[Standing, tuple[str, str]]] = {
    Standing.PARTY: ("●", "party"),
    Standing.SIGNED_ONLY: ("◐", "signed"),
    Standing.FORMER_PARTY: ("◌", "former"),
    Standing.NONE: ("○", "none"),
    Standing.UNKNOWN: ("◍", "unknown"),
}
_ORDER: Final = list(SHAPES)
#: Parameters of the page's address that a sort link keeps.
KEPT_PARAMETERS: Final = ("as_of", "status", "region", "q")
#: Everything in an address that the table depends on.
TABLE_PARAMETERS: Final = (*KEPT_PARAMETERS, "sort", "dir")
#: Letters of a search that count.
MAX_SEARCH: Final = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A heading: a link that sorts by it. ``aria_sort`` is empty unless the table is sorted by this column."""

    key: str
    label: Any
    url: str
    aria_sort: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One participant in words. ``None`` stands for "no such act"; ``effect_unknown`` for a day nobody knows."""

    key: str
    name: str
    region: str
    is_organization: bool
    status: Standing
    status_label: str
    shape: str
    modifier: str
    signed: DayInWords | None
    signed_how: str
    is_succession: bool
    consent: DayInWords | None
    how: str
    effect: DayInWords | None
    effect_unknown: bool
    withdrew: DayInWords | None
    withdrawal_undated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusTable:
    """Columns and rows in the order asked for; ``total`` counts the rows without any filter."""

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
    "signed": (_("Signed"), lambda state: _day(state.signature)),
    "consent": (_("Consent to be bound"), lambda state: _day(state.consent)),
    "how": (_("How"), lambda state: state.consent.kind.label if state.consent else None),
    "effect": (_("In force from"), lambda state: state.consent.effect if state.consent else None),
}


def status_table(status: TreatyStatus, query: Mapping[str, str], *, only_acts: bool = False) -> StatusTable:
    """Return the table as ``query`` asks: filtered (``status``, ``region``, ``q``) and sorted (``sort``, ``dir``).

    Unknown words mean everybody, by name, ascending. ``only_acts`` leaves out those who did nothing. Empty cells come
    last in either direction.
    """
    sort = query.get("sort", "")
    sort = sort if sort in _COLUMNS else "name"
    direction = "desc" if query.get("dir") == "desc" else "asc"
    listed = [state for state in status.states if not only_acts or state.status != Standing.NONE]
    states = [state for state in listed if _is_asked_for(state, query)]
    return StatusTable(
        columns=tuple(_column(key, sort, direction, query) for key in _COLUMNS),
        rows=tuple(state_row(state) for state in _sorted(states, sort, direction)),
        sort=sort,
        direction=direction,
        total=len(listed),
    )


def _is_asked_for(state: StateStatus, query: Mapping[str, str]) -> bool:
    status, region = query.get("status", ""), query.get("region", "")
    if status in Standing.values and state.status != status:
        return False
    if region in REGIONS and region_of(state.iso3) != region:
        return False
    asked = query.get("q", "")[:MAX_SEARCH]
    return not asked or normalize_name(asked) in normalize_name(state.name)


def _sorted(states: list[StateStatus], sort: str, direction: str) -> list[StateStatus]:
    value = _COLUMNS[sort][1]
    filled = [state for state in states if value(state) is not None]
    empty = [state for state in states if value(state) is None]
    return sorted(filled, key=value, reverse=direction == "desc") + empty


def _column(key: str, sort: str, direction: str, query: Mapping[str, str]) -> Column:
    is_active = key == sort
    kept = {name: query[name] for name in KEPT_PARAMETERS if query.get(name)}
    turned = "desc" if is_active and direction == "asc" else "asc"
    words = {"asc": "ascending", "desc": "descending"}
    return Column(
        key=key,
        label=_COLUMNS[key][0],
        url="?" + urlencode({**kept, "sort": key, "dir": turned}),
        aria_sort=words[direction] if is_active else "",
    )


def state_row(state: StateStatus) -> Row:
    """Return one participant in words."""
    shape, modifier = SHAPES[state.status]
    consent, signature, withdrawal = state.consent, state.signature, state.withdrawal
    return Row(
        key=state.key,
        name=state.name,
        region=region_label(state.iso3),
        is_organization=state.is_organization,
        status=state.status,
        status_label=label_in_words(state.status),
        shape=shape,
        modifier=modifier,
        signed=day_in_words(_day(signature)),
        signed_how=label_in_words(signature.kind) if signature else "",
        is_succession=signature is not None and signature.kind == Act.SUCCESSION_TO_SIGNATURE,
        consent=day_in_words(_day(consent)),
        how=label_in_words(consent.kind) if consent else "",
        effect=day_in_words(consent.effect if consent else None),
        effect_unknown=consent is not None and consent.effect is None,
        withdrew=day_in_words(_day(withdrawal)),
        withdrawal_undated=withdrawal is not None and withdrawal.date is None,
    )
