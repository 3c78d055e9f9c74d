"""Source for the United Nations' registration record: one row per act, with the date on which it takes effect."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_pledge.treaties.enums import Act
from wagtail_pledge.treaties.sources.base import ErrorLine, ParsedStatus, StatusRecord, TreatySource, UnreadableFile
from wagtail_pledge.treaties.sources.csv import read_rows
from wagtail_pledge.treaties.sources.markup import read_page
from wagtail_pledge.treaties.sources.rows import (
    RowError,
    check_length,
    find_state,
    merge_short_years,
    reject_short_year,
)
from wagtail_pledge.treaties.states import Resolver

#: Maximum number of rows, well above the number of acts of any treaty.
MAX_ROWS: Final = 5_000
_DATE: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)
_ACTS: Final[Mapping[str, Act]] = {
    "signature": Act.SIGNATURE,
    "succession to signature": Act.SUCCESSION_TO_SIGNATURE,
    "succession a la signature": Act.SUCCESSION_TO_SIGNATURE,
    "definitive signature": Act.DEFINITIVE_SIGNATURE,
    "signature definitive": Act.DEFINITIVE_SIGNATURE,
    "ratification": Act.RATIFICATION,
    "accession": Act.ACCESSION,
    "adhesion": Act.ACCESSION,
    "acceptance": Act.ACCEPTANCE,
    "acceptation": Act.ACCEPTANCE,
    "approval": Act.APPROVAL,
    "approbation": Act.APPROVAL,
    "succession": Act.SUCCESSION,
    "formal confirmation": Act.FORMAL_CONFIRMATION,
    "confirmation formelle": Act.FORMAL_CONFIRMATION,
    "consent to be bound": Act.CONSENT_TO_BE_BOUND,
    "consentement a etre lie": Act.CONSENT_TO_BE_BOUND,
    "provisional application": Act.PROVISIONAL_APPLICATION,
    "application provisoire": Act.PROVISIONAL_APPLICATION,
    "withdrawal": Act.WITHDRAWAL,
    "retrait": Act.WITHDRAWAL,
    "denunciation": Act.WITHDRAWAL,
    "denonciation": Act.WITHDRAWAL,
    "withdrawal of signature": Act.WITHDRAWAL_OF_SIGNATURE,
    "retrait de signature": Act.WITHDRAWAL_OF_SIGNATURE,
}
#: Acts that do not change a State's status.
_OTHER: Final = re.compile(
    r"(?:(?:withdrawal of|modification of|confirmation of) )?(?:declaration|reservation|objection|notification|"
    r"communication|territorial application)s?"
    r"|(?:(?:retrait|modification|confirmation) d(?:e|'une?|u|es) ?)?(?:declaration|reserve|objection|notification|"
    r"communication|application territoriale)s?"
)


class UntcRecordSource(TreatySource):
    """Reads the record's table from a saved page or a CSV file, in English or French."""

    name: ClassVar[str] = "untc-record"
    label: ClassVar[str] = gettext_lazy("United Nations Treaty Collection: registration record")  # type: ignore[assignment]
    extensions: ClassVar[tuple[str, ...]] = (".html", ".htm", ".aspx", ".csv")

    def can_read(self, filename: str, content: bytes) -> bool:
        """Return whether the file contains a table with the record's headings."""
        try:
            return _find_table(_tables(content)) is not None
        except UnreadableFile:
            return False

    def parse(self, content: bytes, resolver: Resolver) -> ParsedStatus:
        """Return every act of the record. The record has no status date."""
        table = _find_table(_tables(content))
        if table is None:
            raise UnreadableFile(_("The file has no table of participants, actions and dates."))
        columns, rows = table
        reader = _Reader(columns, resolver)
        for number, cells in rows:
            reader.read_row(number, cells)
        return reader.parsed()


_Row = tuple[int, list[str]]


def _tables(content: bytes) -> Iterable[Sequence[_Row]]:
    if b"<table" in content.lower():
        for table in read_page(content).tables:
            yield [(number, [cell.text for cell in row]) for number, row in enumerate(table.rows, start=1) if row]
    else:
        yield read_rows(content, MAX_ROWS)


