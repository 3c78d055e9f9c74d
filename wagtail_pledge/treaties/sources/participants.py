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
from django.utils.translation import gettext_lazy

from wagtail_pledge.treaties.enums import CONSENTS, SIGNATURES, Act, Confidence, ParticipantStatus
from wagtail_pledge.treaties.sources.base import ErrorLine, ParsedStatus, StatusRecord
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

MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
#: Maximum number of rows, well above the number of participants in the world.
MAX_ROWS: Final = 500
_DATE: Final = re.compile(r"(\d{1,2})[ -]([A-Z][a-z]{2})[ -](\d{4})(?: ([A-Za-z]{1,2}))?", re.ASCII)
#: A code after a date.
_CODE_AFTER: Final = re.compile(r" [A-Za-z]{1,2}$", re.ASCII)
_CODED: Final = re.compile(r"([^()]+)\(\s*([A-Za-z]{1,2})\s*\)")
_ACTS_BY_NAME: Final[Mapping[str, Act]] = {
    act.value.replace("_", " "): act for act in Act if act not in {Act.WITHDRAWAL, Act.WITHDRAWAL_OF_SIGNATURE}
}
#: Other names of acts in headings. Who participates is bound, whatever the instrument is called.
_OTHER_NAMES: Final[Mapping[str, Act]] = {
    "participation": Act.CONSENT_TO_BE_BOUND,
    "signature ad referendum": Act.SIGNATURE,
}
#: What follows the act in a heading, up to another act: "Acceptance of the Protocol", "Accession to the Convention as
#: amended", "Ratification of the Treaty or accession".
_INSTRUMENT: Final = re.compile(
    r" (?:of|to|in) (?:the )?"
    r"(?:agreement|amendments?|annex|charter|constitution|convention|covenant|protocol|statute|treaty)\b"
    rf"(?:(?! or (?:{'|'.join((*_ACTS_BY_NAME, *_OTHER_NAMES))})\b).)*"
)
_NO_ROWS: Final = gettext_lazy("The file has headings only, no rows.")
#: Columns that are left out: their dates are not those of a signature or of consent.
_LEFT_OUT: Final = re.compile(
    r"(?:notification|communication|declaration|reservation|objection|territorial application"
    r"|confirmation of signature)\b.*"
)
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
    """A column of dates. ``plain`` is the act of a date without a code.

    If the heading names several acts without a code, each of which binds, ``plain`` is "consent to be bound".
    """

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
    """The columns of a table. ``others`` are not about the acts that are imported, such as notifications."""

    participant: int
    dates: tuple[_Column, ...]
    others: tuple[_Column, ...]

    @property
    def width(self) -> int:
        """The number of columns."""
        return 1 + len(self.dates) + len(self.others)


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
    if len(heading) > MAX_COLUMNS:
        message = _("The file has more than %(columns)d columns.") % {"columns": MAX_COLUMNS}
        return ErrorLine(row=1, code="too_many_columns", message=message)
    folded = [cell.casefold() for cell in heading]
    participant = next((index for index, cell in enumerate(folded) if cell.startswith("participant")), None)
    columns = [_column(index, cell) for index, cell in enumerate(heading) if index != participant]
    others = tuple(column for column in columns if _LEFT_OUT.fullmatch(" ".join(column.heading.casefold().split())))
    dates = tuple(column for column in columns if column not in others)
    if participant is None or not any(column.plain or column.codes for column in dates):
        message = _("The headings are not those of a table of participants.")
        return ErrorLine(row=1, code="unknown_heading", message=message, text=" | ".join(heading)[:300])
    return _Layout(participant=participant, dates=dates, others=others)


