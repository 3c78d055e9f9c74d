"""Source for the package's own CSV format: one row per participant, ISO dates, a status column as a checksum."""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import ClassVar, Final, TypeVar

from django.utils.translation import gettext as _

from wagtail_pledge.treaties.enums import CONSENTS, Act, Confidence, ParticipantStatus
from wagtail_pledge.treaties.errors import InvalidDate
from wagtail_pledge.treaties.models import State
from wagtail_pledge.treaties.sources.base import (
    ErrorLine,
    ParsedStatus,
    StatusRecord,
    TreatySource,
    UnreadableFile,
    reject_large_file,
)
from wagtail_pledge.treaties.sources.rows import (
    MAX_COLUMNS,
    TEXT_CHARS,
    RowError,
    check_length,
    find_state,
    merge_short_years,
    reject_short_year,
)
from wagtail_pledge.treaties.states import Resolver
from wagtail_pledge.treaties.status import parse_day

COLUMNS: Final = (
    "iso_a3",
    "iso_a2",
    "name",
    "signature_date",
    "action",
    "action_date",
    "declarations",
    "sources",
    "confidence",
    "signature_type",
    "in_force_date",
    "status",
    "untc_name",
    "notes",
)
#: Maximum number of rows, well above the number of participants in the world.
MAX_ROWS: Final = 2_000
#: Maximum length of the first line, in which the delimiter is looked for.
_HEADING_CHARS: Final = 10_000
_DELIMITER: Final = re.compile(r"[,;\t]")
#: First line that tells Excel the separator. The end of the line is not part of it.
_SEPARATOR_LINE: Final = re.compile(r'"?sep=([,;\t])"?[,;\t]*(?=\r|\n|$)', re.IGNORECASE)
_QUOTED: Final = re.compile(r'"[^"]*"?')
T = TypeVar("T")

_STATUSES: Final = {
    "party": ParticipantStatus.PARTY,
    "signatory": ParticipantStatus.SIGNED_ONLY,
    "former party": ParticipantStatus.FORMER_PARTY,
}
_SIGNATURES: Final = {
    "": Act.SIGNATURE,
    "signature": Act.SIGNATURE,
    "succession": Act.SUCCESSION_TO_SIGNATURE,
}
_CONSENTS: Final = {act.value.replace("_", " "): act for act in CONSENTS}
_YES_NO: Final = {"yes": True, "no": False, "": None}


class CsvSource(TreatySource):
    """Reads CSV files with exactly the columns :data:`COLUMNS`, in any order."""

    name: ClassVar[str] = "csv"
    label: ClassVar[str] = "CSV"
    extensions: ClassVar[tuple[str, ...]] = (".csv",)

    def parse(self, content: bytes, resolver: Resolver) -> ParsedStatus:
        """Return the acts of every row, or an error line for each invalid row."""
        rows = read_rows(content)
        number, heading = rows[0] if rows else (1, [])
        errors = [
            ErrorLine(row=number, code=code, message=message, text=",".join(heading)[:TEXT_CHARS])
            for code, message in _heading_errors(heading)
        ]
        return ParsedStatus(errors=tuple(errors)) if errors else _parse_rows(heading, rows[1:], resolver)


def decode_text(content: bytes) -> str:
    """Return the text of a file in UTF-8 or, with a byte order mark, UTF-16. Raises :class:`UnreadableFile`."""
    encoding = "utf-16" if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnreadableFile(_("The file is not a CSV in UTF-8: %(reason)s") % {"reason": error}) from error
    if "\x00" in text:
        raise UnreadableFile(_("The file is not a CSV in UTF-8: %(reason)s") % {"reason": "U+0000"})
    return text


def without_separator_line(text: str) -> tuple[str, str]:
    """Return the text without the line ``sep=;`` that Excel reads and writes, and its separator, ``""`` if it has none.

    The line is left blank, so that the numbers of the rows stay those of the file.
    """
    found = _SEPARATOR_LINE.match(text)
    return (text[found.end() :], found[1]) if found else (text, "")


def _delimiter(text: str) -> str:
    """Return the first comma, semicolon or tab outside quotes in the first line; spreadsheets write each of them."""
    first_line = _QUOTED.sub("", text.lstrip()[:_HEADING_CHARS]).partition("\n")[0]
    found = _DELIMITER.search(first_line)
    return found[0] if found else ","


def read_rows(content: bytes, max_rows: int = MAX_ROWS) -> list[tuple[int, list[str]]]:
    """Return (row number, cells) of each row that is not blank. Raises :class:`UnreadableFile`."""
    reject_large_file(content)
    text, separator = without_separator_line(decode_text(content))
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator or _delimiter(text), strict=True)
        rows = list(islice(reader, max_rows + 1))
    except csv.Error as error:
        raise UnreadableFile(_("The file is not a CSV in UTF-8: %(reason)s") % {"reason": error}) from error
    if len(rows) > max_rows:
        raise UnreadableFile(_("The file has more than %(rows)d rows.") % {"rows": max_rows})
    if any(len(row) > MAX_COLUMNS for row in rows):
        raise UnreadableFile(_("The file has more than %(columns)d columns.") % {"columns": MAX_COLUMNS})
    return [(number, row) for number, row in enumerate(rows, start=1) if any(row)]


def _heading_errors(heading: list[str]) -> Iterator[tuple[str, str]]:
    for column in COLUMNS:
        if column not in heading:
            yield "missing_column", _("The column “%(column)s” is missing.") % {"column": column}
    for column in dict.fromkeys(heading):
        if column not in COLUMNS:
            yield "unknown_column", _("The column “%(column)s” is not known.") % {"column": column}
        elif heading.count(column) > 1:
            yield "repeated_column", _("The column “%(column)s” appears twice.") % {"column": column}


