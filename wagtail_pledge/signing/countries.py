"""Countries in the reader's language and order."""

from __future__ import annotations

from functools import lru_cache

from django.utils.translation import get_language, override
from django_countries import countries


@lru_cache(maxsize=32)
def _choices(language: str) -> tuple[tuple[str, str], ...]:
    with override(language):
        return tuple((code, str(name)) for code, name in countries)


def country_choices(first: str = "") -> list[tuple[str, str]]:
    """Return (ISO alpha-2, name) pairs sorted by the active language, the campaign's country ``first``."""
    found = _choices(get_language() or "en")
    front = [pair for pair in found if pair[0] == first]
    return [*front, *(pair for pair in found if pair[0] != first)]


def country_name(code: str) -> str:
    """Return the name in the active language, ``""`` for an unknown code."""
    return dict(_choices(get_language() or "en")).get(code, "")