def _find_table(tables: Iterable[Sequence[_Row]]) -> tuple[Mapping[str, int], Sequence[_Row]] | None:
    """Return (columns, rows) of the table with the record's headings, ``None`` unless there is exactly one."""
    matching = [(columns, rows[1:]) for rows in tables if rows and (columns := _columns(rows[0][1]))]
    return matching[0] if len(matching) == 1 else None


def _columns(heading: Sequence[str]) -> dict[str, int]:
    """Return the index of each column, found by keywords in the headings; empty if a column is missing."""
    keywords_by_column = {"participant": ("participant",), "action": ("action",), "effect": ("effect", "effet")}
    folded = [_folded(cell) for cell in heading]
    columns = {
        name: index
        for name, keywords in keywords_by_column.items()
        for index, cell in enumerate(folded)
        if any(keyword in cell for keyword in keywords)
    }
    dates = [index for index, cell in enumerate(folded) if "date" in cell and index != columns.get("effect")]
    if len(columns) < len(keywords_by_column) or len(dates) != 1:
        return {}
    return {**columns, "date": dates[0]}


def _folded(text: str) -> str:
    bare = unicodedata.normalize("NFKD", text.replace("’", "'"))
    return " ".join("".join(char for char in bare if not unicodedata.combining(char)).casefold().split())


def _day(text: str) -> dt.date | None:
    if not text:
        return None
    match = _DATE.fullmatch(text)
    try:
        if match:
            return dt.date(int(match[3]), int(match[2]), int(match[1]))
    except ValueError:
        pass
    reject_short_year(text)
    raise RowError("bad_date", _("“%(text)s” is not a date in the format DD/MM/YYYY.") % {"text": text[:100]})


class _Reader:
    """Collects the acts and errors of all rows."""

    def __init__(self, columns: Mapping[str, int], resolver: Resolver) -> None:
        self.columns = columns
        self.resolver = resolver
        self.records: list[StatusRecord] = []
        self.errors: list[ErrorLine] = []

    def read_row(self, number: int, cells: Sequence[str]) -> None:
        """Add one row's act, or an error line if it is invalid."""
        try:
            self._read(number, cells)
        except RowError as error:
            self.errors.append(error.line(number, cells))

    def _cell(self, cells: Sequence[str], name: str) -> str:
        index = self.columns[name]
        return " ".join(cells[index].split()) if index < len(cells) else ""

    def _read(self, number: int, cells: Sequence[str]) -> None:
        if not any(cell.strip() for cell in cells):
            return
        name = check_length(self._cell(cells, "participant"), "named_as", "Participant")
        state, act = find_state(self.resolver, name), _act(self._cell(cells, "action"))
        if act is None:
            return
        day = _day(self._cell(cells, "date"))
        if day is None:
            raise RowError("incomplete_act", _("The act has no date."))
        effect = _day(self._cell(cells, "effect"))
        self.records.append(
            StatusRecord(
                row=number,
                party=state.key,
                action=act,
                date=day,
                effect=effect,
                named_as=name,
                source="UNTC record",
            )
        )

    def parsed(self) -> ParsedStatus:
        """Return the collected acts and errors."""
        if not self.records and not self.errors:
            message = _("The file has headings only, no rows.")
            self.errors.append(ErrorLine(row=0, code="no_rows", message=message))
        return ParsedStatus(
            records=tuple(self.records),
            errors=merge_short_years(self.errors),
            origin="UNTC record",
            corrects=frozenset(),
        )


def _act(text: str) -> Act | None:
    """Return the act that ``text`` names, ``None`` if it changes no status. Raises :class:`RowError`."""
    folded = _folded(text)
    if folded in _ACTS:
        return _ACTS[folded]
    if _OTHER.fullmatch(folded):
        return None
    raise RowError("unknown_action", _("The act “%(cell)s” is not known.") % {"cell": text[:100]})
