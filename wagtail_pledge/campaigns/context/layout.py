"""What ``wagtail_pledge/base.html`` needs around every page and view."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.conf import settings
from django.db.models import CharField, Exists, ExpressionWrapper, F, OuterRef
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import override
from wagtail.models import PageViewRestriction, Site

from wagtail_pledge.caching.headers import has_session, with_cache_headers
from wagtail_pledge.caching.local import memoize_per_request
from wagtail_pledge.core.csp import add_csp_header

NO_REFERRER: Final = "no-referrer"
#: Search results show about so many characters of a title.
TITLE_CHARS: Final = 60
#: Attribute of a page: its translations, set by :func:`cached_view_restrictions` for :func:`reuse_translations`.
_TRANSLATIONS: Final = "_pledge_translations"


def _translations(page: Any) -> list[Any]:
    """Return the live translations of ``page`` and itself, with their locales; one query, once a request.

    Each has ``is_restricted``: a restriction stands on it or above it; and ``may_inherit``: one stands on a page that
    has aliases, and holds for those too.
    """
    here = PageViewRestriction.objects.alias(below=ExpressionWrapper(OuterRef("path"), CharField()))
    restricted = Exists(here.filter(below__startswith=F("page__path")))
    inherited = Exists(PageViewRestriction.objects.filter(page__aliases__isnull=False))
    found = page.get_translations(inclusive=True).live().annotate(is_restricted=restricted, may_inherit=inherited)
    return memoize_per_request(
        _translations_key(page), lambda: list(found.select_related("locale").order_by("locale__pk"))
    )


def _translations_key(page: Any) -> tuple[str, type[Any], Any]:
    return "translations", type(page), page.pk


def reuse_translations(page: Any) -> None:
    """Keep for this request the translations that were read for the restrictions, before Wagtail served the page."""
    found = page.__dict__.pop(_TRANSLATIONS, None)
    if found is not None:
        memoize_per_request(_translations_key(page), lambda: found)


def public_translations(page: Any) -> list[Any]:
    """Return the live translations of ``page`` that anybody may read, and itself, with their locales; one query."""
    return [one for one in _translations(page) if one.pk == page.pk or not one.is_restricted]


def cached_view_restrictions(page: Any, load_restrictions: Callable[[], Any]) -> Any:
    """Return the restrictions of ``page``; ``load_restrictions`` is Wagtail's own query.

    A page that has none, which is nearly each, tells so with its translations, which are asked for anyway.
    """
    found = page.__dict__[_TRANSLATIONS] = _translations(page)
    own = next((one for one in found if one.pk == page.pk), None)
    if own is None or own.is_restricted or own.may_inherit:
        return load_restrictions()
    return PageViewRestriction.objects.none()


def page_languages(page: Any, request: HttpRequest) -> list[dict[str, Any]]:
    """Return the public translations of ``page``, itself included: code, native name, URL, current, whether it is for
    readers of any other language (the site's own, else the first), whether it only repeats another's words.
    """
    names = dict(settings.LANGUAGES)
    found = public_translations(page)
    default = default_translation(found)
    links = []
    for translation in found:
        if translation.pk == page.pk:
            page.locale = translation.locale  # known now: saves whoever asks next a query
        code = translation.locale.language_code
        with override(code):
            url = translation.get_url(request)
        links.append(
            {
                "code": code,
                "name": names.get(code, code),
                "url": url,
                "current": translation.pk == page.pk,
                "is_default": translation is default,
                "is_alias": translation.alias_of_id is not None,
            }
        )
    return links if len(links) > 1 else []


def default_translation(translations: list[Any]) -> Any | None:
    """Return the one for readers of any other language: in the site's own language, else the first."""
    own = [page for page in translations if page.alias_of_id is None]
    return next((page for page in own if page.locale.language_code == settings.LANGUAGE_CODE), own[0] if own else None)


def page_layout_context(page: Any, request: HttpRequest) -> dict[str, Any]:
    """Return the frame's variables for a page."""
    site = Site.find_for_request(request)
    languages = page_languages(page, request)
    title = getattr(page, "seo_title", "") or page.title
    site_name = (site and site.site_name) or getattr(settings, "WAGTAIL_SITE_NAME", "")
    return {
        "page_title": title,
        "is_long_title": len(title) + len(site_name) > TITLE_CHARS,
        "canonical_url": page.alias_of.full_url if page.alias_of_id else page.full_url,
        "site_name": site_name,
        "home_url": page.locale and _home_url(page, request),
        "languages": languages,
        "userbar": has_session(request),
    }


def _home_url(page: Any, request: HttpRequest) -> str:
    """Return the page's home in its own language: the second level of its path, without a query for the root."""
    url: str = page.get_url(request) or "/"
    parts = url.split("/")
    code = page.locale.language_code
    return f"/{code}/" if len(parts) > 1 and parts[1] == code else "/"


def view_layout_context(*, title: str, **extra: Any) -> dict[str, Any]:
    """Return the frame's variables for a view outside the page tree: not indexed, address kept to itself.

    ``referrer="same-origin"`` where a form leads to the sign endpoint: without a referrer a browser says
    ``Origin: null``, which an older one has nothing to speak for.
    """
    return {
        "page_title": title,
        "site_name": getattr(settings, "WAGTAIL_SITE_NAME", ""),
        "home_url": "/",
        "languages": [],
        "noindex": True,
        "referrer": NO_REFERRER,
        **extra,
    }


def set_page_headers(page: Any, request: HttpRequest, response: Any) -> Any:
    """Let anyone keep a public page for ``PAGE_MAX_AGE`` seconds; a page behind a restriction, a preview and what is
    made for somebody who is logged in for nobody. The page gets the package's content security policy.
    """
    add_csp_header(request, response)
    return with_cache_headers(request, response, public=not page.get_view_restrictions())


def expired_link_context(url: str, *, heading: str = "", text: str = "") -> dict[str, str]:
    """Return what that page says; ``url`` is where one can sign again, ``""`` where nobody knows."""
    usual = _("Links in our emails expire. Sign again and we will send you a new one.")
    return {"heading": heading or _("This link does not work"), "text": text or usual, "pledge_url": url}
