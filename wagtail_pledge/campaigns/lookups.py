"""Which pages show a pledge: any page type of the site that uses our mixins."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Any

from django.apps import apps
from django.db.models import Q
from django.utils.translation import override
from wagtail.models import Page

from wagtail_pledge.core.registry import providers
from wagtail_pledge.signing.messages import MailWords
from wagtail_pledge.signing.models import Pledge, SignerType


def models_showing(what: str) -> list[Any]:
    """Return the site's concrete page models whose ``shows`` is ``what``: ``"pledge"``, ``"update"``, …"""
    return [model for model in apps.get_models() if issubclass(model, Page) and getattr(model, "shows", "") == what]


def updates_under(pages: Iterable[Any], limit: int | None, *, but: Any | None = None) -> list[Any]:
    """Return the newest live updates directly below pledge ``pages``, newest first; one query an update model.

    What has a restriction of its own is left out. What holds for the page above holds for them too: ask for pages that
    the reader may see. ``limit=None`` gives all; ``but`` is an update to leave out.
    """
    places = [Q(path__startswith=page.path, depth=page.depth + 1) for page in pages if page.path]
    if not places:
        return []
    found: list[Any] = []
    for model in models_showing("update"):
        live = model.objects.live().filter(reduce(or_, places), view_restrictions__isnull=True)
        # Lists say nothing of the body
        listed = live.exclude(pk=but.pk if but else None).select_related("locale").defer("body")
        found += listed.order_by("-day", "-pk")[:limit]
    return sorted(found, key=lambda update: (update.day, update.pk), reverse=True)[:limit]


def updates_beside(page: Any, limit: int) -> list[Any]:
    """Return the newest updates of the campaign that ``page`` is a page of."""
    above = page.parent_pledge_page() if hasattr(page, "parent_pledge_page") else page
    return updates_under([above], limit) if getattr(above, "shows", "") == "pledge" else []


def _live(what: str, locale: str, **filters: Any) -> Any | None:
    """Return the live page in ``locale``, else one in another language; aliases last."""
    found: list[Any] = []
    for model in models_showing(what):
        found += model.objects.live().filter(**filters).select_related("locale").order_by("-alias_of_id", "pk")
    return next((page for page in found if page.locale.language_code == locale), found[0] if found else None)


def pledge_page_of(pledge: Pledge, locale: str) -> Any | None:
    """Return the live page of ``pledge``, in ``locale`` if there is one."""
    return _live("pledge", locale, pledge=pledge)


def public_pages_of(pledge: Pledge) -> list[Any]:
    """Return the pages of ``pledge`` that anybody may read, one a language, in the order of their codes; two queries a
    page model.
    """
    found: dict[str, Any] = {}
    for model in models_showing("pledge"):
        # The order puts aliases first, so the page itself replaces them
        for page in model.objects.live().public().filter(pledge=pledge).select_related("locale").order_by("-alias_of"):
            found[page.locale.language_code] = page
    return [found[code] for code in sorted(found)]


def pages_showing(pledge: Pledge) -> list[Any]:
    """Return the live pages on which something of ``pledge`` stands: its own and its signer types', its updates, the
    lists above them, treaty pages that lead to it. Not those of which a block alone shows it.
    """
    own = _all("pledge", pledge=pledge)
    above = {page.path[: -page.steplen] for page in own}
    others = {
        "signer_type": {"signer_type__pledge": pledge},
        "campaigns": {"path__in": above},
        "treaty": {"campaign": pledge},
    }
    return own + updates_under(own, None) + [page for what, filters in others.items() for page in _all(what, **filters)]


def _all(what: str, **filters: Any) -> list[Any]:
    models = models_showing(what)
    return [page for model in models for page in model.objects.live().filter(**filters).select_related("locale")]


def signer_type_page_of(signer_type: SignerType, locale: str) -> Any | None:
    """Return the live page of ``signer_type`` in ``locale``, else in another language."""
    return _live("signer_type", locale, signer_type=signer_type)


def full_url(page: Any) -> str:
    """Return the absolute URL by the page's own site and language, ``""`` if it has none."""
    with override(page.locale.language_code):
        return page.get_full_url() or ""


def public_page_of(pledge: Pledge, locale: str) -> Any | None:
    """Return the page of ``pledge`` that anybody may read, in ``locale`` if there is one."""
    pages = public_pages_of(pledge)
    return next((page for page in pages if page.locale.language_code == locale), pages[0] if pages else None)


def _pledge_url(pledge: Pledge, locale: str) -> str:
    page = pledge_page_of(pledge, locale)
    return full_url(page) if page else ""


def _mail_words(signature: Any) -> MailWords:
    page = pledge_page_of(signature.pledge, signature.locale)
    own = signer_type_page_of(signature.signer_type, signature.locale)
    title = page.title if page else ""
    site = page.get_site() if page else None
    site_name = site.site_name if site else ""
    if own is None or own.locale.language_code != signature.locale:
        return MailWords(pledge_title=title, site_name=site_name)
    return MailWords(
        pledge_title=title, site_name=site_name, subject=own.confirmation_subject, text=own.confirmation_text
    )


def _updates_about(pledge: Pledge, locale: str, limit: int) -> list[Any]:
    return updates_under([page for page in public_pages_of(pledge) if page.locale.language_code == locale], limit)


def _updates_beside(page: Any, _locale: str, limit: int) -> list[Any]:
    return updates_beside(page, limit)


def register_finders() -> None:
    """Set the providers that lower layers use to find URLs, mail texts and updates."""
    providers.pledge_url = _pledge_url
    providers.mail_words = _mail_words
    providers.updates_of_page = _updates_beside
    providers.updates_of_pledge = _updates_about
