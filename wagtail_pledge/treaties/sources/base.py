"""Base class of treaty sources, and the data classes that they return."""

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

#: Maximum size of an uploaded file. The longest list of the Secretary-General is below 1 MB.
MAX_BYTES: Final = 10 * 1024 * 1024


class UnreadableFile(TreatyError):
    """The whole file cannot be read: it is not in the source's format."""

    def __init__(self, message: str) -> None:
        super().__init__("unreadable_file", message)


def reject_large_file(content: bytes) -> None:
    """Raise :class:`UnreadableFile` for more than :data:`MAX_BYTES`. Call this before parsing anything."""
    if len(content) > MAX_BYTES:
        raise UnreadableFile(_("The file is larger than %(size)d MB.") % {"size": MAX_BYTES // 1024 // 1024})


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorLine:
    """One error in a file, or one note about it. A file with any error is not imported.

    ``row`` is the row number as in a spreadsheet (the headings are row 1), or 0 for the whole file. ``code`` is a
    stable identifier, ``message`` a translated text, ``text`` the content of the row.
    """

    row: int
    code: str
    message: str
    text: str = ""

    def __str__(self) -> str:
        where = _("Row %(row)d") % {"row": self.row} if self.row else _("File")
        line = f"{where}: {self.message}"
        return f"{line} [{self.text}]" if self.text else line


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusRecord:
    """One act from a source. ``party`` is an existing party id. ``effect`` is ``None`` if not given by the source."""

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


#: Fields of a record that a newer list may correct.
ALL_FIELDS: Final = frozenset({"effect", "named_as", "has_declarations", "source", "confidence", "note"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedStatus:
    """The content of a file: all its acts, or its errors.

    ``notes`` are lines about what the file contains but the import leaves out, such as a participant without any act.
    ``expected`` maps party ids to (row, status): the status of each participant according to the file. The import
    fails unless the acts add up to the same statuses, and to the published counts if the file has any. ``as_of`` is
    the status date in the file, ``concluded_on`` the date of the treaty that the file is about, and ``origin`` the
    text for the treaty's source field.

    ``corrects`` names the fields that the source gives for every act: only these are updated on acts that are stored
    already. If ``is_history`` is false, the file lists only the current status: stored acts that such a list leaves
    out are kept, namely those of former States and those before a withdrawal that was followed by a new consent.
    """

    records: tuple[StatusRecord, ...] = ()
    errors: tuple[ErrorLine, ...] = ()
    notes: tuple[ErrorLine, ...] = ()
    expected: Mapping[str, tuple[int, ParticipantStatus]] = field(default_factory=dict)
    published_parties: int | None = None
    published_signatories: int | None = None
    as_of: dt.date | None = None
    concluded_on: dt.date | None = None
    origin: str = ""
    corrects: frozenset[str] = ALL_FIELDS
    is_history: bool = True


class TreatySource(ABC):
    """Base class for a file format of treaty status.

    Add the dotted path of your subclass to ``WAGTAIL_PLEDGE_TREATY_SOURCES``.
    """

    name: ClassVar[str]
    label: ClassVar[str]
    extensions: ClassVar[tuple[str, ...]] = ()

    def can_read(self, filename: str, content: bytes) -> bool:
        """Return whether this source reads the file. Override to check ``content`` as well as the file extension."""
        return filename.lower().endswith(self.extensions)

    @abstractmethod
    def parse(self, content: bytes, resolver: Resolver) -> ParsedStatus:
        """Return the acts in the file. Never guess a State: add an :class:`ErrorLine` for each name that ``resolver``
        does not find.

        Raise ``UnreadableFile`` if the file is not in this format at all.
        """
