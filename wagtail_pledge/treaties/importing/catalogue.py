"""The catalogue of treaties that the package ships: facts, names and status lists, to load by a click or a command."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from wagtail_pledge.core.db import insert_if_new
from wagtail_pledge.treaties.errors import TreatyError
from wagtail_pledge.treaties.importing.reference_data import DATA, load_declarations, load_treaties, read_rows
from wagtail_pledge.treaties.importing.workflow import FailedValidation, apply_proposal, propose_import
from wagtail_pledge.treaties.models import Treaty
from wagtail_pledge.treaties.sources.registry import source_for
from wagtail_pledge.treaties.status import parse_day

CATALOGUE: Final = DATA / "catalogue"
_NAME_CHARS: Final = Treaty._meta.get_field("name").max_length


class NotInCatalogue(TreatyError):
    """The catalogue has no treaty with that key."""

    def __init__(self, key: str) -> None:
        message = _("The catalogue has no treaty with the key “%(key)s”. It has: %(known)s.")
        super().__init__("not_in_catalogue", message % {"key": key, "known": ", ".join(catalogue())})


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueEntry:
    """One treaty of the catalogue. ``file`` is its status list, ``as_of`` the list's date; both may be missing."""

    key: str
    short_name: str
    title: str
    depositary: str
    reference: str
    file: str = ""
    as_of: dt.date | None = None
    parties: int | None = None


@cache
def catalogue() -> Mapping[str, CatalogueEntry]:
    """Return the treaties of the catalogue by key."""
    lists = {row["treaty"]: row for row in read_rows(CATALOGUE / "manifest.csv")}
    return {row["key"]: _entry(row, lists.get(row["key"])) for row in read_rows(CATALOGUE / "treaties.csv")}


def _entry(row: dict[str, str], status_list: dict[str, str] | None) -> CatalogueEntry:
    return CatalogueEntry(
        key=row["key"],
        short_name=row["short_name"],
        title=row["official_title"],
        depositary=row["depositary"],
        reference=row["depositary_ref"],
        file=status_list["file"] if status_list else "",
        as_of=parse_day(status_list["as_of"]) if status_list else None,
        parties=int(status_list["parties"]) if status_list else None,
    )


def load_from_catalogue(keys: Iterable[str], user: Any = None) -> list[Treaty]:
    """Add treaties of the catalogue with their status lists, and return those that were added.

    A treaty that exists, or that another request adds meanwhile, is left as it is. The lists are imported as files are:
    with an entry in the log of imports, and with undo. Raises a subclass of :class:`TreatyError`; then none is added.
    """
    wanted = list(dict.fromkeys(keys))
    for key in wanted:
        if key not in catalogue():
            raise NotInCatalogue(key)
    with transaction.atomic():
        # In one order, so that two requests do not wait for each other
        added = [key for key in sorted(wanted) if insert_if_new(_new_treaty(catalogue()[key]))]
        return [_load(catalogue()[key], user) for key in wanted if key in added]


def _new_treaty(entry: CatalogueEntry) -> Treaty:
    return Treaty(key=entry.key, short_name=entry.short_name, name=entry.title[:_NAME_CHARS], title=entry.title)


def _load(entry: CatalogueEntry, user: Any) -> Treaty:
    treaty = load_treaties(CATALOGUE, {entry.key})[0]
    if entry.file:
        path = CATALOGUE / entry.file
        content = path.read_bytes()
        source = source_for(path.name, content)
        proposal = propose_import(treaty, source, content=content, file_name=path.name, user=user, as_of=entry.as_of)
        if proposal.entry is None:
            raise FailedValidation(proposal.report.errors)
        apply_proposal(proposal.entry, user=user)
        treaty.refresh_from_db()
    # After the list, whose errors say which State is missing
    load_declarations(CATALOGUE, treaty)
    return treaty
