"""The United Nations' registration record: one row an act, with the day on which it takes effect."""

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
from wagtail_pledge.treaties.sources.rows import RowError, check_length, find_state
from wagtail_pledge.treaties.states import Resolver

#: More acts than any treaty has.
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
#: Acts that leave a State's status as it is.
_OTHER: Final = re.compile(
    r"(?:(?:withdrawal of|modification of|confirmation of) )?(?:declaration|reservation|objection|notification|"
    r"communication|territorial application)s?"
    r"|(?:(?:retrait|modification|confirmation) d(?:e|'une?|u|es) ?)?(?:declaration|reserve|objection|notification|"
    r"communication|application territoriale)s?"
)


class UntcRecordSource(TreatySource):
    """Reads the record's table, as a saved page or as CSV, in English or French."""

    name: ClassVar[str] = "untc-record"
    label: ClassVar[str] = gettext_lazy("United Nations Treaty Collection: registration record")  # type: ignore[assignment]
    extensions: ClassVar[tuple[str, ...]] = (".html", ".htm", ".aspx", ".csv")

    def can_read(self, filename: str, content: bytes) -> bool:
        """Look for a heading with participants, acts and days of effect."""
        try:
            return _find(_tables(content)) is not None
        except UnreadableFile:
            return False

    def parse(self, content: bytes, resolver: Resolver) -> ParsedStatus:
        """Return every act of the record. It does not say its day."""
        found = _find(_tables(content))
        if found is None:
            raise UnreadableFile(_("The file has no table of participants, actions and dates."))
        columns, rows = found
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


def _find(tables: Iterable[Sequence[_Row]]) -> tuple[Mapping[str, int], Sequence[_Row]] | None:
    """Return the columns and the rows of the one table with the record's headings."""
    found = [(columns, rows[1:]) for rows in tables if rows and (columns := _columns(rows[0][1]))]
    return found[0] if len(found) == 1 else None


def _columns(heading: Sequence[str]) -> dict[str, int]:
    """Return the columns by their keywords, nothing if one is missing."""
    words = {"participant": ("participant",), "action": ("action",), "effect": ("effect", "effet")}
    folded = [_folded(cell) for cell in heading]
    columns = {
        name: index
        for name, keywords in words.items()
        for index, cell in enumerate(folded)
        if any(keyword in cell for keyword in keywords)
    }
    dates = [index for index, cell in enumerate(folded) if "date" in cell and index != columns.get("effect")]
    if len(columns) < len(words) or len(dates) != 1:
        return {}
    return {**columns, "date": dates[0]}


def _folded(text: str) -> str:
    bare = unicodedata.normalize("NFKD", text.replace("’", "'"))
    return " ".join("".join(char for char in bare if not unicodedata.combining(char)).casefold().split())


def _day(text: str) -> dt.date | None:
    if not text:
        return None
    found = _DATE.fullmatch(text)
    try:
        if found:
            return dt.date(int(found[3]), int(found[2]), int(found[1]))
    except ValueError:
        pass
    raise RowError("bad_date", _("“%(text)s” is not a date in the format DD/MM/YYYY.") % {"text": text[:100]})


class _Reader:
    """Takes row after row."""

    def __init__(self, columns: Mapping[str, int], resolver: Resolver) -> None:
        self.columns = columns
        self.resolver = resolver
        self.records: list[StatusRecord] = []
        self.errors: list[ErrorLine] = []

    def read_row(self, number: int, cells: Sequence[str]) -> None:
        """Read one row, or note why it can't be read."""
        try:
            self._read(number, cells)
        except RowError as refused:
            self.errors.append(refused.line(number, cells))

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
        """Return everything that was taken."""
        if not self.records and not self.errors:
            message = _("The file has headings only.")
            self.errors.append(ErrorLine(row=0, code="no_rows", message=message))
        return ParsedStatus(
            records=tuple(self.records),
            errors=tuple(self.errors),
            origin="UNTC record",
            corrects=frozenset(),
        )


def _act(word: str) -> Act | None:
    """Return the act, ``None`` for one that changes no status. Raises :class:`RowError`."""
    folded = _folded(word)
    if folded in _ACTS:
        return _ACTS[folded]
    if _OTHER.fullmatch(folded):
        return None
    raise RowError("unknown_action", _("The act “%(cell)s” is not known.") % {"cell": word[:100]})
