"""Source for the XML files of *Multilateral Treaties Deposited with the Secretary-General*."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar, Final
from xml.parsers import expat

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_pledge.treaties.sources.base import (
    ErrorLine,
    ParsedStatus,
    TreatySource,
    UnreadableFile,
    reject_large_file,
)
from wagtail_pledge.treaties.sources.participants import ParticipantRow, read_participants
from wagtail_pledge.treaties.sources.rows import concluded_on
from wagtail_pledge.treaties.states import Resolver

#: Footnote markers in the files are escaped markup, so they reach us as text.
_FOOTNOTE: Final = re.compile(r"<superscript>[^<]*+</superscript>", re.IGNORECASE)
_NUMBER: Final = re.compile(r"\d{1,5}", re.ASCII)
#: Limits. The published files are a dozen elements deep, and the longest cell is a name with its footnotes.
MAX_DEPTH: Final = 60
MAX_TEXT: Final = 10_000
MAX_ROWS: Final = 5_000
_HEADER: Final = ("status/signatories", "status/parties", "conclusion")


class MtdsgXmlSource(TreatySource):
    """Reads the ``Participants`` table and the counts. Element names match in any case and at any depth."""

    name: ClassVar[str] = "mtdsg"
    label: ClassVar[str] = gettext_lazy("United Nations Treaty Collection: XML")  # type: ignore[assignment]
    extensions: ClassVar[tuple[str, ...]] = (".xml",)

    def can_read(self, filename: str, content: bytes) -> bool:
        """Return whether the extension is ``.xml`` or the content starts with an XML declaration."""
        return filename.lower().endswith(self.extensions) or content[:100].lstrip(b"\xef\xbb\xbf \r\n").startswith(
            b"<?xml"
        )

    def parse(self, content: bytes, resolver: Resolver) -> ParsedStatus:
        """Return the acts of the ``Participants`` table. The file does not contain its status date."""
        report = _Report(content)
        if not report.heading:
            raise UnreadableFile(_("The XML has no table of participants."))
        rows = [ParticipantRow(number=number, cells=cells) for number, cells in enumerate(report.rows, start=2)]
        parsed = read_participants(report.heading, rows, resolver, source="UNTC XML")
        parties, signatories = (report.number(name) for name in ("status/parties", "status/signatories"))
        errors = list(parsed.errors)
        if parties is None:
            message = _("The file does not say how many parties there are, so the list can’t be checked.")
            errors.append(ErrorLine(row=0, code="no_counts", message=message))
        return replace(
            parsed,
            errors=tuple(errors),
            published_parties=parties,
            published_signatories=signatories or 0,
            concluded_on=concluded_on(report.texts["conclusion"]),
            origin="UNTC XML",
        )


class _Report:
    """Streaming parser that keeps the table of participants and the header texts; it builds no tree."""

    def __init__(self, content: bytes) -> None:
        reject_large_file(content)
        if not content[:100].lstrip(b"\xef\xbb\xbf \r\n").startswith(b"<?xml"):
            raise UnreadableFile(_("The file is not XML: it does not begin with “<?xml”. Was an error page saved?"))
        self.heading: list[str] = []
        self.rows: list[list[str]] = []
        self.texts: dict[str, str] = defaultdict(str)
        self._open: list[str] = []
        self._row: list[str] | None = None
        self._pieces: list[str] | None = None
        self._size = 0
        self._read(content)

    def number(self, name: str) -> int | None:
        """Return the number in the header text ``name``, or ``None``."""
        match = _NUMBER.search(self.texts[name])
        return int(match[0]) if match else None

    def _read(self, content: bytes) -> None:
        parser = expat.ParserCreate()
        # Only a document type declaration can declare entities, and the published files have none
        parser.StartDoctypeDeclHandler = _reject_doctype
        parser.EntityDeclHandler = _reject_doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        try:
            parser.Parse(content, True)
        except (expat.ExpatError, LookupError, ValueError) as error:
            raise UnreadableFile(_("The XML can’t be read: %(reason)s") % {"reason": error}) from error

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        tag = name.rpartition(":")[2].lower()
        self._open.append(tag)
        if len(self._open) > MAX_DEPTH:
            raise UnreadableFile(_("The XML is nested too deeply."))
        if self._is_header():
            self._begin_text()
        elif self._is_participants() and tag == "row":
            self._row = []
        elif self._is_participants() and tag == "entry":
            self._begin_text()

    def _end(self, name: str) -> None:
        tag = name.rpartition(":")[2].lower()
        if self._is_header():
            self._finish_text(lambda text: self.texts.__setitem__(self._header_name(), text))
        elif self._is_participants() and tag == "entry" and self._row is not None:
            self._finish_text(self._row.append)
        elif self._is_participants() and tag == "row" and self._row is not None:
            self._finish_row(self._row)
        self._open.pop()

    def _text(self, text: str) -> None:
        if self._pieces is None or "superscript" in self._open or self._open.count("table") > 1:
            return
        self._size += len(text)
        if self._size > MAX_TEXT:
            raise UnreadableFile(_("A cell of the XML is longer than any name."))
        self._pieces.append(text)

    def _begin_text(self) -> None:
        self._pieces, self._size = [], 0

    def _finish_text(self, store: Callable[[str], Any]) -> None:
        text = _FOOTNOTE.sub(" ", "".join(self._pieces or []))
        store(" ".join(text.split()))
        self._pieces = None

    def _finish_row(self, row: list[str]) -> None:
        if len(self.rows) >= MAX_ROWS:
            raise UnreadableFile(_("The table has too many rows."))
        if "thead" in self._open:
            self.heading = self.heading or row
        elif row:
            self.rows.append(row)
        self._row = None

    def _is_participants(self) -> bool:
        """Return whether the current table is the table of participants, not a table nested in it."""
        return "participants" in self._open and self._open.count("table") == 1

    def _header_name(self) -> str:
        tail = "/".join(self._open[-2:])
        return next((name for name in _HEADER if tail == name or self._open[-1] == name), "")

    def _is_header(self) -> bool:
        return "table" not in self._open and bool(self._header_name())


def _reject_doctype(*_arguments: Any) -> None:
    raise UnreadableFile(_("The XML declares a document type or entities. These files are rejected."))
