"""Package URLs stand outside the language prefix: they choose their own language and don't vary on the browser's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial, wraps
from typing import Any, Final
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.http.response import ResponseHeaders
from django.utils import translation

from wagtail_pledge.core.http import render_within

#: Open Graph names a territory with each language; these are not the language's own name in capitals.
_TERRITORIES: Final[Mapping[str, str]] = {
    "cs": "CZ", "da": "DK", "el": "GR", "en": "US", "et": "EE", "fa": "IR", "he": "IL", "hi": "IN", "ja": "JP",
    "ko": "KR", "sl": "SI", "sq": "AL", "sv": "SE", "uk": "UA", "vi": "VN", "zh": "CN",
}  # fmt: skip


class _NoLanguageVaryHeaders(ResponseHeaders):
    """Headers that refuse ``Vary: Accept-Language``, which LocaleMiddleware adds after the view."""

    def __setitem__(self, key: Any, value: Any) -> None:
        if str(key).lower() == "vary":
            kept = [name for name in str(value).split(",") if name.strip().lower() != "accept-language"]
            if not kept:
                return
            value = ",".join(kept)
        super().__setitem__(key, value)


def without_language_vary(response: HttpResponseBase) -> HttpResponseBase:
    """Return ``response`` with its language settled: caches keep one copy, whatever the browser prefers."""
    before: Mapping[str, str] = dict(response.headers.items())
    response.headers = _NoLanguageVaryHeaders(before)
    return response


def supported_language(code: str | None) -> str:
    """Return ``code`` if the site knows it, else the site's default language."""
    return code if code in dict(settings.LANGUAGES) and code else settings.LANGUAGE_CODE


def restores_language(view: Callable[..., Any]) -> Any:
    """Decorate a view that activates a language: afterwards the language from before is active again.

    A site without ``LocaleMiddleware`` activates none, so the next request in the same thread would keep ours. The
    response names its language in ``Content-Language``, as that middleware would do, and is rendered in it.
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


def activate_requested_language(request: HttpRequest, own: str = "") -> str:
    """Activate what ``?lang=`` asks for, else ``own``, else what the browser prefers, and return it.

    For one person's answers, which nobody keeps: with no language known, the browser's guess beats the site's.
    """
    known = dict(settings.LANGUAGES)
    named = next((code for code in (request.GET.get("lang"), own) if code in known), None)
    return activate_language(request, named or translation.get_language_from_request(request))


def language_query(code: str) -> str:
    """Return what asks for the language at the end of an address; ``""`` for the site's own, which needs no asking."""
    return "" if code == settings.LANGUAGE_CODE else f"?lang={quote(code)}"


def open_graph_locale(code: str) -> str:
    """Return a language code as Open Graph writes it: ``en_US``, ``pt_BR``, ``ar_AR``; ``""`` for none."""
    language, _, territory = translation.to_locale(code).partition("_")
    known = territory if len(territory) == 2 else _TERRITORIES.get(language, language.upper())
    return f"{language}_{known}" if language else ""
