"""Finds numbers that somebody typed beside a treaty's name: they were true once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from wagtail_pledge.treaties.models import Treaty

#: A number this near to the name is taken to be about the treaty, in characters.
MAX_DISTANCE: Final = 240
#: A count of States: up to three digits, with a word about States, joining or signing soon after, or before it.
_WORDS: Final = (
    r"states?\b|countr|nations?\b|part(?:y|ies|e|es)\b|signator|signed|ratif|acced|members?\b"
    r"|estados?\b|pa[ií]ses|firma|ratific|adhiri|adherid|miembros?\b|[ée]tats?\b|pays\b|sign[ée]|الدول|دولة"
)
_COUNT: Final = re.compile(rf"(?<![\w.,/-])(\d{{1,3}})(?![\w/-]|[.,]\d)[^.!?\d]{{0,40}}?(?:{_WORDS})", re.IGNORECASE)
#: What makes a number something else: an article, a number of a document, a day of a month.
_OTHER: Final = re.compile(r"(?:\bart(?:icles?|[íi]culos?|\.)?|\bnos?\.|\bn[.º°]|#|§)\s*\(?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class HardcodedNumber:
    """One number beside a treaty's name, with the words around it."""

    treaty: str
    number: str
    excerpt: str


def names_by_treaty() -> dict[str, tuple[str, ...]]:
    """Return what each treaty is called in any language, by its key: two queries."""
    return {treaty.key: tuple(_names(treaty)) for treaty in Treaty.objects.with_names()}


def _names(treaty: Treaty) -> Iterator[str]:
    said = {treaty.title, *(name.title for name in treaty.names.all())}
    in_sentence = {treaty.name, *(name.name for name in treaty.names.all())}
    # Without its article: "the Migrant Workers Convention" is also called "Migrant Workers Convention"
    said |= {name.partition(" ")[2] if len(name.partition(" ")[0]) <= 3 else name for name in in_sentence}
    said |= {part.strip() for part in treaty.short_name.split("/")}
    yield from sorted((name for name in said if len(name) > 2), key=len, reverse=True)


def find_hardcoded_numbers(text: str, names: Mapping[str, Iterable[str]]) -> list[HardcodedNumber]:
    """Return the numbers in ``text`` that stand near a treaty's name and seem to count States. Each once."""
    found: dict[tuple[str, int], HardcodedNumber] = {}
    for key, labels in names.items():
        for start, end in _mentions(text, labels):
            begin = max(0, start - MAX_DISTANCE)
            for match in _COUNT.finditer(text[begin : end + MAX_DISTANCE]):
                place = begin + match.start(1)
                if not _OTHER.search(text[max(0, place - 12) : place]):
                    found.setdefault((key, place), _hardcoded_number(key, text, place, match.group(1)))
    return list(found.values())


def _mentions(text: str, labels: Iterable[str]) -> Iterator[tuple[int, int]]:
    for name in labels:
        for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE):
            yield match.span()


def _hardcoded_number(key: str, text: str, place: int, number: str) -> HardcodedNumber:
    excerpt = " ".join(text[max(0, place - 60) : place + 100].split())
    return HardcodedNumber(treaty=key, number=number, excerpt=excerpt)
