"""Formats dates and lists for the active language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, pgettext

from wagtail_pledge.core.i18n import format_day
from wagtail_pledge.treaties.states import normalize_name


@dataclass(frozen=True, slots=True, kw_only=True)
class FormattedDate:
    """A formatted date: ``html`` is ``<time datetime="{{ iso }}">{{ text }}</time>``."""

    iso: str
    text: str
    html: SafeString


def format_date(day: dt.date) -> str:
    """Return the date as "3 February 2026" in English, else in the active language's ``DATE_FORMAT``."""
    return format_day(day)


@lru_cache(maxsize=8192)  # a treaty's page shows hundreds of dates, most of them twice
def _formatted_date(day: dt.date, language: str) -> FormattedDate:
    text = format_day(day, language)
    html = format_html('<time datetime="{}">{}</time>', day.isoformat(), text)
    return FormattedDate(iso=day.isoformat(), text=text, html=html)


def formatted_date(day: dt.date | None) -> FormattedDate | None:
    """Return the date as ISO 8601, text and HTML; ``None`` for ``None``."""
    return _formatted_date(day, get_language() or "en") if day else None


def choice_label(choice: Any) -> str:
    """Return the label of a choice in the active language."""
    return _choice_label(choice, get_language() or "en")


@lru_cache(maxsize=1024, typed=True)  # typed: members of two enums may have equal values
def _choice_label(choice: Any, language: str) -> str:
    return str(choice.label)


def format_list(names: Sequence[str]) -> str:
    """Return "Mexico", "Mexico and the Philippines" or "Mexico, Peru and the Philippines"."""
    if len(names) < 2:
        return "".join(names)
    first, last = names[:-1], names[-1]
    # Spanish uses "e" instead of "y" before the sound "i": "México e Indonesia".
    if normalize_name(last).startswith(("i", "hi")):
        joined = pgettext("list, its last name starts with the sound i", "%(first)s and %(last)s")
    else:
        joined = pgettext("list", "%(first)s and %(last)s")
    return joined % {"first": pgettext("list", ", ").join(first), "last": last}
