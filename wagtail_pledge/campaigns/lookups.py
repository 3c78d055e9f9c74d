"""Queries for the pages of a pledge, over all page models of the site that use the package's mixins."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, reduce
from operator import or_
from typing import Any

from django.apps import apps
from django.db.models import Q
from django.utils.translation import override
from wagtail.coreutils import get_supported_content_language_variant

from wagtail_pledge.core.compat import get_page_model
from wagtail_pledge.core.db import PreparedQuery
from wagtail_pledge.core.registry import providers
from wagtail_pledge.signing.messages import MailTexts
from wagtail_pledge.signing.models import Pledge, SignerType


def page_models_with_role(role: str) -> list[Any]:
    """Return the site's concrete page models whose ``page_role`` is ``role``: ``"pledge"``, ``"update"``, …"""
    base = get_page_model()
    return [model for model in apps.get_models() if issubclass(model, base) and getattr(model, "page_role", "") == role]


def updates_under(pages: Iterable[Any], limit: int | None, *, exclude_update: Any | None = None) -> list[Any]:
    """Return the newest live updates directly below pledge ``pages``, newest first; one query per update model.

    Updates with a view restriction of their own are left out. Restrictions of the parents are not checked: pass only
    pages that the reader may see. ``limit=None`` returns all; ``exclude_update`` is left out.
    """
    children = [Q(path__startswith=page.path, depth=page.depth + 1) for page in pages if page.path]
    if not children:
        return []
    updates: list[Any] = []
    for model in page_models_with_role("update"):
        listed = _listed(model).filter(reduce(or_, children))
        updates += listed.exclude(pk=exclude_update.pk if exclude_update else None)[:limit]
    return sorted(updates, key=_by_day, reverse=True)[:limit]


def updates_for_page(page: Any, limit: int) -> list[Any]:
    """Return the newest updates of the campaign that ``page`` belongs to."""
    pledge_page = page.parent_pledge_page() if hasattr(page, "parent_pledge_page") else page
    if getattr(pledge_page, "page_role", "") != "pledge" or not pledge_page.path:
        return []
    first, last = (pledge_page.path + pledge_page.alphabet[end] * pledge_page.steplen for end in (0, -1))
    updates: list[Any] = []
    for model in page_models_with_role("update"):
        updates += _newest_updates(model, limit).rows(depth=pledge_page.depth + 1, first=first, last=last)
    return sorted(updates, key=_by_day, reverse=True)[:limit]


def _by_day(update: Any) -> tuple[Any, int]:
    return update.day, update.pk


@cache
def _newest_updates(model: Any, limit: int) -> PreparedQuery:
    """Return the query for the newest live updates of one page model, by depth and by their paths' range."""

    def build(*, depth: int, first: str, last: str) -> Any:
        return _listed(model).filter(depth=depth, path__range=(first, last))[:limit]

    return PreparedQuery(build, {"depth": 2_147_483_001, "first": "first", "last": "last"})


def _listed(model: Any) -> Any:
    """Return the live updates of one page model for a list, newest first. Lists do not show the body."""
    live = model.objects.live().filter(view_restrictions__isnull=True)
    return live.select_related("locale").defer("body").order_by("-day", "-pk")


def _live_page(role: str, locale: str, field: str, value: int) -> Any | None:
    """Return the live page whose ``field`` is ``value``: in ``locale``, else in another language; aliases last."""
    pages: list[Any] = []
    for model in page_models_with_role(role):
        pages += _live_pages_query(model, field).rows(value=value)
    return _in_language(pages, locale)


def _in_language(pages: list[Any], locale: str) -> Any | None:
    """Return the page in ``locale`` or its content language (``en`` for ``en-us``), else the first."""
    code = _content_language(locale)
    return next((page for page in pages if page.locale.language_code == code), pages[0] if pages else None)


def _content_language(locale: str) -> str:
    try:
        return str(get_supported_content_language_variant(locale))
    except LookupError:
        return locale


@cache
def _live_pages_query(model: Any, field: str) -> PreparedQuery:
    def build(*, value: int) -> Any:
        live = model.objects.live().filter(**{field: value})
        return live.select_related("locale").order_by("-alias_of_id", "pk")

    return PreparedQuery(build, {"value": 2_147_483_001})


def find_pledge_page(pledge: Pledge, locale: str) -> Any | None:
    """Return the live page of ``pledge`` in ``locale``, else in another language."""
    return _live_page("pledge", locale, "pledge_id", pledge.pk)


