"""Looks up States by their names and returns their names in the active language.

A name matches only exactly, after normalization; it is never guessed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from django.utils.translation import get_language, override, pgettext_lazy
from django_countries import countries

from wagtail_pledge.core.languages import country_names_language
from wagtail_pledge.treaties.models import State, StateAlias

_MODIFIER_APOSTROPHE: Final = "\u02bc"  # a letter to Unicode, unlike the other apostrophes
_SAINT: Final = re.compile(r"\bst\.")
_FOOTNOTES: Final = re.compile(r"[\s\d,]+$")
_SEPARATORS: Final = re.compile(r"[\W_]+")

#: Names that django-countries lacks or that differ from treaty practice.
_NAMES: Final[dict[str, Any]] = {
    "EU": pgettext_lazy("party to a treaty", "European Union"),
    "PSE": pgettext_lazy("party to a treaty", "State of Palestine"),
    "VAT": pgettext_lazy("party to a treaty", "Holy See"),
}
#: Articles before a name in running text: in English as depositaries write it, in Spanish before names that begin with
#: a singular common noun ("la Santa Sede"). Plural names get no article, so that verbs can stay singular.
# fmt: off
_ARTICLES: Final[Mapping[str, Mapping[str, str]]] = {
    "en": dict.fromkeys((
        "ARE", "BHS", "CAF", "COD", "COG", "COK", "COM", "DOM", "EU", "FSM", "GBR", "GMB", "IRN", "KOR", "LAO", "MDA",
        "MHL", "NLD", "PHL", "PRK", "PSE", "RUS", "SLB", "SYR", "TZA", "USA", "VAT",
    ), "the"),
    "es": {
        **dict.fromkeys(("CAF", "COD", "CYP", "DJI", "DOM", "EU", "TCD", "VAT"), "la"),
        **dict.fromkeys(("GBR", "PSE"), "el"),
    },
}
# fmt: on


@lru_cache(maxsize=2048)
def normalize_name(name: str) -> str:
    """Return the normal form of ``name``: no accents, case, footnote numbers or "(the)", and "St." as "saint".

    Two names match only if their normal forms are equal. A looser comparison confuses Niger and Nigeria.
    """
    text = unicodedata.normalize("NFKD", name.replace(_MODIFIER_APOSTROPHE, "'"))
    text = "".join(char for char in text if not unicodedata.combining(char)).casefold()
    text = _SAINT.sub("saint ", text).replace("(the)", " ")
    return _SEPARATORS.sub(" ", _FOOTNOTES.sub("", text)).strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolver:
    """In-memory lookup of States by name or code."""

    by_key: Mapping[str, State]
    by_name: Mapping[str, State]

    def resolve(self, name: str) -> State | None:
        """Return the State of exactly that name (or known spelling or former name), else ``None``."""
        return self.by_name.get(normalize_name(name))

    def resolve_code(self, iso3: str, iso2: str) -> State | None:
        """Return the State with that alpha-3 code, or, without one, with the party id ``iso2``, such as "EU"."""
        return self.by_key.get(iso3 or iso2)


def load_resolver() -> Resolver:
    """Return a resolver over all States: two queries."""
    by_pk = {state.pk: state for state in State.objects.all()}
    names = StateAlias.objects.values_list("normalized", "state_id")
    return Resolver(
        by_key={state.key: state for state in by_pk.values()},
        by_name={normalized: by_pk[state_id] for normalized, state_id in names},
    )


def resolve(name: str) -> State | None:
    """Return the State of exactly that name, else ``None``: one query. For many names use :func:`load_resolver`."""
    alias = StateAlias.objects.select_related("state").filter(normalized=normalize_name(name)).first()
    return alias.state if alias else None


def _language() -> str:
    return (get_language() or "en").partition("-")[0]


def display_name(*, key: str, iso2: str, name: str) -> str:
    """Return the name in the active language, or ``name`` in English and if there is no translation."""
    if _language() == "en":
        return name
    translated = str(_NAMES.get(key, ""))
    if translated and translated != name:
        return translated
    language = country_names_language(get_language() or "en")
    if language == "en":
        return name
    with override(language):
        country: Any = countries.name(iso2) if iso2 else ""
        return str(country) or name


def name_in_sentence(*, key: str, name: str) -> str:
    """Return a display name with its article, for running text: "the Philippines", "la Santa Sede"."""
    article = _ARTICLES.get(_language(), {}).get(key, "")
    return f"{article} {name}" if article and not name.startswith("The ") else name
