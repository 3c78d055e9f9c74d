"""Source for the ILO's list of ratifications of a Convention (NORMLEX), saved from the browser as HTML.

Every row is a ratification registered by the Director-General. ILO Conventions have no signatures and no accessions.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_pledge.treaties.enums import Act, ParticipantStatus
from wagtail_pledge.treaties.models import State
from wagtail_pledge.treaties.sources.base import ErrorLine, ParsedStatus, StatusRecord, TreatySource, UnreadableFile
from wagtail_pledge.treaties.sources.markup import Cell, Page, Table, read_page
from wagtail_pledge.treaties.sources.rows import RowError, check_length, find_state
from wagtail_pledge.treaties.states import Resolver

_HEADINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "country": ("country", "pays"),
    "date": ("date",),
    "status": ("status", "état actuel", "etat actuel"),
    "note": ("note",),
}
# fmt: off
_MONTHS: Final[Mapping[str, int]] = {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11,
    "dec": 12, "janv": 1, "févr": 2, "mars": 3, "avr": 4, "mai": 5, "juin": 6, "juil": 7, "août": 8, "sept": 9,
    "déc": 12,
}
# fmt: on
_DAY: Final = re.compile(r"(\d{1,2}) ([^\W\d_]{3,5})\.? (\d{4})")
_IN_FORCE: Final = frozenset({"in force", "not in force", "en vigueur", "pas en vigueur"})
_DENOUNCED: Final = re.compile(r"(?:denounced on|dénoncée? le) (.+)", re.IGNORECASE)
#: Start of a declaration that follows the country's name in the same cell.
_DECLARED: Final = re.compile(
    r" (?=(?:Has |Excluding |Excludes |With the exception |Minimum age |Accepted |Having |A exclu|A accepté|"
    r"En excluant|À l'exception |Âge minimum |Ayant ))"
)
_EFFECT: Final = re.compile(r"(?:force|vigueur) (?:for|pour) .{1,100} (?:on|le) (\d{1,2} [^\W\d_]{3,5}\.? \d{4})")
_COUNT: Final = re.compile(r"(\d{1,4}) ratifications?\b", re.IGNORECASE)
_DENOUNCED_COUNT: Final = re.compile(r"(?:Denounced|Dénoncée?s?)\s?: ?(\d{1,4})", re.IGNORECASE)


class NormlexSource(TreatySource):
    """Reads the list of Members. The separate table of territories is ignored."""

    name: ClassVar[str] = "normlex"
    label: ClassVar[str] = gettext_lazy("ILO NORMLEX: ratifications (HTML)")  # type: ignore[assignment]
    extensions: ClassVar[tuple[str, ...]] = (".html", ".htm")

    def can_read(self, filename: str, content: bytes) -> bool:
        """Return whether the page contains a table with the list's headings."""
        if b"ratification" not in content.lower():
            return False
        try:
            return _find_list(read_page(content)) is not None
        except UnreadableFile:
            return False

    def parse(self, content: bytes, resolver: Resolver) -> ParsedStatus:
        """Return every ratification and denunciation, checked against the counts above the list."""
        page = read_page(content)
        ratifications = _find_list(page)
        if ratifications is None:
            raise UnreadableFile(_("The page has no list of ratifications."))
        table, columns = ratifications
        reader = _Reader(columns, resolver)
        for number, row in enumerate(table.rows[1:], start=2):
            reader.read_row(number, row)
        return reader.parsed(page.text)


def _find_list(page: Page) -> tuple[Table, Mapping[str, int]] | None:
    """Return the first table with the list's headings, and its columns."""
    for table in page.tables:
        columns = _columns([cell.text.casefold() for cell in table.rows[0]]) if table.rows else {}
        if columns:
            return table, columns
    return None


def _columns(heading: Sequence[str]) -> Mapping[str, int]:
    columns = {
        name: index for name, labels in _HEADINGS.items() for index, cell in enumerate(heading) if cell in labels
    }
    return columns if len(columns) == len(_HEADINGS) else {}


def read_day(text: str) -> dt.date:
    """Parse a date such as "02 Mar 2005" or "22 janv. 1952". Raises :class:`RowError`."""
    match = _DAY.fullmatch(text)
    month = _MONTHS.get(match[2].casefold()) if match else None
    try:
        if match and month:
            return dt.date(int(match[3]), month, int(match[1]))
    except ValueError:
        pass
    raise RowError("bad_date", _("“%(text)s” is not a date in the depositary’s format.") % {"text": text[:100]})


