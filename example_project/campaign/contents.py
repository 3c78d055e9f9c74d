"""A table of contents, made of the headings of a text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from typing import Final

from django.utils.html import strip_tags
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify

_HEADING: Final = re.compile(r"<h2((?: (?!id=)[^>]*)?)>(.*?)</h2>", re.DOTALL)
#: A text with fewer headings needs no table.
FEWEST: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One heading and the id that it is found by."""

    anchor: str
    title: str


def with_contents(html: str) -> tuple[SafeString, list[Entry]]:
    """Return ``html`` with an id on each second-level heading, and the headings; none of them where they are few."""
    entries: list[Entry] = []

    def named(found: re.Match[str]) -> str:
        title = unescape(strip_tags(found[2])).strip()
        slug = slugify(title, allow_unicode=True)
        anchor = slug if slug and slug not in {entry.anchor for entry in entries} else f"part-{len(entries) + 1}"
        entries.append(Entry(anchor=anchor, title=title))
        return f'<h2 id="{anchor}"{found[1]}>{found[2]}</h2>'

    text = mark_safe(_HEADING.sub(named, html))  # noqa: S308 - rendered blocks; a slug holds nothing to escape
    return text, entries if len(entries) >= FEWEST else []
