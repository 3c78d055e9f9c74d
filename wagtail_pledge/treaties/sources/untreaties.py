"""Source for the CSV files of the untreaties project. Separate because each format has its own module.

The files are tables of participants without header, brackets and footnotes. Without the brackets, a party that has
withdrawn looks like a party. Therefore every act is imported with medium confidence.
"""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from django.utils.translation import gettext_lazy

from wagtail_pledge.treaties.enums import Confidence
from wagtail_pledge.treaties.sources.base import ParsedStatus, TreatySource, UnreadableFile
from wagtail_pledge.treaties.sources.csv import decode_text, read_rows, without_separator_line
from wagtail_pledge.treaties.sources.participants import ParticipantRow, read_participants
from wagtail_pledge.treaties.states import Resolver


class UntreatiesSource(TreatySource):
    """Reads a table of participants from CSV."""

    name: ClassVar[str] = "untreaties"
    label: ClassVar[str] = gettext_lazy("Table of participants (CSV)")  # type: ignore[assignment]
    extensions: ClassVar[tuple[str, ...]] = (".csv",)

    def can_read(self, filename: str, content: bytes) -> bool:
        """Return whether the file is a CSV whose first heading is "Participant"."""
        if not super().can_read(filename, content):
            return False
        try:
            return without_separator_line(decode_text(content))[0].lstrip(' "\r\n').startswith("Participant")
        except UnreadableFile:
            return False

    def parse(self, content: bytes, resolver: Resolver) -> ParsedStatus:
        """Return the acts of every row. The file has neither a status date nor counts."""
        rows = read_rows(content)
        heading = rows[0][1] if rows else []
        participants = [ParticipantRow(number=number, cells=cells) for number, cells in rows[1:]]
        parsed = read_participants(heading, participants, resolver, source="untreaties", confidence=Confidence.MEDIUM)
        return replace(parsed, origin="untreaties")