class _Reader:
    """Collects the acts and errors of all rows."""

    def __init__(self, columns: Mapping[str, int], resolver: Resolver) -> None:
        self.columns = columns
        self.resolver = resolver
        self.records: list[StatusRecord] = []
        self.errors: list[ErrorLine] = []
        self.expected: dict[str, tuple[int, ParticipantStatus]] = {}

    def read_row(self, number: int, row: Sequence[Cell]) -> None:
        """Add one row's acts, or an error line if it is invalid."""
        cells = [cell.text for cell in row]
        if not any(cells):
            return
        try:
            self._read(number, row)
        except RowError as error:
            self.errors.append(error.line(number, cells))

    def _read(self, number: int, row: Sequence[Cell]) -> None:
        if len(row) <= max(self.columns.values()):
            message = _("The row has %(found)d cells, but there are %(wanted)d headings.")
            raise RowError("wrong_width", message % {"found": len(row), "wanted": max(self.columns.values()) + 1})
        state, name = self._member(row[self.columns["country"]])
        if state.key in self.expected:
            message = _("“%(name)s” has a row already: row %(first)d.")
            raise RowError("repeated_state", message % {"name": name, "first": self.expected[state.key][0]})
        note = row[self.columns["note"]].text
        ratification = StatusRecord(
            row=number,
            party=state.key,
            action=Act.RATIFICATION,
            date=read_day(row[self.columns["date"]].text),
            effect=read_day(match[1]) if (match := _EFFECT.search(note)) else None,
            named_as=name,
            source="ILO NORMLEX",
            note=note,
        )
        denounced_on = _denounced_on(row[self.columns["status"]].text)
        self.records.append(ratification)
        if denounced_on:
            self.records.append(_denunciation(ratification, denounced_on))
        self.expected[state.key] = (number, ParticipantStatus.FORMER_PARTY if denounced_on else ParticipantStatus.PARTY)

    def _member(self, cell: Cell) -> tuple[State, str]:
        """Return the State and its name, without a declaration that follows the name on the same or the next line."""
        first_line = (cell.lines or [""])[0]
        name = check_length(_DECLARED.split(first_line, maxsplit=1)[0], "named_as", "Country")
        return find_state(self.resolver, name), name

    def parsed(self, page_text: str) -> ParsedStatus:
        """Return the collected acts and errors. ``page_text`` is the beginning of the page, which has the counts."""
        if not self.expected and not self.errors:
            self.errors.append(ErrorLine(row=0, code="no_rows", message=_("The file has headings only, no rows.")))
        return ParsedStatus(
            records=tuple(self.records),
            errors=(*self.errors, *([] if self.errors else self._count_errors(page_text))),
            expected=self.expected,
            origin="ILO NORMLEX",
            corrects=frozenset(),
            is_history=False,
        )

    def _count_errors(self, page_text: str) -> list[ErrorLine]:
        """Return an error if the counts above the list differ from it.

        The published count of ratifications may or may not include the denounced ones.
        """
        denounced = sum(
            participant_status == ParticipantStatus.FORMER_PARTY for _row, participant_status in self.expected.values()
        )
        published, published_denounced = _COUNT.search(page_text), _DENOUNCED_COUNT.search(page_text)
        if published is None:
            message = _("The page does not say how many ratifications there are, so the list can’t be checked.")
            return [ErrorLine(row=0, code="no_counts", message=message)]
        counted = len(self.expected)
        if (
            int(published[1]) in {counted, counted - denounced}
            and int(published_denounced[1] if published_denounced else 0) == denounced
        ):
            return []
        message = _("The page counts %(published)s, the list has %(counted)d ratifications, %(denounced)d denounced.")
        values = {"published": published[0], "counted": counted, "denounced": denounced}
        return [ErrorLine(row=0, code="header_mismatch", message=message % values)]


def _denounced_on(status: str) -> dt.date | None:
    """Return the date of denunciation, or ``None`` if the ratification is in effect. Raises :class:`RowError`."""
    if status.casefold() in _IN_FORCE:
        return None
    match = _DENOUNCED.fullmatch(status)
    if match is None:
        raise RowError("unknown_word", _("The status “%(cell)s” is not known.") % {"cell": status[:100]})
    return read_day(match[1])


def _denunciation(ratification: StatusRecord, day: dt.date) -> StatusRecord:
    return StatusRecord(
        row=ratification.row,
        party=ratification.party,
        action=Act.WITHDRAWAL,
        date=day,
        named_as=ratification.named_as,
        source=ratification.source,
    )
