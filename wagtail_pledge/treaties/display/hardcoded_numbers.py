"""Finds hardcoded numbers of parties in texts: they become wrong when the treaty's status changes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from wagtail_pledge.treaties.models import Treaty

#: Maximum distance in characters between a treaty's name and a number that is reported.
MAX_DISTANCE: Final = 240
#: Terms that follow a count of States, in English, Spanish, French and Arabic.
_TERMS: Final = (
    r"states?\b|countr|nations?\b|part(?:y|ies|e|es)\b|signator|signed|ratif|acced|members?\b"
    r"|estados?\b|pa[ií]ses|firma|ratific|adhiri|adherid|miembros?\b|[ée]tats?\b|pays\b|sign[ée]|الدول|دولة"
)
#: A count of States: up to three digits, followed by one of the terms within 40 characters of the same sentence.
_COUNT: Final = re.compile(rf"(?<![\w.,/-])(\d{{1,3}})(?![\w/-]|[.,]\d)[^.!?\d]{{0,40}}?(?:{_TERMS})", re.IGNORECASE)
#: Text before a number that is not a count: the number of an article or of a document.
_NOT_A_COUNT: Final = re.compile(r"(?:\bart(?:icles?|[íi]culos?|\.)?|\bnos?\.|\bn[.º°]|#|§)\s*\(?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class HardcodedNumber:
    """A number near the name of the treaty with key ``treaty``, with the surrounding text."""

    treaty: str
    number: str
    excerpt: str


def names_by_treaty() -> dict[str, tuple[str, ...]]:
    """Return the names of each treaty in all languages, by the treaty's key: two queries."""
    return {treaty.key: tuple(_names(treaty)) for treaty in Treaty.objects.prefetch_related("names")}


def _names(treaty: Treaty) -> Iterator[str]:
    names = {treaty.title, *(name.title for name in treaty.names.all())}
    names_in_sentence = {treaty.name, *(name.name for name in treaty.names.all())}
    # Without the article: "Migrant Workers Convention" for "the Migrant Workers Convention"
    names |= {name.partition(" ")[2] if len(name.partition(" ")[0]) <= 3 else name for name in names_in_sentence}
    names |= {part.strip() for part in treaty.short_name.split("/")}
    yield from sorted((name for name in names if len(name) > 2), key=len, reverse=True)


def find_hardcoded_numbers(text: str, names: Mapping[str, Iterable[str]]) -> list[HardcodedNumber]:
    """Return the numbers in ``text`` that are near a treaty's name and look like counts of States, each once.

    ``names`` is the result of :func:`names_by_treaty`.
    """
    found: dict[tuple[str, int], HardcodedNumber] = {}
    for key, labels in names.items():
        for start, end in _mentions(text, labels):
            begin = max(0, start - MAX_DISTANCE)
            for match in _COUNT.finditer(text[begin : end + MAX_DISTANCE]):
                position = begin + match.start(1)
                if not _NOT_A_COUNT.search(text[max(0, position - 12) : position]):
                    found.setdefault((key, position), _hardcoded_number(key, text, position, match.group(1)))
    return list(found.values())


def _mentions(text: str, labels: Iterable[str]) -> Iterator[tuple[int, int]]:
    for name in labels:
        for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE):
            yield match.span()


def _hardcoded_number(key: str, text: str, position: int, number: str) -> HardcodedNumber:
    excerpt = " ".join(text[max(0, position - 60) : position + 100].split())
    return HardcodedNumber(treaty=key, number=number, excerpt=excerpt)