def _column(index: int, heading: str) -> _Column:
    codes: dict[str, Act] = {}
    plain: list[Act] = []
    for part in heading.split(","):
        coded = _CODED.fullmatch(part.strip())
        named = _acts_named(coded[1] if coded else part)
        if named and coded:
            # A code for a signature or for consent, whichever it was, would be a guess
            act = _one_act(named) or (named[0] if SIGNATURES.issuperset(named) else None)
            codes |= {coded[2]: act} if act else {}
        elif named:
            plain.extend(named)
    return _Column(index=index, heading=heading, codes=codes, plain=_one_act(plain))


def _one_act(acts: Sequence[Act]) -> Act | None:
    """Return the only act or, if there are several that bind, "consent to be bound"; ``None`` if they differ."""
    if len(acts) == 1:
        return acts[0]
    return Act.CONSENT_TO_BE_BOUND if acts and CONSENTS.issuperset(acts) else None


def _acts_named(text: str) -> list[Act]:
    """Return the acts that a part of a heading names: one, or several joined by "or".

    Includes "Provisional application of articles 6 and 7" and "Ratification of the Convention as amended".
    """
    folded = " ".join(text.casefold().split())
    if folded.startswith(Act.PROVISIONAL_APPLICATION.value.replace("_", " ")):
        return [Act.PROVISIONAL_APPLICATION]
    names = _INSTRUMENT.sub("", folded).split(" or ")
    acts = [_ACTS_BY_NAME.get(name) or _OTHER_NAMES.get(name) for name in names]
    return [act for act in acts if act] if all(acts) else []


def _dated(column: _Column, text: str) -> _DatedCell | None:
    """Return the act in a cell, ``None`` if it is blank. Raises :class:`RowError`."""
    if not text:
        return None
    bare = text.strip("[]").strip()
    is_withdrawn = text.startswith("[") and text.endswith("]")
    match = _DATE.fullmatch(bare) if is_withdrawn or bare == text else None
    if match is None:
        reject_short_year(_CODE_AFTER.sub("", bare))
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
        self.notes: list[ErrorLine] = []
        self.unread: set[int] = set()
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
        if len(cells) != self.layout.width:
            message = _("The row has %(found)d cells, but there are %(wanted)d headings.")
            raise RowError("wrong_width", message % {"found": len(cells), "wanted": self.layout.width})
        self.unread.update(column.index for column in self.layout.others if cells[column.index])
        if not any(cells[column.index] for column in self.layout.dates):
            message = _("The row has neither a signature nor an act of consent.")
            self.notes.append(RowError("no_act", message).line(row.number, cells))
            return
        name = check_length(cells[self.layout.participant], "named_as", "Participant")
        key = find_state(self.resolver, name).key
        if key in self.expected:
            message = _("“%(name)s” has a row already: row %(first)d.")
            raise RowError("repeated_state", message % {"name": name, "first": self.expected[key][0]})
        acts = [act for column in self.layout.dates if (act := _dated(column, cells[column.index]))]
        template = replace(
            self.template, row=row.number, party=key, named_as=name, has_declarations=row.has_declarations
        )
        self.records.extend(_records(template, acts))
        self.expected[key] = (row.number, _participant_status(acts))

    def _unread_columns(self) -> Iterator[ErrorLine]:
        for column in self.layout.others:
            if column.index in self.unread:
                message = _("The column “%(column)s” is not imported: it is about neither signature nor consent.")
                yield ErrorLine(row=1, code="unread_column", message=message % {"column": column.heading[:TEXT_CHARS]})

    def parsed(self) -> ParsedStatus:
        """Return the collected acts, errors and notes."""
        errors = list(self.errors)
        if not self.expected and not errors:
            text = _("No row has a signature or an act of consent.") if self.notes else _NO_ROWS
            errors.append(ErrorLine(row=0, code="no_rows", message=str(text)))
        if len(self.expected) > MAX_ROWS:
            errors.append(ErrorLine(row=0, code="too_many_rows", message=_("The table has too many rows.")))
        return ParsedStatus(
            records=tuple(self.records),
            errors=merge_short_years(errors),
            notes=(*self._unread_columns(), *self.notes),
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
