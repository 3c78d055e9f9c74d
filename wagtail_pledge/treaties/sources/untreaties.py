"""The CSV of the untreaties project: the table of participants without its header, brackets and footnotes.

Its brackets were removed, so a party that withdrew looks like a party. Every act is therefore of medium confidence.
"""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from django.utils.translation import gettext_lazy

from wagtail_pledge.treaties.enums import Confidence
from wagtail_pledge.treaties.sources.base import ParsedStatus, TreatySource
from wagtail_pledge.treaties.sources.csv import read_rows
from wagtail_pledge.treaties.sources.participants import ParticipantRow, read_participants
from wagtail_pledge.treaties.states import Resolver


class UntreatiesSource(TreatySource):
    """Reads a table of participants from CSV."""

    name: ClassVar[str] = "untreaties"
    label: ClassVar[str] = gettext_lazy("Table of participants (CSV)")  # type: ignore[assignment]
    extensions: ClassVar[tuple[str, ...]] = (".csv",)

    def can_read(self, filename: str, content: bytes) -> bool:
        """Look at the first heading."""
        return super().can_read(filename, content) and content[:20].lstrip(b'\xef\xbb\xbf"').startswith(b"Participant")

    def parse(self, content: bytes, resolver: Resolver) -> ParsedStatus:
        """Return the acts of every row. The file says neither its day nor how many there are."""
        rows = read_rows(content)
        heading = rows[0][1] if rows else []
        participants = [ParticipantRow(number=number, cells=cells) for number, cells in rows[1:]]
        parsed = read_participants(heading, participants, resolver, source="untreaties", confidence=Confidence.MEDIUM)
        return replace(parsed, origin="untreaties")
