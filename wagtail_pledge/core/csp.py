"""The content security policy of public pages: nothing but our own files, nothing inline, in nobody's frame."""

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
NOBODY: Final = ("'none'",)
#: Where files of the site come from; each also gets the origins of static and media files.
_FILES: Final = ("script-src", "style-src", "img-src", "font-src", "connect-src", "media-src")


def content_policy(ancestors: Iterable[str] = NOBODY, *, also: Iterable[str] = ()) -> str:
    """Return the whole policy: ours with the directives that ``WAGTAIL_PLEDGE_CSP`` names in the place of ours.

    ``ancestors`` may show the page in a frame, whatever the setting says unless it is nobody; ``also`` are more origins
    that files come from.
    """
    ours = tuple(dict.fromkeys((SELF, *_origins(), *also)))
    policy: dict[str, Iterable[str]] = {
        "default-src": NOBODY,
        **dict.fromkeys(_FILES, ours),
        "img-src": (*ours, "data:"),
        "form-action": (SELF,),
        "base-uri": NOBODY,
        "frame-ancestors": NOBODY,
        **_own(),
    }
    if tuple(ancestors) != NOBODY:
        policy["frame-ancestors"] = ancestors
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in policy.items() if sources)


def _own() -> Mapping[str, Iterable[str]]:
    return get_setting("CSP") or {}


def _origins() -> list[str]:
    """Return the origins of static and media files where these are not the page's."""
    addresses = (static("wagtail_pledge/js/pledge.js"), settings.MEDIA_URL)
    return [origin for origin in map(_origin, addresses) if origin]


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme or 'https'}://{parts.netloc}" if parts.netloc else ""


def with_policy(request: HttpRequest, response: Any) -> Any:
    """Add the policy to a public page, unless it brings its own or the setting leaves it to the site.

    The preview panel shows the page in a frame of the admin, and the bar of editors comes with the admin's files.
    """
    if get_setting("CSP") is not None and not response.has_header(HEADER):
        previewed = getattr(request, "is_preview", False)
        admin = _origin(str(getattr(settings, "WAGTAILADMIN_BASE_URL", None) or "")) if has_session(request) else ""
        also = (admin,) if admin else ()
        response[HEADER] = content_policy((SELF,) if previewed else NOBODY, also=also)
    return response
