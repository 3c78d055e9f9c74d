"""Regions of the world (UN M49 codes), and groups of States that editors can choose."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from wagtail_pledge.treaties.importing.reference_data import DATA, read_rows

#: M49 code and name of each region.
REGIONS: Final[Mapping[str, Any]] = {
    "002": pgettext_lazy("region of the world", "Africa"),
    "019": pgettext_lazy("region of the world", "Americas"),
    "142": pgettext_lazy("region of the world", "Asia"),
    "150": pgettext_lazy("region of the world", "Europe"),
    "009": pgettext_lazy("region of the world", "Oceania"),
}
#: Key of the group of all UN member States. Its members are the States of kind ``member_state``, not a file's rows.
UN_MEMBERS: Final = "un_members"
#: Labels of the groups. ``data/groups.csv`` lists their members, with the source and its date.
GROUPS: Final[Mapping[str, Any]] = {
    "migrant_hosts": _("The ten States that host the most migrants"),
    "g20": _("States of the G20"),
    "european_union": _("Member States of the European Union"),
    "gulf_cooperation_council": _("Member States of the Gulf Cooperation Council"),
    UN_MEMBERS: _("Member States of the United Nations"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StateGroup:
    """A group of States by party id. ``source`` and ``as_of`` are where and when the list of members was published."""

    label: Any
    keys: frozenset[str]
    source: str = ""
    as_of: dt.date | None = None


@cache
def _regions() -> Mapping[str, str]:
    return {row["iso3"]: row["region"] for row in read_rows(DATA / "regions.csv")}


def region_of(iso3: str) -> str:
    """Return the M49 code of a State's region, ``""`` for an unknown code or an organization."""
    return _regions().get(iso3, "")


def region_label(iso3: str) -> str:
    """Return the name of a State's region in the active language, ``""`` as in :func:`region_of`."""
    return _region_label(region_of(iso3), get_language() or "")


@cache
def _region_label(region: str, language: str) -> str:
    return str(REGIONS.get(region, ""))


@cache
def _groups() -> Mapping[str, StateGroup]:
    rows = read_rows(DATA / "groups.csv")
    first = {row["group"]: row for row in reversed(rows)}
    return {
        group: StateGroup(
            label=GROUPS[group],
            keys=frozenset(row["iso3"] for row in rows if row["group"] == group),
            source=row["source"],
            as_of=dt.date.fromisoformat(row["as_of"]),
        )
        for group, row in first.items()
    }


def find_group(key: str) -> StateGroup | None:
    """Return the group with that key from ``data/groups.csv``, or ``None``."""
    return _groups().get(key)


def group_choices() -> list[tuple[str, Any]]:
    """Return the choices (key, label) of groups."""
    return list(GROUPS.items())
