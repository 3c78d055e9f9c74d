"""Cache headers: decides which responses shared caches may store, and for how long."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from math import inf
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest
from django.utils.cache import patch_cache_control

from wagtail_pledge.conf import get_setting

#: max-age in seconds of responses with signers' names, so that a withdrawn name soon disappears from all caches.
NAMES_MAX_AGE: Final = 30
#: Attribute of shared-cacheable responses: the query parameters that the response depends on.
QUERY_ATTRIBUTE: Final = "pledge_query"


def has_session(request: HttpRequest) -> bool:
    """Return whether the request has a session cookie, valid or not; no query."""
    return settings.SESSION_COOKIE_NAME in request.COOKIES


def is_shared_cacheable(request: HttpRequest) -> bool:
    """Return whether everybody gets the same response: a GET or HEAD without a session that is not a preview."""
    is_authenticated = has_session(request) or "Authorization" in request.headers
    return request.method in {"GET", "HEAD"} and not is_authenticated and not getattr(request, "is_preview", False)


def limit_max_age(request: HttpRequest, seconds: float | None) -> None:
    """Limit the max-age of the response: its content is known to change in ``seconds`` (``None``: no known change)."""
    if seconds is not None:
        request.pledge_max_age_limit = min(seconds, _max_age_limit(request))  # type: ignore[attr-defined]


def _max_age_limit(request: HttpRequest) -> float:
    return float(getattr(request, "pledge_max_age_limit", inf))


def mark_shows_names(request: HttpRequest) -> None:
    """Record that the response contains names of signers."""
    request.pledge_shows_names = True  # type: ignore[attr-defined]


def mark_has_stamp(request: HttpRequest) -> None:
    """Record that the response contains a form stamp, which is for one visitor: no cache may store it."""
    request.pledge_has_stamp = True  # type: ignore[attr-defined]


def depend_on_query(request: HttpRequest, names: Iterable[str]) -> None:
    """Record the query parameters that the response depends on."""
    request.pledge_query = _query(request).union(names)  # type: ignore[attr-defined]


def _query(request: HttpRequest) -> frozenset[str]:
    return getattr(request, "pledge_query", frozenset())


def with_cache_headers(request: HttpRequest, response: Any, *, public: bool = True) -> Any:
    """Make ``response`` publicly cacheable for ``PAGE_MAX_AGE`` seconds, or ``no-store`` if personal or not ``public``.

    An existing ``Cache-Control`` header of the site is kept. This is decided after rendering: a template of the site
    may access the session, or a CSRF token that sets a cookie.
    """
    decide = partial(_patch_headers, request, public)
    if hasattr(response, "add_post_render_callback"):
        response.add_post_render_callback(decide)
    else:
        decide(response)
    return response


def _patch_headers(request: HttpRequest, public: bool, response: Any) -> None:
    if not public or response.status_code != 200 or not is_shared_cacheable(request) or _is_personal(request, response):
        patch_cache_control(response, private=True, no_store=True)
        return
    if not response.has_header("Cache-Control"):
        patch_cache_control(
            response, public=True, max_age=int(min(get_setting("PAGE_MAX_AGE"), _max_age_limit(request)))
        )
    if getattr(request, "pledge_shows_names", False) and "no-store" not in response["Cache-Control"]:
        # patch_cache_control keeps the smaller max-age, also with a header set by the site
        patch_cache_control(response, max_age=NAMES_MAX_AGE, must_revalidate=True)
    setattr(response, QUERY_ATTRIBUTE, _query(request))


def _is_personal(request: HttpRequest, response: Any) -> bool:
    """Return whether the response has a stamp, or rendering it has accessed the session or set a cookie."""
    session = getattr(request, "session", None)
    token = request.META.get("CSRF_COOKIE_NEEDS_UPDATE", False)
    has_stamp = getattr(request, "pledge_has_stamp", False)
    return bool(has_stamp or response.cookies or token or getattr(session, "accessed", False))
