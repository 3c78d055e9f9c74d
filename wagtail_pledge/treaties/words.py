"""Dates, numbers and lists as a reader of the active language expects them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.utils.formats import date_format, get_format, number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, pgettext

from wagtail_pledge.treaties.states import normalize_name


@dataclass(frozen=True, slots=True, kw_only=True)
class DayInWords:
    """A day: ``html`` is ``<time datetime="{{ iso }}">{{ words }}</time>``."""

    iso: str
    words: str
    html: SafeString


def date_in_words(day: dt.date) -> str:
    """Return "3 February 2026", or what the active language's own format makes of the day."""
    return _date_in_words(day, get_language() or "en")


def _date_in_words(day: dt.date, language: str) -> str:
    english = language.partition("-")[0] == "en"
    return date_format(day, "j F Y" if english else get_format("DATE_FORMAT"))


@lru_cache(maxsize=8192)  # a page of a treaty says hundreds of days, most of them twice
def _day_in_words(day: dt.date, language: str) -> DayInWords:
    words = _date_in_words(day, language)
    html = format_html('<time datetime="{}">{}</time>', day.isoformat(), words)
    return DayInWords(iso=day.isoformat(), words=words, html=html)


def day_in_words(day: dt.date | None) -> DayInWords | None:
    """Return the day for machines and for people; ``None`` for a day that is not known."""
    return _day_in_words(day, get_language() or "en") if day else None


def label_in_words(choice: Any) -> str:
    """Return the label of a choice in the active language."""
    return _label_in_words(choice, get_language() or "en")


@lru_cache(maxsize=1024, typed=True)  # typed: choices of two kinds may have one value
def _label_in_words(choice: Any, language: str) -> str:
    return str(choice.label)


def number_in_words(number: int) -> str:
    """Return the number grouped as the active language groups."""
    return number_format(number, use_l10n=True, force_grouping=True)


def list_in_words(names: Sequence[str]) -> str:
    """Return "Mexico", "Mexico and the Philippines" or "Mexico, Peru and the Philippines"."""
    if len(names) < 2:
        return "".join(names)
    first, last = names[:-1], names[-1]
    # Spanish says "e" instead of "y" before the sound "i": "México e Indonesia".
    if normalize_name(last).startswith(("i", "hi")):
        joined = pgettext("list, its last name starts with the sound i", "%(first)s and %(last)s")
    else:
        joined = pgettext("list", "%(first)s and %(last)s")
    return joined % {"first": pgettext("list", ", ").join(first), "last": last}
