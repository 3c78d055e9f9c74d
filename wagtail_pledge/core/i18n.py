"""Language of the package's URLs.

They have no language prefix: each response chooses its language itself and must not vary on ``Accept-Language``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from functools import partial, wraps
from typing import Any, Final
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.http.response import ResponseHeaders
from django.utils import translation
from django.utils.formats import date_format, get_format, number_format

from wagtail_pledge.core.http import render_within
from wagtail_pledge.core.languages import own_day, own_number, own_time

#: Territories for Open Graph, which requires one with each language; other languages use their code in capitals.
_TERRITORIES: Final[Mapping[str, str]] = {
    "cs": "CZ", "da": "DK", "el": "GR", "en": "US", "et": "EE", "fa": "IR", "he": "IL", "hi": "IN", "ja": "JP",
    "ko": "KR", "sl": "SI", "sq": "AL", "sv": "SE", "uk": "UA", "vi": "VN", "zh": "CN",
}  # fmt: skip


class _NoLanguageVaryHeaders(ResponseHeaders):
    """Response headers that drop ``Vary: Accept-Language``, which ``LocaleMiddleware`` adds after the view."""

    def __setitem__(self, key: Any, value: Any) -> None:
        if str(key).lower() == "vary":
            kept = [name for name in str(value).split(",") if name.strip().lower() != "accept-language"]
            if not kept:
                return
            value = ",".join(kept)
        super().__setitem__(key, value)


def without_language_vary(response: HttpResponseBase) -> HttpResponseBase:
    """Return ``response`` without ``Vary: Accept-Language``, so that caches store one copy for all browsers."""
    # The same headers with other rules: a copy would check each of them again
    response.headers.__class__ = _NoLanguageVaryHeaders
    vary = response.headers.get("Vary")
    if vary is not None:
        del response.headers["Vary"]
        response.headers["Vary"] = vary
    return response


def default_language() -> str:
    """Return the language of ``LANGUAGES`` for ``LANGUAGE_CODE``: ``en`` for ``en-us``, as new projects have it."""
    try:
        return translation.get_supported_language_variant(settings.LANGUAGE_CODE)
    except LookupError:
        return settings.LANGUAGE_CODE


def supported_language(code: str | None) -> str:
    """Return ``code`` if it is in ``LANGUAGES``, else the :func:`default_language`."""
    return code if code in dict(settings.LANGUAGES) and code else default_language()


def restores_language(view: Callable[..., Any]) -> Any:
    """Decorator for a view that activates a language; restores the previous language afterwards.

    Without ``LocaleMiddleware`` nothing resets the language, so the next request in the same thread would inherit it.
    The response is rendered in the view's language and gets ``Content-Language``, as that middleware would set it.
    """

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        with translation.override(translation.get_language()):
            response = view(request, *args, **kwargs)
            language = translation.get_language()
        if language:
            response.headers.setdefault("Content-Language", language)
        return render_within(response, partial(translation.override, language))

    return inner


def activate_language(request: HttpRequest, code: str | None) -> str:
    """Activate ``code`` (or the default language) for the rest of the view and return it.

    The view must be decorated with :func:`restores_language`.
    """
    language = supported_language(code)
    translation.activate(language)
    request.LANGUAGE_CODE = language
    return language


def activate_requested_language(request: HttpRequest, preferred: str = "") -> str:
    """Activate the language of ``?lang=``, else ``preferred``, else the browser's, and return it.

    For personal responses, which are not cached: they may depend on the browser's language.
    """
    languages = dict(settings.LANGUAGES)
    code = next((code for code in (request.GET.get("lang"), preferred) if code in languages), None)
    return activate_language(request, code or translation.get_language_from_request(request))


def format_day(day: dt.date, language: str = "") -> str:
    """Return the date as "3 February 2026" in English, else in the ``DATE_FORMAT`` of the language (the active one)."""
    language = language or translation.get_language() or "en"
    if own := own_day(day, language):
        return own
    return date_format(day, "j F Y" if _is_english(language) else get_format("DATE_FORMAT"))


def format_number(number: int) -> str:
    """Return the whole number with the thousands separators of the active language."""
    own = own_number(number, translation.get_language() or "en")
    return own or str(number_format(number, decimal_pos=0, use_l10n=True, force_grouping=True))


def _is_english(language: str | None) -> bool:
    return (language or "en").partition("-")[0] == "en"


def time_in_zone(time: dt.datetime, zone: dt.tzinfo) -> str:
    """Return date and time in ``zone`` as the active language writes them, with the zone's name."""
    local = time.astimezone(zone)
    written = date_format(local, "DATETIME_FORMAT")
    language = translation.get_language()
    if own := own_time(local, language or "en"):
        written = f"{format_day(local)}, {own}"
    elif _is_english(language):
        written = f"{format_day(local)}, {date_format(local, 'TIME_FORMAT')}"
    elif (
        get_format("DATETIME_FORMAT") == settings.DATETIME_FORMAT and get_format("DATE_FORMAT") != settings.DATE_FORMAT
    ):
        # Django has no such format for the language, for instance Arabic, and would write the English order
        written = f"{date_format(local, 'DATE_FORMAT')} {date_format(local, 'TIME_FORMAT')}"
    return f"{written} {local.tzname()}"


def language_query(code: str) -> str:
    """Return the query string that selects a language, such as ``?lang=fr``; ``""`` for the site's default."""
    return "" if code == default_language() else f"?lang={quote(code)}"


def open_graph_locale(code: str) -> str:
    """Return a language code as Open Graph writes it: ``en_US``, ``pt_BR``, ``ar_AR``; ``""`` for none."""
    language, _, territory = translation.to_locale(code).partition("_")
    if len(territory) != 2:
        territory = _TERRITORIES.get(language, language.upper())
    return f"{language}_{territory}" if language else ""
