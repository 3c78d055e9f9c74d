"""Middleware that caches public pages in the site's cache, for sites without a CDN. A hit needs no database query.

It stores responses that shared caches may store (``caching.headers``), by scheme, host, language and path. All
spellings of a host share a page. The ``max-age`` of a page is split: half of it is the time in this cache, the other
half is sent to the client, so that together they never exceed the original without comparing clocks. Responses that
depend on the query string are not stored, so that made-up URLs can't fill the cache; parameters that no response
depends on (``utm_source``) are ignored. If the cache fails, the page is rendered.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from uuid import uuid4

from django.conf import settings
from django.conf.urls.i18n import is_language_prefix_patterns_used
from django.core.cache import BaseCache, caches
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.utils.cache import get_conditional_response, get_max_age, patch_cache_control
from django.utils.translation import get_language_from_request

from wagtail_pledge.caching.circuit_breaker import CircuitBreaker
from wagtail_pledge.caching.headers import QUERY_ATTRIBUTE, is_shared_cacheable
from wagtail_pledge.conf import get_setting

Result = TypeVar("Result")

_PREFIX: Final = "wagtail_pledge.page."
#: Cache key of the current generation: pages stored under another generation are ignored.
_GENERATION: Final = "wagtail_pledge.pages"
#: Larger pages are not stored.
MAX_BYTES: Final = 512 * 1024
#: A stored response may vary on these: the key contains the language, and compressed responses are not stored.
_ALLOWED_VARY: Final = {"accept-language", "accept-encoding"}
#: Headers that belong to one response only.
_UNCACHED_HEADERS: Final = {"date", "expires", "set-cookie"}
_DEFAULT_PORTS: Final = {"http": "80", "https": "443"}

circuit: Final = CircuitBreaker()


@dataclass(frozen=True, slots=True)
class CachedPage:
    """A page in the cache. ``names`` are the query parameters that the response depends on."""

    generation: str
    names: frozenset[str]
    headers: dict[str, str]
    content: bytes


class PageCacheMiddleware:
    """Serves public pages from the cache named by ``WAGTAIL_PLEDGE_PAGE_CACHE``.

    Place it after ``SecurityMiddleware`` and compressing middleware, before everything that reads the session.
    """

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> Any:
        """Return the response from the cache; otherwise call the view and store its response if allowed."""
        key = _key(request)
        if key is None:
            return self.get_response(request)
        generation, page = _load(key)
        if page is not None and not _uses_query(request, page.names):
            return _respond(request, HttpResponse(page.content, headers=page.headers))
        response = self.get_response(request)
        if page is None and generation is not None and _is_cacheable(request, response):
            return _respond(request, _store(key, generation, response))
        return response


def clear_page_cache() -> None:
    """Invalidate all stored pages, including pages that are being rendered now and stored afterwards."""
    _call_cache(lambda cache: cache.set(_GENERATION, uuid4().hex, timeout=None), None)


def _call_cache(call: Callable[[BaseCache], Result], fallback: Result) -> Result:
    if not circuit.allows_call():
        return fallback
    try:
        result = call(caches[get_setting("PAGE_CACHE")])
    except Exception as error:  # noqa: BLE001 - a cache may fail in any way, also on values that another release stored
        circuit.record_failure(error)
        return fallback
    circuit.record_success()
    return result


def _key(request: HttpRequest) -> str | None:
    """Return the cache key of the request, ``None`` if it is personal or its host is not allowed."""
    # Wagtail pages have no dot in their URL: skip the cache for files and JSON
    if "." in request.path or not is_shared_cacheable(request):
        return None
    with suppress(DisallowedHost):
        parts = (str(request.scheme), _normalize_host(request), _language(request), request.path)
        return _PREFIX + hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
    return None


def _normalize_host(request: HttpRequest) -> str:
    """Return the host in lower case, without a final dot or default port; set it on the request.

    The host may appear in the page. So the page is rendered for that spelling, and all spellings share it.
    """
    sent = request.get_host()
    name, port = split_domain_port(sent)
    number = port.lstrip("0")
    host = name if number == _DEFAULT_PORTS.get(str(request.scheme)) or not number else f"{name}:{number}"
    if host != sent:
        is_forwarded = settings.USE_X_FORWARDED_HOST and "x-forwarded-host" in request.headers
        request.META["HTTP_X_FORWARDED_HOST" if is_forwarded else "HTTP_HOST"] = host
        request.__dict__.pop("headers", None)  # cached by Django
    return host


def _language(request: HttpRequest) -> str:
    """Return the language that ``LocaleMiddleware`` will activate; it runs later."""
    if not settings.USE_I18N:
        return ""
    in_path, _prefixed = is_language_prefix_patterns_used(getattr(request, "urlconf", settings.ROOT_URLCONF))
    return get_language_from_request(request, check_path=in_path)


def _load(key: str) -> tuple[str | None, CachedPage | None]:
    """Return the current generation (``None`` if pages can't be stored), and the stored page if there is one."""
    fallback: dict[str, Any] = {}
    cached = _call_cache(lambda cache: cache.get_many((_GENERATION, key)), fallback)
    generation, page = cached.get(_GENERATION), cached.get(key)
    if generation is None:
        new = uuid4().hex
        is_added = _call_cache(lambda cache: cache.add(_GENERATION, new, timeout=None), fallback=False)
        return (new if is_added else None), None
    return generation, page if isinstance(page, CachedPage) and page.generation == generation else None


def _uses_query(request: HttpRequest, names: Iterable[str]) -> bool:
    return bool(request.META.get("QUERY_STRING")) and any(name in request.GET for name in names)


def _is_cacheable(request: HttpRequest, response: Any) -> bool:
    names = getattr(response, QUERY_ATTRIBUTE, None)
    if names is None or request.method != "GET" or response.status_code != 200 or _uses_query(request, names):
        return False
    # The site's middleware may have made the response personal after the view
    varies = {name.strip().lower() for name in response.get("Vary", "").split(",")} - {""}
    is_specific = response.cookies or response.has_header("Content-Encoding") or varies - _ALLOWED_VARY
    return not is_specific and "public" in response.get("Cache-Control", "") and len(response.content) <= MAX_BYTES


def _store(key: str, generation: str, response: Any) -> Any:
    """Store ``response`` for half of its ``max-age``, and return it unchanged."""
    if not response.has_header("ETag"):
        response["ETag"] = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    age = get_max_age(response) or 0
    if age >= 2:
        headers = {name: value for name, value in response.items() if name.lower() not in _UNCACHED_HEADERS}
        stored = HttpResponse(headers=headers)
        patch_cache_control(stored, max_age=age - age // 2)
        page = CachedPage(generation, getattr(response, QUERY_ATTRIBUTE), dict(stored.items()), response.content)
        _call_cache(lambda cache: cache.set(key, page, timeout=age // 2), None)
    return response


def _respond(request: HttpRequest, response: Any) -> Any:
    """Return ``response``, or a 304 if the client already has it."""
    return get_conditional_response(request, etag=response["ETag"], response=response)
