"""Finds States by what visitors type: their names in the active language, the stored names, and common short names.

Unlike the lookup of imports (``treaties.states``), a search may match parts of a name and several States.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Final

from wagtail_pledge.caching.local import memoize_per_request
from wagtail_pledge.treaties.importing.reference_data import DATA, read_rows
from wagtail_pledge.treaties.models import StateAlias
from wagtail_pledge.treaties.states import normalize_name
from wagtail_pledge.treaties.status import StateStatus

#: Minimum length of a search that also matches in the middle of a word; "US" would match "Belarus" and "Russia".
_MIN_INSIDE: Final = 3
_NO_MATCH: Final = 99


@cache
def _common_names() -> Mapping[str, frozenset[str]]:
    """Return the common names of ``data/search_names.csv``, normalized, by party id."""
    names: dict[str, set[str]] = defaultdict(set)
    for row in read_rows(DATA / "search_names.csv"):
        names[row["key"]].add(normalize_name(row["name"]))
    return {key: frozenset(found) for key, found in names.items()}


def _stored_names() -> Mapping[str, frozenset[str]]:
    """Return the stored names of States (depositary's names, variants, former names) by party id: one query."""
    names: dict[str, set[str]] = defaultdict(set)
    for key, normalized in StateAlias.objects.values_list("state__key", "normalized"):
        names[key].add(normalized)
    return {key: frozenset(found) for key, found in names.items()}


def rank_states(states: Iterable[StateStatus], search: str) -> dict[str, int]:
    """Return the rank of each State that matches ``search``, by party id; 0 is the best match.

    0: a whole name or code, 1: the start of the shown name, 2: the start of another name, 3: the start of a word, 4: a
    part of the shown name. One query per request.
    """
    wanted = normalize_name(search)
    if not wanted:
        return {}
    stored, common = memoize_per_request(("state_names",), _stored_names), _common_names()
    ranks = {
        state.key: _rank(
            wanted, normalize_name(state.name), {*stored.get(state.key, ()), *common.get(state.key, ())}, state.key
        )
        for state in states
    }
    return {key: rank for key, rank in ranks.items() if rank < _NO_MATCH}


def _rank(wanted: str, shown: str, others: set[str], key: str) -> int:
    names, bare = {shown, *others}, _bare(wanted)
    if wanted in names or bare in {key.casefold(), *map(_bare, names)}:
        return 0
    if shown.startswith(wanted):
        return 1
    if any(name.startswith(wanted) for name in others):
        return 2
    if any(f" {wanted}" in name for name in names):
        return 3
    return 4 if len(wanted) >= _MIN_INSIDE and wanted in shown else _NO_MATCH


def _bare(name: str) -> str:
    """Return the name without spaces, so that "EEUU" equals "EE. UU."."""
    return name.replace(" ", "")