def _parse_rows(heading: list[str], rows: Sequence[tuple[int, list[str]]], resolver: Resolver) -> ParsedStatus:
    records: list[StatusRecord] = []
    errors: list[ErrorLine] = []
    expected: dict[str, tuple[int, ParticipantStatus]] = {}
    for number, cells in rows:
        try:
            row = _Row(number, _cells(heading, cells), resolver)
            _reject_repeated_state(row, expected)
            records.extend(row.records())
        except RowError as error:
            text = ",".join(cells)[:TEXT_CHARS]
            errors.append(ErrorLine(row=number, code=error.code, message=error.message, text=text))
        else:
            expected[row.state.key] = (number, row.participant_status)
    if not rows:
        errors.append(ErrorLine(row=0, code="no_rows", message=_("The file has headings only, no rows.")))
    return ParsedStatus(records=tuple(records), errors=merge_short_years(errors), expected=expected)


def _cells(heading: list[str], cells: list[str]) -> dict[str, str]:
    if len(cells) != len(heading):
        message = _("The row has %(found)d cells, but there are %(wanted)d headings.")
        raise RowError("wrong_width", message % {"found": len(cells), "wanted": len(heading)})
    return {column: cell.strip() for column, cell in zip(heading, cells, strict=True)}


def _reject_repeated_state(row: _Row, expected: dict[str, tuple[int, ParticipantStatus]]) -> None:
    if row.state.key in expected:
        message = _("“%(name)s” has a row already: row %(first)d.")
        values = {"name": row.state.name, "first": expected[row.state.key][0]}
        raise RowError("repeated_state", message % values)


class _Row:
    """Parser of one participant's row. Raises :class:`RowError` for an invalid cell."""

    def __init__(self, number: int, cells: dict[str, str], resolver: Resolver) -> None:
        self.number = number
        self.cells = cells
        self.state = self._state(resolver)
        self.participant_status = self._choice("status", _STATUSES, _("The status “%(cell)s” is not known."))

    def records(self) -> list[StatusRecord]:
        """Return the acts in the row. Raises :class:`RowError` if there are none."""
        acts = [*self._signature(), *self._consent()]
        if not acts:
            raise RowError("no_act", _("The row has neither a signature nor an act of consent."))
        if self.participant_status == ParticipantStatus.FORMER_PARTY:
            acts.append(self._record(Act.WITHDRAWAL, None))
        return acts

    def _state(self, resolver: Resolver) -> State:
        """Return the State that all codes and names in the row refer to."""
        iso3, iso2 = self.cells["iso_a3"], self.cells["iso_a2"]
        names = [name for name in (self.cells["name"], self.cells["untc_name"]) if name]
        states = {find_state(resolver, name) for name in names}
        if iso3 or iso2:
            state = resolver.resolve_code(iso3, iso2)
            if state is None:
                message = _("No State has the code “%(code)s”.")
                raise RowError("unknown_state", message % {"code": iso3 or iso2})
            states.add(state)
        if len(states) != 1:
            raise RowError("contradicting_state", _("The codes and names of the row do not belong to one State."))
        return states.pop()

    def _signature(self) -> Iterator[StatusRecord]:
        kind = self._choice("signature_type", _SIGNATURES, _("The type of signature “%(cell)s” is not known."))
        day = self._day("signature_date")
        if day:
            yield self._record(kind, day)

    def _consent(self) -> Iterator[StatusRecord]:
        action, day, effect = self.cells["action"], self._day("action_date"), self._day("in_force_date")
        if bool(action) != bool(day):
            raise RowError("incomplete_act", _("An act needs a type and a date. The row has only one of them."))
        if day:
            act = self._choice("action", _CONSENTS, _("The act “%(cell)s” is not known."))
            yield self._record(act, day, effect)

    def _record(self, act: Act, day: dt.date | None, effect: dt.date | None = None) -> StatusRecord:
        return StatusRecord(
            row=self.number,
            party=self.state.key,
            action=act,
            date=day,
            effect=effect,
            named_as=self._text("untc_name", "named_as") or self._text("name", "named_as"),
            has_declarations=self._choice("declarations", _YES_NO, _("“%(cell)s” is neither yes nor no.")),
            source=self._text("sources", "source"),
            confidence=self._confidence(),
            note=self._note(),
        )

    def _text(self, column: str, field: str) -> str:
        return check_length(self.cells[column], field, column)

    def _note(self) -> str:
        """Return the row's notes, and the text after the first word of its confidence, such as "medium (scan)"."""
        reason = self.cells["confidence"].partition(" ")[2].strip("()")
        return "; ".join(part for part in (self.cells["notes"], reason) if part)

    def _confidence(self) -> Confidence:
        value = self.cells["confidence"].partition(" ")[0] or Confidence.HIGH.value
        if value not in Confidence.values:
            raise RowError("unknown_word", _("The confidence “%(cell)s” is not known.") % {"cell": value})
        return Confidence(value)

    def _day(self, column: str) -> dt.date | None:
        reject_short_year(self.cells[column])
        try:
            return parse_day(self.cells[column]) if self.cells[column] else None
        except InvalidDate as error:
            raise RowError("bad_date", error.message) from error

    def _choice(self, column: str, choices: Mapping[str, T], message: str) -> T:
        cell = self.cells[column]
        if cell not in choices:
            code = "unknown_action" if column == "action" else "unknown_word"
            raise RowError(code, message % {"cell": cell})
        return choices[cell]
