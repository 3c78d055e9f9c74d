"""Country names and choices in the active language.

Separate because kinds, questions, forms and the admin use it, and kinds and questions must not import each other.
"""

from __future__ import annotations

from functools import lru_cache

from django.utils.translation import get_language, override
from django_countries import countries


@lru_cache(maxsize=32)
def _choices(language: str) -> tuple[tuple[str, str], ...]:
    with override(language):
        return tuple((code, str(name)) for code, name in countries)


def country_choices(first: str = "") -> list[tuple[str, str]]:
    """Return (ISO alpha-2 code, name) pairs sorted by name in the active language, after the country ``first``."""
    return sorted(_choices(get_language() or "en"), key=lambda pair: pair[0] != first)


def country_name(code: str) -> str:
    """Return the country's name in the active language, ``""`` for an unknown code (ISO alpha-2)."""
    return dict(_choices(get_language() or "en")).get(code, "")
