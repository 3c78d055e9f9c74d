"""What a source of treaty status must be able to do."""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Final

from django.utils.translation import gettext as _

from wagtail_pledge.treaties.enums import Act, Confidence, ParticipantStatus
from wagtail_pledge.treaties.errors import TreatyError
from wagtail_pledge.treaties.states import Resolver

#: The largest file that is read; the longest list of the Secretary-General is below 1 MB.
MAX_BYTES: Final = 10 * 1024 * 1024


class UnreadableFile(TreatyError):
    """The file is not what the source reads, so that no row can be named."""

    def __init__(self, message: str) -> None:
        super().__init__("unreadable_file", message)


def reject_large_file(content: bytes) -> None:
    """Raise :class:`UnreadableFile` for more than :data:`MAX_BYTES`; call it before anything is parsed."""
    if len(content) > MAX_BYTES:
        raise UnreadableFile(_("The file is larger than %(size)d MB.") % {"size": MAX_BYTES // 1024 // 1024})


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorLine:
    """One reason why nothing is written. ``row`` counts as a spreadsheet does (headings are row 1; 0 is the
    whole file).

    ``text`` is what stands there, ``code`` a stable word, ``message`` for people.
    """

    row: int
    code: str
    message: str
    text: str = ""

    def __str__(self) -> str:
        where = _("Row %(row)d") % {"row": self.row} if self.row else _("File")
        said = f"{where}: {self.message}"
        return f"{said} [{self.text}]" if self.text else said


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusRecord:
    """One act as a source states it. ``party`` is a party id that exists; ``effect`` only if the source gives it."""

    row: int
    party: str
    action: Act
    date: dt.date | None
    effect: dt.date | None = None
    named_as: str = ""
    has_declarations: bool | None = None
    source: str = ""
    confidence: Confidence = Confidence.HIGH
    note: str = ""


#: Fields of a record that a newer file of the same source may correct.
ALL_FIELDS: Final = frozenset({"effect", "named_as", "has_declarations", "source", "confidence", "note"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedStatus:
    """All acts that a file states, or the reasons why it can't be read.

    ``expected`` is the source's own word on each participant, with its row: the recount must agree. So must the
    published counts, where the source heads its list with them. ``as_of`` is the day that the file itself names,
    ``concluded_on`` the day of the treaty that it is about, ``origin`` what to call it as the treaty's source.

    ``corrects`` names the fields of a record that the source knows of every act: only those of an act that is stored
    already are corrected. A source of which ``is_history`` is false lists where everybody stands now: what a State
    did before it withdrew, and what former States did, is not missing there and stays.
    """

    records: tuple[StatusRecord, ...] = ()
    errors: tuple[ErrorLine, ...] = ()
    expected: Mapping[str, tuple[int, ParticipantStatus]] = field(default_factory=dict)
    published_parties: int | None = None
    published_signatories: int | None = None
    as_of: dt.date | None = None
    concluded_on: dt.date | None = None
    origin: str = ""
    corrects: frozenset[str] = ALL_FIELDS
    is_history: bool = True


class TreatySource(ABC):
    """A format in which somebody publishes a treaty's status. Register its path in
    ``WAGTAIL_PLEDGE_TREATY_SOURCES``.
    """

    name: ClassVar[str]
    label: ClassVar[str]
    extensions: ClassVar[tuple[str, ...]] = ()

    def can_read(self, filename: str, content: bytes) -> bool:
        """Override to look into ``content`` where the file's ending is not enough."""
        return filename.lower().endswith(self.extensions)

    @abstractmethod
    def parse(self, content: bytes, resolver: Resolver) -> ParsedStatus:
        """Override to return what the file states. Never guess a State: what ``resolver`` does not know is an
        error line.

        Raise :class:`UnreadableFile` for what is no such file at all.
        """
