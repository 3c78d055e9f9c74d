"""HTML scanner that extracts tables and selected elements from an uploaded page in one pass.

``html.parser`` takes quadratic time for malformed pages in supported Python versions (CVE-2025-6069), and an element
tree needs a hundred times the file's size in memory. Therefore a regular expression without backtracking scans the
upload, and only table cells, the start of the text and a few labelled elements are kept.
"""

from __future__ import annotations

import html
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

from django.utils.translation import gettext as _

from wagtail_pledge.treaties.sources.base import UnreadableFile, reject_large_file

_TOKEN: Final = re.compile(r"<!--|<(/?+)([a-zA-Z][a-zA-Z0-9]*+)([^<>]*+)>|[^<]++|<")
_ID: Final = re.compile(r"""(?:^|\s)id\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"'>]++))""", re.IGNORECASE)
#: Elements whose content is not text, with the pattern of their end tag.
_RAW: Final = {name: re.compile(rf"</{name}", re.IGNORECASE) for name in ("script", "style")}
_BREAKS: Final = frozenset({"br", "p", "div", "li"})
#: Limits. The longest known page has a few dozen tables, a few thousand cells and about 50,000 tags and texts.
MAX_TABLES: Final = 2_000
MAX_CELLS: Final = 50_000
MAX_TOKENS: Final = 500_000
#: Number of characters kept of each labelled element, and of the page's text.
MAX_LABELLED: Final = 2_000
MAX_TEXT: Final = 20_000


def one_line(text: str) -> str:
    """Return ``text`` with every run of whitespace, including tabs and no-break spaces, replaced by one space."""
    return " ".join(text.split())


@dataclass(slots=True)
class Cell:
    """A table cell. ``links`` contains the raw attributes of its links. Footnote markers are not part of its text."""

    pieces: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The cell's text in one line."""
        return one_line("".join(self.pieces))

    @property
    def lines(self) -> list[str]:
        """The non-empty lines of the cell's text."""
        return [line for piece in "".join(self.pieces).split("\n") if (line := one_line(piece))]


@dataclass(slots=True)
class Table:
    """A table, without the tables inside it. ``inside`` contains the ids of the tables that enclose it."""

    id: str
    inside: tuple[str, ...]
    rows: list[list[Cell]] = field(default_factory=list)

    def add_cell(self) -> None:
        """Start a cell, and a row if there is none yet."""
        if not self.rows:
            self.rows.append([])
        self.rows[-1].append(Cell())

    @property
    def cell(self) -> Cell | None:
        """The cell that is being read, ``None`` before the first one."""
        return self.rows[-1][-1] if self.rows and self.rows[-1] else None


@dataclass(slots=True)
class _Labelled:
    suffix: str
    tag: str
    depth: int = 1
    pieces: list[str] = field(default_factory=list)
    size: int = 0


class Page:
    """The extracted parts of a page.

    ``tables`` is in the order of the start tags. ``labelled`` maps each of ``labels`` to the text of the first element
    whose id ends with it. ``text`` is the beginning of the page's text.
    """

    def __init__(self, text: str, labels: Collection[str] = ()) -> None:
        self.tables: list[Table] = []
        self.labelled: dict[str, str] = {}
        self.text = ""
        self._labels = labels
        self._open: list[Table] = []
        self._reading: list[_Labelled] = []
        self._notes = 0
        self._cells = 0
        self._scan(text)

    def _scan(self, text: str) -> None:
        position = tokens = 0
        while token := _TOKEN.match(text, position):
            position, tokens = token.end(), tokens + 1
            if tokens > MAX_TOKENS:
                raise UnreadableFile(_("The page is longer than any page of a depositary."))
            closing, tag, attributes = token.groups()
            if tag is None:
                position = self._plain(text, token[0], position)
            elif closing:
                self._end(tag.lower())
            else:
                self._start(tag.lower(), attributes)
                position = _after_raw(text, tag.lower(), position)
        for reading in self._reading:
            self._keep(reading)

    def _plain(self, text: str, piece: str, position: int) -> int:
        if piece == "<!--":
            end = text.find("-->", position)
            return len(text) if end < 0 else end + 3
        self._text(html.unescape(piece))
        return position

    def _text(self, text: str) -> None:
        if self._notes:
            return
        cell = self._open[-1].cell if self._open else None
        if cell is not None:
            cell.pieces.append(text)
        if len(self.text) < MAX_TEXT:
            self.text += one_line(text) + " "
        for reading in self._reading:
            if reading.size < MAX_LABELLED:
                reading.pieces.append(text)
                reading.size += len(text)

    def _start(self, tag: str, attributes: str) -> None:
        if tag == "table":
            self._start_table(attributes)
        elif tag == "tr" and self._open:
            self._open[-1].rows.append([])
        elif tag in {"td", "th"} and self._open:
            self._start_cell()
        elif tag == "sup":
            self._notes += 1
        elif tag in _BREAKS:
            self._text("\n")
        elif tag == "a" and self._open and (cell := self._open[-1].cell) is not None:
            cell.links.append(attributes)
        self._start_labelled(tag, attributes)

    def _start_table(self, attributes: str) -> None:
        if len(self.tables) >= MAX_TABLES:
            raise UnreadableFile(_("The page has more tables than any page of a depositary."))
        table = Table(id=_id(attributes), inside=tuple(outer.id for outer in self._open if outer.id))
        self.tables.append(table)
        self._open.append(table)

    def _start_cell(self) -> None:
        self._cells += 1
        if self._cells > MAX_CELLS:
            raise UnreadableFile(_("The page has more cells than any page of a depositary."))
        self._notes = 0
        self._open[-1].add_cell()

    def _start_labelled(self, tag: str, attributes: str) -> None:
        for reading in self._reading:
            reading.depth += tag == reading.tag
        element_id = _id(attributes) if self._labels else ""
        suffix = next((label for label in self._labels if element_id.endswith(label)), None)
        if suffix and suffix not in self.labelled:
            self.labelled[suffix] = ""
            self._reading.append(_Labelled(suffix=suffix, tag=tag))

    def _end(self, tag: str) -> None:
        if tag == "table" and self._open:
            self._open.pop()
        elif tag == "sup":
            self._notes = max(0, self._notes - 1)
        elif tag in _BREAKS:
            self._text("\n")
        for reading in self._reading:
            reading.depth -= tag == reading.tag
            if not reading.depth:
                self._keep(reading)
        self._reading = [reading for reading in self._reading if reading.depth]

    def _keep(self, reading: _Labelled) -> None:
        self.labelled[reading.suffix] = one_line("".join(reading.pieces))[:MAX_LABELLED]


def _after_raw(text: str, tag: str, position: int) -> int:
    """Return the end position of a script or style sheet that starts at ``position``, else ``position``."""
    if tag not in _RAW:
        return position
    end = _RAW[tag].search(text, position)
    return end.start() if end else len(text)


def _id(attributes: str) -> str:
    match = _ID.search(attributes)
    return next((value for value in match.groups() if value is not None), "") if match else ""


def read_page(content: bytes, labels: Collection[str] = ()) -> Page:
    """Return the extracted parts of a page. ``labels`` are id suffixes. Raises :class:`UnreadableFile`."""
    reject_large_file(content)
    if b"\x00" in content:
        raise UnreadableFile(_("The file is not a web page: it contains U+0000."))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("windows-1252", errors="replace")
    return Page(text, labels)
