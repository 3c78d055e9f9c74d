"""Alphabetical order of names per language: the root collation of CLDR as far as names need it, and its tailorings.

A table per language instead of ICU, which would be another compiled dependency. Languages that are not in the table
(English, French, German, Portuguese, Italian, Dutch, Arabic and others) sort in the root order. Chinese, Japanese and
Korean names sort by code point.
"""

# ruff: noqa: RUF001 - letters of many alphabets
from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Final

from wagtail_pledge.core.text import without_ignorable, words

#: Letters without a Unicode decomposition, and how they are sorted.
_UNMARKED: Final = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ł": "l", "ŋ": "n", "ŧ": "t", "þ": "th", "ə": "e"}
)
_NORDIC: Final = ("z æ|ä ø|ö å|aa",)
_SOUTH_SLAVIC: Final = ("c č ć", "d dž đ", "l lj", "n nj", "s š", "z ž")
_CYRILLIC: Final = ("и й",)
#: By language: a letter and those that sort after all words that begin with it, in this order. "|" joins spellings of
#: one letter; several characters are one letter of that alphabet.
_TAILORINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "az": ("c ç", "e ə", "g ğ", "h x ı", "k q", "o ö", "s ş", "u ü"),
    "be": ("е ё", "з і й", "у ў"),
    "bg": _CYRILLIC,
    "bs": _SOUTH_SLAVIC,
    "cs": ("c č", "h ch", "r ř", "s š", "z ž"),
    "da": _NORDIC,
    "eo": ("c ĉ", "g ĝ", "h ĥ", "j ĵ", "s ŝ", "u ŭ"),
    "es": ("n ñ",),
    "et": ("s š z ž", "w õ ä ö ü"),
    "eu": ("n ñ",),
    "fi": ("z å ä|æ ö|ø",),
    "fil": ("n ñ ng",),
    "gl": ("n ñ",),
    "hr": _SOUTH_SLAVIC,
    "hu": ("c cs", "d dz dzs", "g gy", "l ly", "n ny", "o ö|ő", "s sz", "t ty", "u ü|ű", "z zs"),
    "is": ("a á", "d ð", "e é", "i í", "o ó", "u ú", "y ý", "z þ æ|ä ö|ø å"),
    "lt": ("c č", "s š", "z ž"),
    "lv": ("c č", "g ģ", "k ķ", "l ļ", "n ņ", "r ŗ", "s š", "z ž"),
    "mk": ("д ѓ", "з ѕ", "и ј", "л љ", "н њ", "т ќ", "ч џ"),
    "nb": _NORDIC,
    "nn": _NORDIC,
    "no": _NORDIC,
    "pl": ("a ą", "c ć", "e ę", "l ł", "n ń", "o ó", "s ś", "z ź ż"),
    "ro": ("a ă â", "i î", "s ș|ş", "t ț|ţ"),
    "ru": _CYRILLIC,
    "sk": ("a ä", "c č", "h ch", "o ô", "s š", "z ž"),
    "sl": ("c č ć", "d đ", "s š", "z ž"),
    "sq": ("c ç", "d dh", "e ë", "g gj", "l ll", "n nj", "r rr", "s sh", "t th", "x xh", "z zh"),
    "sr": ("д ђ", "и ј", "л љ", "н њ", "т ћ", "ч џ", *_SOUTH_SLAVIC),
    "sv": ("z å ä|æ ö|ø",),
    "tr": ("c ç", "g ğ", "h ı", "o ö", "s ş", "u ü"),
    "uk": ("г ґ", "и і ї й", "е є"),
    "vi": ("a ă â", "d đ", "e ê", "o ô ơ", "u ư"),
}
#: By language: letters that are sorted as another one, and differ from it as accents do.
_SAME: Final[Mapping[str, Mapping[int, str]]] = {
    "lt": {ord("y"): "i"},
    **{language: {ord("ü"): "y", ord("ű"): "y"} for language in ("da", "fi", "nb", "nn", "no", "sv")},
}
#: First of the characters that sort after every letter; the tailored letters of one base letter get one each.
_AFTER: Final = 0x20000
#: Languages whose small I has no dot.
_DOTLESS: Final = frozenset({"az", "tr"})


@cache
def _replacements(language: str) -> tuple[re.Pattern[str], Mapping[str, str]] | None:
    """Return the pattern of a language's own letters and their replacements; ``None`` for the root order."""
    replacements: dict[str, str] = {}
    for tailoring in _TAILORINGS.get(language, ()):
        base, *letters = tailoring.split(" ")
        for number, letter in enumerate(letters):
            for spelling in letter.split("|"):
                replacements[spelling] = f"{base}{chr(_AFTER + number)}"
    if not replacements:
        return None
    longest_first = sorted(replacements, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first))), replacements


@lru_cache(maxsize=8192)
def sort_key(name: str, language: str = "") -> tuple[str, str]:
    """Return a sort key for the alphabetical order of ``language``: by letters, then by accents, ignoring case."""
    base = language.partition("-")[0].lower()
    cased = name.translate({ord("I"): "ı", ord("İ"): "i"}) if base in _DOTLESS else name
    text = unicodedata.normalize("NFC", cased.casefold())
    found = _replacements(base)
    if found:
        pattern, replacements = found
        text = pattern.sub(lambda match: replacements[match[0]], text)
    base_letters = text.translate(_SAME.get(base, {})).translate(_UNMARKED)
    bare = "".join(char for char in unicodedata.normalize("NFKD", base_letters) if not unicodedata.combining(char))
    return words(without_ignorable(bare)), text
