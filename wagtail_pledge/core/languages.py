"""Languages of the message catalogues that Django does not know, or whose dates and numbers it does not write.

A site lists them in ``LANGUAGES`` as any other.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.conf.locale import LANG_INFO
from django.utils.dateformat import format as format_with

from wagtail_pledge.conf import get_setting

#: As in ``django.conf.locale.LANG_INFO``.
_INFO: Final[Mapping[str, Mapping[str, Any]]] = {
    "fil": {"bidi": False, "code": "fil", "name": "Filipino", "name_local": "Filipino"},
    "ht": {"bidi": False, "code": "ht", "name": "Haitian Creole", "name_local": "Kreyòl Ayisyen"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Formats:
    """How a language writes dates, times and numbers; ``day`` has the placeholders ``day``, ``month`` and ``year``."""

    day: str
    months: tuple[str, ...]
    time: str
    thousands: str


#: Django has no formats for Filipino. Those for Haitian Creole came with Django 6, without names of months.
_FORMATS: Final[Mapping[str, Formats]] = {
    "fil": Formats(
        day="{month} {day}, {year}",
        months=(
            "Enero", "Pebrero", "Marso", "Abril", "Mayo", "Hunyo",
            "Hulyo", "Agosto", "Setyembre", "Oktubre", "Nobyembre", "Disyembre",
        ),
        time="g:i A",
        thousands=",",
    ),
    "ht": Formats(
        day="{day} {month} {year}",
        months=(
            "janvye", "fevriye", "mas", "avril", "me", "jen",
            "jiyè", "out", "septanm", "oktòb", "novanm", "desanm",
        ),
        time="H:i",
        thousands="\xa0",
    ),
}  # fmt: skip
#: Django writes Vietnamese dates with a capital and a zero, "Ngày 03 tháng 2 năm 2026", which is wrong in a sentence.
_DAY_FORMATS: Final[Mapping[str, str]] = {"vi": r"\n\gà\y j \t\há\n\g n \nă\m Y"}
#: Languages without country names in django-countries, and the one whose names their readers know.
_COUNTRY_NAMES: Final[Mapping[str, str]] = {"fil": "en", "ht": "fr"}

#: Catalogues that no native reader has reviewed. Once one has, delete the code here and change docs/howto/languages.md.
UNREVIEWED: Final = frozenset({"ar", "de", "es", "fil", "fr", "ht", "it", "ko", "nl", "pl", "pt-br", "vi", "zh-hans"})


def register_languages() -> None:
    """Tell Django the names and direction of the languages it does not know; its own entries stay as they are."""
    for code, info in _INFO.items():
        LANG_INFO.setdefault(code, dict(info))


def is_unreviewed(language: str) -> bool:
    """Return whether the package has texts in the language that no native reader has reviewed, for it or the site."""
    return language in UNREVIEWED and language not in get_setting("REVIEWED_LANGUAGES")


def own_day(day: dt.date, language: str) -> str:
    """Return the date as the language writes it; ``""`` for a language whose format Django has."""
    if language in _DAY_FORMATS:
        return format_with(day, _DAY_FORMATS[language])
    formats = _FORMATS.get(language)
    return formats.day.format(day=day.day, month=formats.months[day.month - 1], year=day.year) if formats else ""


def own_time(time: dt.datetime, language: str) -> str:
    """Return the time of day as the language writes it; ``""`` for a language whose format Django has."""
    return format_with(time, _FORMATS[language].time) if language in _FORMATS else ""


def own_number(number: int, language: str) -> str:
    """Return the number with the language's thousands separator; ``""`` for a language whose format Django has."""
    return f"{number:,}".replace(",", _FORMATS[language].thousands) if language in _FORMATS else ""


def country_names_language(language: str) -> str:
    """Return the language in which to show the names of countries."""
    return _COUNTRY_NAMES.get(language, language)
