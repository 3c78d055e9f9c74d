"""The United Nations' table of participants, whatever it is wrapped in: a page, XML, CSV.

One row a participant, dates such as ``5 Jun 2007 a``. The headings define the codes, which are case-sensitive: ``a``
is accession, ``A`` acceptance. Square brackets stand for an instrument that is no longer in effect.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from django.utils.translation import gettext as _

from wagtail_pledge.treaties.enums import CONSENTS, SIGNATURES, Act, Confidence, ParticipantStatus
from wagtail_pledge.treaties.sources.base import ErrorLine, ParsedStatus, StatusRecord
from wagtail_pledge.treaties.sources.rows import RowError, check_length, find_state
from wagtail_pledge.treaties.states import Resolver

MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
#: More rows than the world has participants are no such table.
MAX_ROWS: Final = 500
_DATE: Final = re.compile(r"(\d{1,2}) ([A-Z][a-z]{2}) (\d{4})(?: ([A-Za-z]{1,2}))?", re.ASCII)
_CODED: Final = re.compile(r"([^()]+)\(\s*([A-Za-z]{1,2})\s*\)")
_WORDS: Final[Mapping[str, Act]] = {
    act.value.replace("_", " "): act for act in Act if act not in {Act.WITHDRAWAL, Act.WITHDRAWAL_OF_SIGNATURE}
}
#: Codes that a heading need not spell out if it names the act.
_CODES: Final[Mapping[str, Act]] = {
    "a": Act.ACCESSION,
    "d": Act.SUCCESSION,
    "A": Act.ACCEPTANCE,
    "AA": Act.APPROVAL,
    "c": Act.FORMAL_CONFIRMATION,
    "P": Act.CONSENT_TO_BE_BOUND,
    "n": Act.PROVISIONAL_APPLICATION,
    "s": Act.DEFINITIVE_SIGNATURE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ParticipantRow:
    """One row as it stands there: ``number`` counts the heading as row 1."""

    number: int
    cells: Sequence[str]
    has_declarations: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Column:
    """A column of dates: ``plain`` is the act of a date without a code, where the heading names exactly one."""

    index: int
    heading: str
    plain: Act | None
    codes: Mapping[str, Act]

    def act(self, code: str) -> Act:
        """Return the act that ``code`` stands for here. Raises :class:`RowError`."""
        found = self.codes.get(code) if code else self.plain
        known = _CODES.get(code)
        if found is None and known and known.value.replace("_", " ") in self.heading.casefold():
            found = known
        if found is None:
            message = _("The heading “%(heading)s” does not say what the code “%(code)s” means.")
            raise RowError("unknown_code", message % {"heading": self.heading, "code": code})
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _DatedCell:
    act: Act
    date: dt.date
    is_withdrawn: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layout:
    participant: int
    dates: tuple[_Column, ...]


def read_participants(
    heading: Sequence[str],
    rows: Iterable[ParticipantRow],
    resolver: Resolver,
    *,
    source: str,
    confidence: Confidence = Confidence.HIGH,
) -> ParsedStatus:
    """Return the acts of every row, or an error line for each row or heading that can't be read."""
    layout = _layout(heading)
    if isinstance(layout, ErrorLine):
        return ParsedStatus(errors=(layout,))
    reader = _Reader(layout, resolver, source, confidence)
    for row in rows:
        reader.read_row(row)
    return reader.parsed()


def _layout(heading: Sequence[str]) -> _Layout | ErrorLine:
    """Find the columns by their keywords: they stand in any order and number."""
    folded = [cell.casefold() for cell in heading]
    participant = next((index for index, cell in enumerate(folded) if cell.startswith("participant")), None)
    dates = tuple(_column(index, cell) for index, cell in enumerate(heading) if index != participant)
    known = [column for column in dates if column.plain or column.codes]
    if participant is None or not known:
        message = _("The headings are not those of a table of participants.")
        return ErrorLine(row=1, code="unknown_heading", message=message, text=" | ".join(heading)[:300])
    return _Layout(participant=participant, dates=dates)


def _column(index: int, heading: str) -> _Column:
    codes: dict[str, Act] = {}
    plain: list[Act] = []
    for part in heading.split(","):
        coded = _CODED.fullmatch(part.strip())
        act = _act_named(coded[1] if coded else part)
        if act and coded:
            codes[coded[2]] = act
        elif act:
            plain.append(act)
    return _Column(index=index, heading=heading, codes=codes, plain=plain[0] if len(plain) == 1 else None)


