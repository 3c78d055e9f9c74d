"""Which answers anybody may keep, and for how long: never one person's, and not beyond a change that is known ahead."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from math import inf
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest
from django.utils.cache import patch_cache_control

from wagtail_pledge.conf import get_setting

#: Seconds that anybody may keep an answer with names: a name that is withdrawn leaves all copies soon.
NAMES_MAX_AGE: Final = 30
#: Attribute of an answer that anybody may keep: the names in its query that it depends on.
QUERY: Final = "pledge_query"


def has_session(request: HttpRequest) -> bool:
    """Whether somebody is logged in, or was: the cookie is there; no query."""
    return settings.SESSION_COOKIE_NAME in request.COOKIES


def is_anybodys(request: HttpRequest) -> bool:
    """Whether whoever asks gets the same answer: nothing is sent, nobody is logged in, and it is no preview."""
    known = has_session(request) or "Authorization" in request.headers
    return request.method in {"GET", "HEAD"} and not known and not getattr(request, "is_preview", False)


def change_in(request: HttpRequest, seconds: float | None) -> None:
    """Note that what the answer shows changes by itself so soon; ``None``: it doesn't."""
    if seconds is not None:
        request.pledge_change_in = min(seconds, _change_in(request))  # type: ignore[attr-defined]


def _change_in(request: HttpRequest) -> float:
    return float(getattr(request, "pledge_change_in", inf))


def shows_names(request: HttpRequest) -> None:
    """Note that the answer names signers."""
    request.pledge_shows_names = True  # type: ignore[attr-defined]


def depends_on(request: HttpRequest, names: Iterable[str]) -> None:
    """Note the names in the query of the address that the answer depends on."""
    request.pledge_query = _query(request).union(names)  # type: ignore[attr-defined]


def _query(request: HttpRequest) -> frozenset[str]:
    return getattr(request, "pledge_query", frozenset())


def shared(request: HttpRequest, response: Any, *, public: bool = True) -> Any:
    """Let anybody keep ``response`` for ``PAGE_MAX_AGE`` seconds, or nobody where it is one person's or not ``public``.

    A header of the site's own stays. This is decided when it is rendered: a template of the site may have asked for the
    session, or for a token that comes with a cookie.
    """
    decide = partial(_decide, request, public)
    if hasattr(response, "add_post_render_callback"):
        response.add_post_render_callback(decide)
    else:
        decide(response)
    return response


def _decide(request: HttpRequest, public: bool, response: Any) -> None:
    if not public or response.status_code != 200 or not is_anybodys(request) or _is_personal(request, response):
        patch_cache_control(response, private=True, no_store=True)
        return
    if not response.has_header("Cache-Control"):
        patch_cache_control(response, public=True, max_age=int(min(get_setting("PAGE_MAX_AGE"), _change_in(request))))
    if getattr(request, "pledge_shows_names", False) and "no-store" not in response["Cache-Control"]:
        # The shorter of the two wins, also over a header of the site's own
        patch_cache_control(response, max_age=NAMES_MAX_AGE, must_revalidate=True)
    setattr(response, QUERY, _query(request))


def _is_personal(request: HttpRequest, response: Any) -> bool:
    """Whether making the answer has looked at the visitor's session or is about to give a cookie."""
    session = getattr(request, "session", None)
    token = request.META.get("CSRF_COOKIE_NEEDS_UPDATE", False)
    return bool(response.cookies or token or getattr(session, "accessed", False))
