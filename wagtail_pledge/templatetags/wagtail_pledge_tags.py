"""What the public templates need and Django does not offer."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urljoin

from django import template
from django.utils import timezone
from django.utils.formats import number_format

from wagtail_pledge.campaigns.theme import colours_url
from wagtail_pledge.core.i18n import open_graph_locale
from wagtail_pledge.treaties.models import State
from wagtail_pledge.treaties.states import display_name
from wagtail_pledge.treaties.words import date_in_words

register = template.Library()


@register.filter
def pledge_number(value: int | None) -> str:
    """Return ``value`` as whole digits, grouped as the reader's language groups them; ``""`` for ``None``."""
    if value is None:
        return ""
    return str(number_format(value, decimal_pos=0, use_l10n=True, force_grouping=True))


@register.filter
def pledge_day(value: dt.date | None) -> str:
    """Return a day in words, as the treaty pages write it; of a time, its day here; ``""`` for ``None``."""
    if isinstance(value, dt.datetime):
        value = value.astimezone(timezone.get_current_timezone()).date()
    return date_in_words(value) if value else ""


@register.filter
def pledge_state(value: State) -> str:
    """Return a State's name in the reader's language."""
    return display_name(key=value.key, iso2=value.iso2, name=value.name)


@register.simple_tag(takes_context=True)
def pledge_colours(context: dict[str, Any]) -> str:
    """Return the address of the stylesheet with the site's own colours; ``""`` without, or without a request."""
    request = context.get("request")
    return colours_url(request) if request else ""


@register.filter
def pledge_absolute(value: Any, base: Any) -> str:
    """Return the address ``value`` in full, read from ``base``; as it is where there is no base."""
    return urljoin(str(base or ""), str(value or ""))


@register.filter
def pledge_og_locale(value: str | None) -> str:
    """Return a language code as Open Graph writes it: ``en_US``."""
    return open_graph_locale(value or "")
