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
class FormattedDate:
    """A day: ``html`` is ``<time datetime="{{ iso }}">{{ words }}</time>``."""

    iso: str
    words: str
    html: SafeString


def format_date(day: dt.date) -> str:
    """Return "3 February 2026", or what the active language's own format makes of the day."""
    return _format_date(day, get_language() or "en")


def _format_date(day: dt.date, language: str) -> str:
    english = language.partition("-")[0] == "en"
    return date_format(day, "j F Y" if english else get_format("DATE_FORMAT"))


@lru_cache(maxsize=8192)  # a page of a treaty says hundreds of days, most of them twice
def _formatted_date(day: dt.date, language: str) -> FormattedDate:
    words = _format_date(day, language)
    html = format_html('<time datetime="{}">{}</time>', day.isoformat(), words)
    return FormattedDate(iso=day.isoformat(), words=words, html=html)


def formatted_date(day: dt.date | None) -> FormattedDate | None:
    """Return the day for machines and for people; ``None`` for a day that is not known."""
    return _formatted_date(day, get_language() or "en") if day else None


def choice_label(choice: Any) -> str:
    """Return the label of a choice in the active language."""
    return _choice_label(choice, get_language() or "en")


@lru_cache(maxsize=1024, typed=True)  # typed: choices of two kinds may have one value
def _choice_label(choice: Any, language: str) -> str:
    return str(choice.label)


def format_number(number: int) -> str:
    """Return the number grouped as the active language groups."""
    return number_format(number, use_l10n=True, force_grouping=True)


def format_list(names: Sequence[str]) -> str:
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
