"""Builds a table of contents from the headings of an HTML text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from typing import Final

from django.utils.html import strip_tags
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify

_HEADING: Final = re.compile(r"<h2((?: (?!id=)[^>]*)?)>(.*?)</h2>", re.DOTALL)
#: A text with fewer headings gets no table of contents.
MIN_HEADINGS: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class TocEntry:
    """A heading and the ``id`` to link to."""

    anchor: str
    title: str


def add_heading_anchors(html: str) -> tuple[SafeString, list[TocEntry]]:
    """Return ``html`` with an ``id`` on each ``h2``, and the entries of the table of contents.

    The list is empty if there are fewer than ``MIN_HEADINGS`` headings.
    """
    entries: list[TocEntry] = []

    def add_anchor(match: re.Match[str]) -> str:
        title = unescape(strip_tags(match[2])).strip()
        slug = slugify(title, allow_unicode=True)
        anchor = slug if slug and slug not in {entry.anchor for entry in entries} else f"part-{len(entries) + 1}"
        entries.append(TocEntry(anchor=anchor, title=title))
        return f'<h2 id="{anchor}"{match[1]}>{match[2]}</h2>'

    text = mark_safe(_HEADING.sub(add_anchor, html))  # noqa: S308 - rendered blocks; a slug has nothing to escape
    return text, entries if len(entries) >= MIN_HEADINGS else []
