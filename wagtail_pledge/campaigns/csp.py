"""Content security policy of public pages: only files of the site, nothing inline, no framing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.templatetags.static import static

from wagtail_pledge.caching.headers import has_session
from wagtail_pledge.conf import get_setting

HEADER: Final = "Content-Security-Policy"
SELF: Final = "'self'"
NONE_SOURCE: Final = ("'none'",)
#: Directives that allow the page's own origin and the origins of static and media files.
_FETCH_DIRECTIVES: Final = ("script-src", "style-src", "img-src", "font-src", "connect-src", "media-src")


def build_csp(ancestors: Iterable[str] = NONE_SOURCE, *, extra_sources: Iterable[str] = ()) -> str:
    """Return the policy: the defaults, overridden by the directives of ``WAGTAIL_PLEDGE_CSP``.

    ``ancestors`` are the origins that may frame the page; unless ``'none'``, they override the setting too.
    ``extra_sources`` are further origins that files may come from.
    """
    default_sources = tuple(dict.fromkeys((SELF, *_origins(), *extra_sources)))
    policy: dict[str, Iterable[str]] = {
        "default-src": NONE_SOURCE,
        **dict.fromkeys(_FETCH_DIRECTIVES, default_sources),
        "img-src": (*default_sources, "data:"),
        "form-action": (SELF,),
        "base-uri": NONE_SOURCE,
        "frame-ancestors": NONE_SOURCE,
        **_overrides(),
    }
    if tuple(ancestors) != NONE_SOURCE:
        policy["frame-ancestors"] = ancestors
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in policy.items() if sources)


def _overrides() -> Mapping[str, Iterable[str]]:
    return get_setting("CSP") or {}


def _origins() -> list[str]:
    """Return the origins of static and media files, unless they are the page's own."""
    addresses = (static("wagtail_pledge/js/pledge.js"), settings.MEDIA_URL)
    return [origin for origin in map(_origin, addresses) if origin]


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme or 'https'}://{parts.netloc}" if parts.netloc else ""


def add_csp_header(request: HttpRequest, response: Any) -> Any:
    """Add the policy to a public page, unless the response has one or the setting is ``None``.

    Previews may be framed by the site itself (the admin's preview panel), and users with a session may load files of
    the admin (the Wagtail user bar).
    """
    if get_setting("CSP") is not None and not response.has_header(HEADER):
        previewed = getattr(request, "is_preview", False)
        admin = _origin(str(getattr(settings, "WAGTAILADMIN_BASE_URL", None) or "")) if has_session(request) else ""
        extra_sources = (admin,) if admin else ()
        response[HEADER] = build_csp((SELF,) if previewed else NONE_SOURCE, extra_sources=extra_sources)
    return response