def find_public_pages(pledge: Pledge) -> list[Any]:
    """Return the public pages of ``pledge``, one per language, ordered by language code; two queries per page model."""
    pages: dict[str, Any] = {}
    for model in page_models_with_role("pledge"):
        # Aliases come first, so that an original page in the same language replaces them
        for page in model.objects.live().public().filter(pledge=pledge).select_related("locale").order_by("-alias_of"):
            pages[page.locale.language_code] = page
    return [pages[code] for code in sorted(pages)]


def live_pledge_pages(pledge: Pledge) -> list[Any]:
    """Return the live pages of ``pledge`` in all languages, restricted ones too; one query per page model."""
    return _live_pages("pledge", pledge=pledge)


def ordinary_page_beside(page: Any, field: str) -> Any | None:
    """Return another page in the language of ``page``, no alias, whose ``field`` (a foreign key) is the same.

    ``None`` if there is none, or if the field is empty. One query per page model.
    """
    value = getattr(page, f"{field}_id")
    if value is None or page.locale_id is None:
        return None
    for model in page_models_with_role(page.page_role):
        same = model.objects.filter(**{field: value}, locale=page.locale_id, alias_of__isnull=True)
        other = same.exclude(pk=page.pk).only("title", "draft_title").order_by("pk").first()
        if other is not None:
            return other
    return None


def has_live_page(pledge: Pledge) -> bool:
    """Whether a live page shows ``pledge``; one query per page model."""
    return any(model.objects.live().filter(pledge=pledge).exists() for model in page_models_with_role("pledge"))


def pages_for_pledge(pledge: Pledge) -> list[Any]:
    """Return the live pages that show something of ``pledge``.

    These are its pledge pages, their signer-type pages and updates, the index pages above them, and treaty pages that
    link to it. Pages that show it only in a block are not found.
    """
    pledge_pages = live_pledge_pages(pledge)
    parent_paths = {page.path[: -page.steplen] for page in pledge_pages}
    lookups: dict[str, dict[str, Any]] = {
        "signer_type": {"signer_type__pledge": pledge},
        "campaigns": {"path__in": parent_paths},
        "treaty": {"campaign": pledge},
    }
    return (
        pledge_pages
        + updates_under(pledge_pages, None)
        + [page for role, filters in lookups.items() for page in _live_pages(role, **filters)]
    )


def _live_pages(role: str, **filters: Any) -> list[Any]:
    models = page_models_with_role(role)
    return [page for model in models for page in model.objects.live().filter(**filters).select_related("locale")]


def find_signer_type_page(signer_type: SignerType, locale: str) -> Any | None:
    """Return the live page of ``signer_type`` in ``locale``, else in another language."""
    return _live_page("signer_type", locale, "signer_type_id", signer_type.pk)


def full_url(page: Any) -> str:
    """Return the page's absolute URL on its own site and in its own language, ``""`` if it has none."""
    with override(page.locale.language_code):
        return page.get_full_url() or ""


def find_public_page(pledge: Pledge, locale: str) -> Any | None:
    """Return the public page of ``pledge`` in ``locale``, else in another language."""
    return _in_language(find_public_pages(pledge), locale)


def _pledge_url(pledge: Pledge, locale: str) -> str:
    page = find_pledge_page(pledge, locale)
    return full_url(page) if page else ""


def _mail_texts(signature: Any) -> MailTexts:
    page = find_pledge_page(signature.pledge, signature.locale)
    signer_type_page = find_signer_type_page(signature.signer_type, signature.locale)
    title = page.title if page else ""
    site = page.get_site() if page else None
    site_name = site.site_name if site else ""
    if signer_type_page is None or signer_type_page.locale.language_code != signature.locale:
        return MailTexts(pledge_title=title, site_name=site_name)
    return MailTexts(
        pledge_title=title,
        site_name=site_name,
        subject=signer_type_page.confirmation_subject,
        text=signer_type_page.confirmation_text,
    )


def _updates_of_pledge(pledge: Pledge, locale: str, limit: int) -> list[Any]:
    code = _content_language(locale)
    return updates_under([page for page in find_public_pages(pledge) if page.locale.language_code == code], limit)


def _updates_of_page(page: Any, _locale: str, limit: int) -> list[Any]:
    return updates_for_page(page, limit)


def register_lookups() -> None:
    """Set the providers that lower layers use to find URLs, mail texts and updates."""
    providers.pledge_url = _pledge_url
    providers.mail_texts = _mail_texts
    providers.updates_of_page = _updates_of_page
    providers.updates_of_pledge = _updates_of_pledge
