"""Which updates of a campaign a reader may see."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q

from wagtail_pledge.campaigns.package_pages import models_showing


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
