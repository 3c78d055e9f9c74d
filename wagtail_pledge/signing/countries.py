"""Country names and choices in the active language.

Separate because kinds, questions, forms and the admin use it, and kinds and questions must not import each other.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from django.utils.translation import get_language, gettext_lazy, override
from django_countries import countries

from wagtail_pledge.core.collation import sort_key
from wagtail_pledge.core.languages import country_names_language

#: Code of a place that has none, as in CLDR ("unknown region"); always last in the lists.
OTHER: Final = "ZZ"
_OTHER_NAME: Final = gettext_lazy("Another place")
#: Places that ISO 3166-1 lacks, by the code that CLDR and the European Union use. Sites add more with the setting
#: ``COUNTRIES_OVERRIDE`` of django-countries.
_OUTSIDE: Final = {"XK": gettext_lazy("Kosovo")}
#: Territories of ISO 3166-1 where nobody lives all year. They are not offered; a stored one keeps its name.
_UNINHABITED: Final = frozenset({"AQ", "BV", "GS", "HM", "TF", "UM"})
#: The English names of django-countries that are longer than what people say, with the short ones.
_SHORT_NAMES: Final = {"United States of America": "United States"}


@lru_cache(maxsize=32)
def _choices(language: str) -> tuple[tuple[str, str], ...]:
    with override(country_names_language(language)):
        named = [(code, _SHORT_NAMES.get(str(name), str(name))) for code, name in countries]
        known = {code for code, _name in named}
    with override(language):
        named += [(code, str(name)) for code, name in _OUTSIDE.items() if code not in known]
        named.sort(key=lambda pair: sort_key(pair[1], language))
        return (*named, (OTHER, str(_OTHER_NAME)))


def country_choices(first: str = "") -> list[tuple[str, str]]:
    """Return (code, name) pairs sorted by name in the active language, after the country ``first``.

    The codes are ISO 3166-1 alpha-2, with Kosovo and a last choice for any place without a code.
    """
    offered = (pair for pair in _choices(get_language() or "en") if pair[0] not in _UNINHABITED or pair[0] == first)
    return sorted(offered, key=lambda pair: pair[0] != first)


def country_name(code: str) -> str:
    """Return the country's name in the active language, ``""`` for an unknown code (ISO alpha-2)."""
    return dict(_choices(get_language() or "en")).get(code, "")
