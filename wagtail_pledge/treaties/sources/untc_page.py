"""Source for a treaty's page in the United Nations Treaty Collection, saved from the browser as HTML."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_pledge.treaties.sources.base import ErrorLine, ParsedStatus, TreatySource, UnreadableFile
from wagtail_pledge.treaties.sources.markup import Cell, Page, Table, read_page
from wagtail_pledge.treaties.sources.participants import ParticipantRow, read_participants
from wagtail_pledge.treaties.sources.rows import concluded_on, published_counts
from wagtail_pledge.treaties.states import Resolver

#: Id suffixes of the elements that are read.
STATUS_AS_AT: Final = "div3"
CONCLUSION: Final = "rptTreaty_ctl00_tcText"
COUNTS: Final = "rptStatus_ctl00_tcText"
GRID: Final = "tblgrid"
_DAY: Final = re.compile(r"STATUS AS AT\s*:\s*(\d{1,2})-(\d{1,2})-(\d{4})", re.ASCII | re.IGNORECASE)
#: JavaScript function in the links to declarations and reservations; links to footnotes use other functions.
_DECLARATIONS: Final = "ShowDeclarations"


class UntcPageSource(TreatySource):
    """Reads the header and the table of participants. Tables in declarations and notes are ignored."""

    name: ClassVar[str] = "untc"
    label: ClassVar[str] = gettext_lazy("United Nations Treaty Collection: page (HTML)")  # type: ignore[assignment]
    extensions: ClassVar[tuple[str, ...]] = (".html", ".htm", ".aspx")

    def can_read(self, filename: str, content: bytes) -> bool:
        """Return whether the page contains the table's id."""
        return GRID.encode() in content and b"<?xml" not in content[:100]

    def parse(self, content: bytes, resolver: Resolver) -> ParsedStatus:
        """Return the acts of the table, with the status date and the counts from the header."""
        page = read_page(content, (STATUS_AS_AT, CONCLUSION, COUNTS))
        heading, rows = _rows(_grid(page))
        as_of = _as_of(page.labelled.get(STATUS_AS_AT, ""))
        origin = f"UNTC page of {as_of.isoformat()}" if as_of else "UNTC page"
        parsed = read_participants([cell.text for cell in heading], rows, resolver, source=origin)
        parties, signatories = published_counts(page.labelled.get(COUNTS, ""))
        return replace(
            parsed,
            errors=(*parsed.errors, *_header_errors(as_of, parties)),
            as_of=as_of,
            published_parties=parties,
            published_signatories=signatories,
            concluded_on=concluded_on(page.labelled.get(CONCLUSION, "")),
            origin=origin,
            corrects=frozenset({"has_declarations"}),
        )


def _grid(page: Page) -> Table:
    """Return the table of participants. Raises :class:`UnreadableFile` if there is none, or more than one."""
    grids = [table for table in page.tables if table.id.endswith(GRID) and not _is_nested(table)]
    if not grids:
        raise UnreadableFile(_("The page has no table of participants. Was the treaty’s own page saved?"))
    if len(grids) > 1:
        raise UnreadableFile(_("The page has more than one table of participants."))
    return grids[0]


def _is_nested(table: Table) -> bool:
    """Return whether the table is nested in another table of participants, in declarations, objections or notes.

    Such tables can have the same headings, but their dates are those of objections, not of signatures.
    """
    names = [outer_id.rpartition("_")[2] for outer_id in table.inside]
    return any(name == GRID or name.startswith("dg") for name in names)


def _rows(grid: Table) -> tuple[Sequence[Cell], list[ParticipantRow]]:
    rows = [row for row in grid.rows if row]
    if not rows:
        raise UnreadableFile(_("The table of participants is empty."))
    return rows[0], [
        ParticipantRow(number=number, cells=[cell.text for cell in row], has_declarations=_has_declarations(row))
        for number, row in enumerate(rows[1:], start=2)
    ]


def _has_declarations(row: Sequence[Cell]) -> bool:
    return any(_DECLARATIONS in link for cell in row for link in cell.links)


def _as_of(text: str) -> dt.date | None:
    match = _DAY.search(text)
    try:
        return dt.date(int(match[3]), int(match[2]), int(match[1])) if match else None
    except ValueError:
        return None


def _header_errors(as_of: dt.date | None, parties: int | None) -> Sequence[ErrorLine]:
    errors = []
    if as_of is None:
        message = _("The page does not show its date (“STATUS AS AT”).")
        errors.append(ErrorLine(row=0, code="no_day", message=message))
    if parties is None:
        message = _("The page does not say how many parties there are, so the list can’t be checked.")
        errors.append(ErrorLine(row=0, code="no_counts", message=message))
    return errors
