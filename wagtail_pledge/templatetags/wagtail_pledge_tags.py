"""Template tags and filters of the public templates."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any, Final
from urllib.parse import urljoin

from django import template
from django.utils import timezone

from wagtail_pledge.campaigns.theme import colours_url
from wagtail_pledge.core.i18n import format_day, format_number, open_graph_locale
from wagtail_pledge.treaties.models import State
from wagtail_pledge.treaties.states import display_name

register = template.Library()

#: The end of a paragraph or of a list, which in an editor's rich text contains no other list at the start.
_FIRST_END: Final = re.compile(r"</p>|</[uo]l>(?!\s*</li>)")


@register.filter
def pledge_number(value: int | None) -> str:
    """Return ``value`` with the digit grouping of the active language; ``""`` for ``None``."""
    return "" if value is None else format_number(value)


@register.filter
def pledge_day(value: dt.date | None) -> str:
    """Return a date in the format of all pages and mails; ``""`` for ``None``.

    A datetime is first converted to the current time zone; for one of a campaign, pass ``pledge.local_day(…)``.
    """
    if isinstance(value, dt.datetime):
        value = value.astimezone(timezone.get_current_timezone()).date()
    return format_day(value) if value else ""


@register.filter
def pledge_state(value: State) -> str:
    """Return the name of a State in the active language."""
    return display_name(key=value.key, iso2=value.iso2, name=value.name)


@register.filter
def pledge_first_paragraph(html: str) -> tuple[str, str]:
    """Return rich text split after its first paragraph or list: (first part, rest); the rest is empty if it is one."""
    end = _FIRST_END.search(html)
    return (html[: end.end()], html[end.end() :].strip()) if end else (html, "")


@register.simple_tag(takes_context=True)
def pledge_colours(context: dict[str, Any]) -> str:
    """Return the URL of the stylesheet with the site's colours; ``""`` without such colours or without a request."""
    request = context.get("request")
    return colours_url(request) if request else ""


@register.filter
def pledge_absolute(value: Any, base: Any) -> str:
    """Return the URL ``value`` made absolute with ``base``; unchanged if there is no base."""
    return urljoin(str(base or ""), str(value or ""))


@register.filter
def pledge_og_locale(value: str | None) -> str:
    """Return a language code in Open Graph format, such as ``en_US``."""
    return open_graph_locale(value or "")
