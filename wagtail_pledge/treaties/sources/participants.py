"""Parser of the United Nations' table of participants, shared by the HTML, XML and CSV sources.

The table has one row per participant and dates such as ``5 Jun 2007 a``. The headings define the codes, which are
case-sensitive: ``a`` is accession, ``A`` acceptance. Square brackets mark an instrument that is no longer in effect.
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
#: Maximum number of rows, well above the number of participants in the world.
MAX_ROWS: Final = 500
_DATE: Final = re.compile(r"(\d{1,2}) ([A-Z][a-z]{2}) (\d{4})(?: ([A-Za-z]{1,2}))?", re.ASCII)
_CODED: Final = re.compile(r"([^()]+)\(\s*([A-Za-z]{1,2})\s*\)")
_ACTS_BY_NAME: Final[Mapping[str, Act]] = {
    act.value.replace("_", " "): act for act in Act if act not in {Act.WITHDRAWAL, Act.WITHDRAWAL_OF_SIGNATURE}
}
#: Default codes, used if a heading names the act without defining its code.
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
    """One raw row of the table. ``number`` counts from the headings, which are row 1."""

    number: int
    cells: Sequence[str]
    has_declarations: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Column:
    """A column of dates. ``plain`` is the act of a date without a code, if the heading names exactly one."""

    index: int
    heading: str
    plain: Act | None
    codes: Mapping[str, Act]

    def act(self, code: str) -> Act:
        """Return the act that ``code`` means in this column. Raises :class:`RowError`."""
        act = self.codes.get(code) if code else self.plain
        default = _CODES.get(code)
        if act is None and default and default.value.replace("_", " ") in self.heading.casefold():
            act = default
        if act is None:
            message = _("The heading “%(heading)s” does not say what the code “%(code)s” means.")
            raise RowError("unknown_code", message % {"heading": self.heading, "code": code})
        return act


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
    """Return the acts of every row, or an error line for each invalid row or heading."""
    layout = _layout(heading)
    if isinstance(layout, ErrorLine):
        return ParsedStatus(errors=(layout,))
    reader = _Reader(layout, resolver, source, confidence)
    for row in rows:
        reader.read_row(row)
    return reader.parsed()


def _layout(heading: Sequence[str]) -> _Layout | ErrorLine:
    """Find the columns by their headings. Their order and number vary."""
    folded = [cell.casefold() for cell in heading]
    participant = next((index for index, cell in enumerate(folded) if cell.startswith("participant")), None)
    dates = tuple(_column(index, cell) for index, cell in enumerate(heading) if index != participant)
    if participant is None or not any(column.plain or column.codes for column in dates):
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


def _act_named(text: str) -> Act | None:
    """Return the act that a part of a heading names, including "Provisional application of articles 6 and 7"."""
    folded = " ".join(text.casefold().split())
    provisional = Act.PROVISIONAL_APPLICATION.value.replace("_", " ")
    return Act.PROVISIONAL_APPLICATION if folded.startswith(provisional) else _ACTS_BY_NAME.get(folded)


def _dated(column: _Column, text: str) -> _DatedCell | None:
    """Return the act in a cell, ``None`` if it is blank. Raises :class:`RowError`."""
    if not text:
        return None
    bare = text.strip("[]").strip()
    is_withdrawn = text.startswith("[") and text.endswith("]")
    match = _DATE.fullmatch(bare) if is_withdrawn or bare == text else None
    if match is None or match[2] not in MONTHS:
        raise RowError("bad_date", _("“%(text)s” is not a date in the depositary’s format.") % {"text": text[:100]})
    act = column.act(match[4] or "")
    try:
        day = dt.date(int(match[3]), MONTHS.index(match[2]) + 1, int(match[1]))
    except ValueError as error:
        raise RowError("bad_date", _("There is no day “%(text)s”.") % {"text": text[:100]}) from error
    return _DatedCell(act=act, date=day, is_withdrawn=is_withdrawn)


class _Reader:
    """Collects the acts and errors of all rows."""

    def __init__(self, layout: _Layout, resolver: Resolver, source: str, confidence: Confidence) -> None:
        self.layout = layout
        self.resolver = resolver
        self.template = StatusRecord(
            row=0, party="", action=Act.SIGNATURE, date=None, source=source, confidence=confidence
        )
        self.records: list[StatusRecord] = []
        self.errors: list[ErrorLine] = []
        self.expected: dict[str, tuple[int, ParticipantStatus]] = {}

    def read_row(self, row: ParticipantRow) -> None:
        """Add one row's acts, or an error line if it is invalid."""
        cells = [" ".join(cell.split()) for cell in row.cells]
        if not any(cells):
            return
        try:
            self._read(row, cells)
        except RowError as error:
            self.errors.append(error.line(row.number, cells))

    def _read(self, row: ParticipantRow, cells: Sequence[str]) -> None:
        if len(cells) != len(self.layout.dates) + 1:
            message = _("The row has %(found)d cells, but there are %(wanted)d headings.")
            raise RowError("wrong_width", message % {"found": len(cells), "wanted": len(self.layout.dates) + 1})
        name = check_length(cells[self.layout.participant], "named_as", "Participant")
        key = find_state(self.resolver, name).key
        if key in self.expected:
            message = _("“%(name)s” has a row already: row %(first)d.")
            raise RowError("repeated_state", message % {"name": name, "first": self.expected[key][0]})
        acts = [act for column in self.layout.dates if (act := _dated(column, cells[column.index]))]
        if not acts:
            raise RowError("no_act", _("The row has neither a signature nor an act of consent."))
        template = replace(
            self.template, row=row.number, party=key, named_as=name, has_declarations=row.has_declarations
        )
        self.records.extend(_records(template, acts))
        self.expected[key] = (row.number, _participant_status(acts))

    def parsed(self) -> ParsedStatus:
        """Return the collected acts and errors."""
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


def _records(template: StatusRecord, acts: Iterable[_DatedCell]) -> Iterator[StatusRecord]:
    withdrawals = set()
    for dated in acts:
        yield replace(template, action=dated.act, date=dated.date)
        if dated.is_withdrawn and dated.act in CONSENTS:
            withdrawals.add(Act.WITHDRAWAL)
        elif dated.is_withdrawn and dated.act in SIGNATURES:
            withdrawals.add(Act.WITHDRAWAL_OF_SIGNATURE)
    for act in sorted(withdrawals):
        yield replace(template, action=act, date=None)


def _participant_status(acts: Sequence[_DatedCell]) -> ParticipantStatus:
    consents = [dated for dated in acts if dated.act in CONSENTS]
    if consents:
        return (
            ParticipantStatus.FORMER_PARTY if all(dated.is_withdrawn for dated in consents) else ParticipantStatus.PARTY
        )
    signed = any(dated.act in SIGNATURES and not dated.is_withdrawn for dated in acts)
    return ParticipantStatus.SIGNED_ONLY if signed else ParticipantStatus.NONE
