"""The treaties that the campaign speaks of, from the files under ``data/treaties``."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from wagtail_pledge.treaties.errors import TreatyError
from wagtail_pledge.treaties.importing.apply import apply_import
from wagtail_pledge.treaties.importing.reference_data import load_states, load_treaties, read_rows
from wagtail_pledge.treaties.models import State, StateAlias, Treaty
from wagtail_pledge.treaties.sources.registry import source_for
from wagtail_pledge.treaties.states import Resolver, load_resolver
from wagtail_pledge.treaties.status import parse_day


class ListRefused(TreatyError):
    """A list of the demo has a wrong line."""

    def __init__(self, path: Path, line: object) -> None:
        super().__init__("demo_list", f"{path.name}: {line}")


def load_all() -> int:
    """Write States, treaties and every list that is not imported yet; return how many lists were."""
    directory = settings.PROJECT_DIR / "data" / "treaties"
    if not State.objects.exists():
        load_states(State, StateAlias)
    treaties = {treaty.key: treaty for treaty in load_treaties(directory)}
    resolver = load_resolver()
    # A few lists describe protocols of which no facts are at hand
    rows = [row for row in read_rows(directory / "manifest.csv") if row["treaty"] in treaties]
    waiting = [row for row in rows if treaties[row["treaty"]].as_of is None]
    for row in waiting:
        _import(directory / row["file"], treaties[row["treaty"]], row["as_of"], resolver)
    return len(waiting)


def _import(path: Path, treaty: Treaty, day: str, resolver: Resolver) -> None:
    content = path.read_bytes()
    parsed = source_for(path.name, content).parse(content, resolver)
    report = apply_import(treaty, parsed, as_of=parse_day(day))
    if not report.is_ok:
        raise ListRefused(path, report.errors[0])
