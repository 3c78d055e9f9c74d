"""Loads States, and all treaties and status lists of the package's catalogue."""

from __future__ import annotations

from pathlib import Path

from wagtail_pledge.treaties.errors import TreatyError
from wagtail_pledge.treaties.importing.apply import apply_import
from wagtail_pledge.treaties.importing.catalogue import CATALOGUE
from wagtail_pledge.treaties.importing.reference_data import (
    load_declarations,
    load_states,
    load_treaties,
    read_rows,
)
from wagtail_pledge.treaties.models import State, StateAlias, Treaty
from wagtail_pledge.treaties.sources.registry import source_for
from wagtail_pledge.treaties.states import Resolver, load_resolver
from wagtail_pledge.treaties.status import parse_day


class StatusListError(TreatyError):
    """A status list of the demo has an invalid line."""

    def __init__(self, path: Path, line: object) -> None:
        super().__init__("demo_list", f"{path.name}: {line}")


def load_treaty_data() -> int:
    """Load States, treaties and the status lists not imported yet. Return how many lists were imported."""
    directory = CATALOGUE
    if not State.objects.exists():
        load_states(State, StateAlias)
    treaties = {treaty.key: treaty for treaty in load_treaties(directory)}
    for treaty in treaties.values():
        load_declarations(directory, treaty)
    resolver = load_resolver()
    # Some lists are of protocols that treaties.csv does not have
    rows = [row for row in read_rows(directory / "manifest.csv") if row["treaty"] in treaties]
    pending = [row for row in rows if treaties[row["treaty"]].as_of is None]
    for row in pending:
        _import(directory / row["file"], treaties[row["treaty"]], row["as_of"], resolver)
    return len(pending)


def _import(path: Path, treaty: Treaty, day: str, resolver: Resolver) -> None:
    content = path.read_bytes()
    parsed = source_for(path.name, content).parse(content, resolver)
    report = apply_import(treaty, parsed, as_of=parse_day(day))
    if not report.is_ok:
        raise StatusListError(path, report.errors[0])