def _act_named(words: str) -> Act | None:
    """Return the act that a part of a heading names: "Provisional application of articles 6 and 7" is one too."""
    folded = " ".join(words.casefold().split())
    provisional = Act.PROVISIONAL_APPLICATION.value.replace("_", " ")
    return Act.PROVISIONAL_APPLICATION if folded.startswith(provisional) else _WORDS.get(folded)


def _dated(column: _Column, text: str) -> _DatedCell | None:
    """Return the act of a cell, ``None`` if it is blank. Raises :class:`RowError`."""
    if not text:
        return None
    bare = text.strip("[]").strip()
    is_withdrawn = text.startswith("[") and text.endswith("]")
    found = _DATE.fullmatch(bare) if is_withdrawn or bare == text else None
    if found is None or found[2] not in MONTHS:
        raise RowError("bad_date", _("“%(text)s” is not a date in the depositary’s format.") % {"text": text[:100]})
    act = column.act(found[4] or "")
    try:
        day = dt.date(int(found[3]), MONTHS.index(found[2]) + 1, int(found[1]))
    except ValueError as error:
        raise RowError("bad_date", _("There is no day “%(text)s”.") % {"text": text[:100]}) from error
    return _DatedCell(act=act, date=day, is_withdrawn=is_withdrawn)


class _Reader:
    """Takes row after row."""

    def __init__(self, layout: _Layout, resolver: Resolver, source: str, confidence: Confidence) -> None:
        self.layout = layout
        self.resolver = resolver
        self.blank = StatusRecord(
            row=0, party="", action=Act.SIGNATURE, date=None, source=source, confidence=confidence
        )
        self.records: list[StatusRecord] = []
        self.errors: list[ErrorLine] = []
        self.expected: dict[str, tuple[int, ParticipantStatus]] = {}

    def read_row(self, row: ParticipantRow) -> None:
        """Read one row, or note why it can't be read."""
        cells = [" ".join(cell.split()) for cell in row.cells]
        if not any(cells):
            return
        try:
            self._read(row, cells)
        except RowError as refused:
            self.errors.append(refused.line(row.number, cells))

    def _read(self, row: ParticipantRow, cells: Sequence[str]) -> None:
        if len(cells) != len(self.layout.dates) + 1:
            message = _("The row has %(found)d cells, but there are %(wanted)d headings.")
            raise RowError("wrong_width", message % {"found": len(cells), "wanted": len(self.layout.dates) + 1})
        name = check_length(cells[self.layout.participant], "named_as", "Participant")
        key = find_state(self.resolver, name).key
        if key in self.expected:
            message = _("“%(name)s” has a row already: row %(first)d.")
            raise RowError("repeated_state", message % {"name": name, "first": self.expected[key][0]})
        found = [act for column in self.layout.dates if (act := _dated(column, cells[column.index]))]
        if not found:
            raise RowError("no_act", _("The row has neither a signature nor an act of consent."))
        own = replace(self.blank, row=row.number, party=key, named_as=name, has_declarations=row.has_declarations)
        self.records.extend(_records(own, found))
        self.expected[key] = (row.number, _participant_status(found))

    def parsed(self) -> ParsedStatus:
        """Return everything that was taken."""
        errors = list(self.errors)
        if not self.expected and not errors:
            errors.append(ErrorLine(row=0, code="no_rows", message=_("The file has headings only.")))
        if len(self.expected) > MAX_ROWS:
            errors.append(ErrorLine(row=0, code="too_many_rows", message=_("The table has too many rows.")))
        return ParsedStatus(
            records=tuple(self.records),
            errors=tuple(errors),
            expected=self.expected,
            corrects=frozenset(),
            is_history=False,
        )


def _records(own: StatusRecord, found: Iterable[_DatedCell]) -> Iterator[StatusRecord]:
    withdrawals = set()
    for dated in found:
        yield replace(own, action=dated.act, date=dated.date)
        if dated.is_withdrawn and dated.act in CONSENTS:
            withdrawals.add(Act.WITHDRAWAL)
        elif dated.is_withdrawn and dated.act in SIGNATURES:
            withdrawals.add(Act.WITHDRAWAL_OF_SIGNATURE)
    for act in sorted(withdrawals):
        yield replace(own, action=act, date=None)


def _participant_status(found: Sequence[_DatedCell]) -> ParticipantStatus:
    consents = [dated for dated in found if dated.act in CONSENTS]
    if consents:
        return (
            ParticipantStatus.FORMER_PARTY if all(dated.is_withdrawn for dated in consents) else ParticipantStatus.PARTY
        )
    signed = any(dated.act in SIGNATURES and not dated.is_withdrawn for dated in found)
    return ParticipantStatus.SIGNED_ONLY if signed else ParticipantStatus.NONE
