"""Template context of ``wagtail_pledge/base.html``, for pages and for views outside the page tree."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db.models import CharField, Exists, ExpressionWrapper, F, OuterRef
from django.http import HttpRequest
from django.urls import get_script_prefix
from django.utils.translation import gettext as _
from django.utils.translation import override
from wagtail.models import PageViewRestriction, Site

from wagtail_pledge.caching.headers import has_session, with_cache_headers
from wagtail_pledge.caching.local import memoize_per_request
from wagtail_pledge.campaigns.csp import add_csp_header
from wagtail_pledge.core.db import PreparedQuery
from wagtail_pledge.core.i18n import default_language

NO_REFERRER: Final = "no-referrer"
#: Search results show about this many characters of a title.
TITLE_CHARS: Final = 60
#: Attribute of a page with its translations, set by :func:`cached_view_restrictions` for :func:`reuse_translations`.
_TRANSLATIONS: Final = "_pledge_translations"


def _translations(page: Any) -> list[Any]:
    """Return the live translations of ``page``, itself included, with their locales; one query per request.

    Each has two annotations. ``is_restricted``: it or an ancestor has a view restriction. ``may_inherit``: some page
    that has aliases is restricted, and Wagtail applies its restriction to the aliases too.
    """
    return memoize_per_request(_translations_key(page), partial(_load_translations, page))


def _load_translations(page: Any) -> list[Any]:
    model: Any = type(page)
    return _translations_query(model).rows(translation_key=page.translation_key)


@cache
def _translations_query(model: Any) -> PreparedQuery:
    def build(*, translation_key: UUID) -> Any:
        restrictions = PageViewRestriction.objects.alias(below=ExpressionWrapper(OuterRef("path"), CharField()))
        restricted = Exists(restrictions.filter(below__startswith=F("page__path")))
        inherited = Exists(PageViewRestriction.objects.filter(page__aliases__isnull=False))
        translations = model.objects.filter(translation_key=translation_key).live()
        annotated = translations.annotate(is_restricted=restricted, may_inherit=inherited)
        return annotated.select_related("locale").order_by("locale__pk")

    return PreparedQuery(build, {"translation_key": UUID(int=1)})


def _translations_key(page: Any) -> tuple[str, type[Any], Any]:
    return "translations", type(page), page.pk


def reuse_translations(page: Any) -> None:
    """Reuse, for this request, the translations that were read for the restrictions before Wagtail served the page."""
    translations = page.__dict__.pop(_TRANSLATIONS, None)
    if translations is not None:
        memoize_per_request(_translations_key(page), lambda: translations)


def public_translations(page: Any) -> list[Any]:
    """Return ``page`` and its live, unrestricted translations, with their locales; one query per request."""
    return [
        translation for translation in _translations(page) if translation.pk == page.pk or not translation.is_restricted
    ]


def cached_view_restrictions(page: Any, load_restrictions: Callable[[], Any]) -> Any:
    """Return the view restrictions of ``page``, without a query of their own where there are none.

    ``load_restrictions`` is Wagtail's query. Most pages are unrestricted, which the query for the translations, needed
    for every page anyway, already shows.
    """
    translations = page.__dict__[_TRANSLATIONS] = _translations(page)
    annotated = next((one for one in translations if one.pk == page.pk), None)
    if annotated is None or annotated.is_restricted or annotated.may_inherit:
        return load_restrictions()
    return PageViewRestriction.objects.none()


def page_languages(page: Any, request: HttpRequest) -> list[dict[str, Any]]:
    """Return the public translations of ``page``, itself included, as links; ``[]`` if it is the only one.

    Each: ``code``, ``name`` (native), ``url``, ``current``, ``is_default`` (for readers of any other language, see
    :func:`default_translation`), ``is_alias``.
    """
    names = dict(settings.LANGUAGES)
    translations = public_translations(page)
    default = default_translation(translations)
    links = []
    for translation in translations:
        if translation.pk == page.pk:
            page.locale = translation.locale  # saves a query for ``page.locale`` later
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
    """Return the translation for ``x-default``: in the default language, else the first; aliases are left out."""
    originals = [page for page in translations if page.alias_of_id is None]
    first = originals[0] if originals else None
    default = default_language()
    return next((page for page in originals if page.locale.language_code == default), first)


def page_layout_context(page: Any, request: HttpRequest) -> dict[str, Any]:
    """Return the layout's template context for a page."""
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
    """Return the path of the home page in the page's language, derived from its URL; no query."""
    prefix, code = get_script_prefix(), page.locale.language_code
    path = (page.get_url(request) or prefix).removeprefix(prefix)
    return f"{prefix}{code}/" if path.partition("/")[0] == code else prefix


def view_layout_context(*, title: str, **extra: Any) -> dict[str, Any]:
    """Return the layout's template context for a view outside the page tree: not indexed, no referrer.

    Pass ``referrer="same-origin"`` if the page has a form for the sign endpoint: with ``no-referrer`` browsers send
    ``Origin: null``, which that endpoint refuses from browsers without ``Sec-Fetch-Site``.
    """
    return {
        "page_title": title,
        "site_name": getattr(settings, "WAGTAIL_SITE_NAME", ""),
        "home_url": get_script_prefix(),
        "languages": [],
        "noindex": True,
        "referrer": NO_REFERRER,
        **extra,
    }


def set_page_headers(page: Any, request: HttpRequest, response: Any) -> Any:
    """Set ``Cache-Control`` and the content security policy on the response of a page; return the response.

    Shared caches may store a public page for ``PAGE_MAX_AGE`` seconds. A restricted page, a preview and a page
    rendered for a logged-in user are not stored.
    """
    add_csp_header(request, response)
    return with_cache_headers(request, response, public=not page.get_view_restrictions())


def expired_link_context(url: str, *, heading: str = "", text: str = "") -> dict[str, str]:
    """Return the context of the page for links that do not work; ``url`` is where to sign again, ``""`` if unknown."""
    default_text = _("Links in our emails expire. While the campaign is open, you can sign again and get a new one.")
    return {"heading": heading or _("This link does not work"), "text": text or default_text, "pledge_url": url}
