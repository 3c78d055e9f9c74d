"""Public pages kept in the site's cache, for sites without a CDN: the next visitor gets one without a query.

What is kept is what anybody may keep (``core.caching``), by scheme, host, language and path. Half of its time a page
stays here, the other half is the reader's: together they never outlast what its headers said, and no clock is asked.
An answer that depends on the query of its address is not kept, so nobody fills the cache by making addresses up; names
that nothing depends on (``utm_source``) make no difference. A cache that fails is a page that is made anew.
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
from django.utils.cache import get_conditional_response, get_max_age, patch_cache_control
from django.utils.translation import get_language_from_request

from wagtail_pledge.caching.circuit_breaker import Circuit
from wagtail_pledge.caching.headers import QUERY, is_anybodys
from wagtail_pledge.conf import get_setting

Answer = TypeVar("Answer")

_PREFIX: Final = "wagtail_pledge.page."
#: Names what is kept: what was kept under another name is forgotten.
_GENERATION: Final = "wagtail_pledge.pages"
#: A larger page is not kept.
MAX_BYTES: Final = 512 * 1024
#: An answer may vary on these: the key knows the language, and what is compressed is not kept.
_VARIES: Final = {"accept-language", "accept-encoding"}
#: Belong to one answer.
_NOT_KEPT: Final = {"date", "expires", "set-cookie"}

circuit: Final = Circuit()


@dataclass(frozen=True, slots=True)
class Kept:
    """A page in the cache; ``names`` of the query would have made another one."""

    generation: str
    names: frozenset[str]
    headers: dict[str, str]
    content: bytes


class PageCacheMiddleware:
    """Gives out public pages from the cache ``WAGTAIL_PLEDGE_PAGE_CACHE``; stands below ``SecurityMiddleware`` and what
    compresses, above everything that looks at the visitor.
    """

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> Any:
        """Answer from the cache, else keep the answer if it may be kept."""
        key = _key(request)
        if key is None:
            return self.get_response(request)
        generation, kept = _recall(key)
        if kept is not None and not _asks(request, kept.names):
            return _respond(request, HttpResponse(kept.content, headers=kept.headers))
        response = self.get_response(request)
        if kept is None and generation is not None and _may_be_kept(request, response):
            return _respond(request, _keep(key, generation, response))
        return response


def forget_pages() -> None:
    """Forget every page: also one that is being made now and will be kept in a moment."""
    _ask(lambda cache: cache.set(_GENERATION, uuid4().hex, timeout=None), None)


def _ask(call: Callable[[BaseCache], Answer], otherwise: Answer) -> Answer:
    if not circuit.lets_through():
        return otherwise
    try:
        answer = call(caches[get_setting("PAGE_CACHE")])
    except Exception as error:  # noqa: BLE001 - a cache may fail in any way, also by what another version has kept
        circuit.failed(error)
        return otherwise
    circuit.worked()
    return answer


def _key(request: HttpRequest) -> str | None:
    """Return where the page is kept, ``None`` if the request is one person's or names a host that is not ours."""
    # No page of Wagtail's has a dot in its address: for files and JSON the cache need not be asked
    if "." in request.path or not is_anybodys(request):
        return None
    with suppress(DisallowedHost):
        host = request.get_host()
        # It may stand in the page. One spelling is enough
        if host == host.lower():
            parts = (str(request.scheme), host, _language(request), request.path)
            return _PREFIX + hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
    return None


def _language(request: HttpRequest) -> str:
    """Return the language as ``LocaleMiddleware`` finds it, further down."""
    if not settings.USE_I18N:
        return ""
    in_path, _prefixed = is_language_prefix_patterns_used(getattr(request, "urlconf", settings.ROOT_URLCONF))
    return get_language_from_request(request, check_path=in_path)


def _recall(key: str) -> tuple[str | None, Kept | None]:
    """Return the name of what is kept now (``None``: nothing can be), and the page if it is there."""
    nothing: dict[str, Any] = {}
    found = _ask(lambda cache: cache.get_many((_GENERATION, key)), nothing)
    generation, kept = found.get(_GENERATION), found.get(key)
    if generation is None:
        name = uuid4().hex
        return (name if _ask(lambda cache: cache.add(_GENERATION, name, timeout=None), otherwise=False) else None), None
    return generation, kept if isinstance(kept, Kept) and kept.generation == generation else None


def _asks(request: HttpRequest, names: Iterable[str]) -> bool:
    return bool(request.META.get("QUERY_STRING")) and any(name in request.GET for name in names)


def _may_be_kept(request: HttpRequest, response: Any) -> bool:
    names = getattr(response, QUERY, None)
    if names is None or request.method != "GET" or response.status_code != 200 or _asks(request, names):
        return False
    # After the view, middleware of the site may have made it somebody's
    varies = {name.strip().lower() for name in response.get("Vary", "").split(",")} - {""}
    personal = response.cookies or response.has_header("Content-Encoding") or varies - _VARIES
    return not personal and "public" in response.get("Cache-Control", "") and len(response.content) <= MAX_BYTES


def _keep(key: str, generation: str, response: Any) -> Any:
    """Keep ``response`` for half of its time, and give it out as it is."""
    if not response.has_header("ETag"):
        response["ETag"] = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    age = get_max_age(response) or 0
    if age >= 2:
        headers = {name: value for name, value in response.items() if name.lower() not in _NOT_KEPT}
        shown = HttpResponse(headers=headers)
        patch_cache_control(shown, max_age=age - age // 2)
        kept = Kept(generation, getattr(response, QUERY), dict(shown.items()), response.content)
        _ask(lambda cache: cache.set(key, kept, timeout=age // 2), None)
    return response


def _respond(request: HttpRequest, response: Any) -> Any:
    """Return ``response``, or a 304 for whom has it."""
    return get_conditional_response(request, etag=response["ETag"], response=response)
