"""Finds the live pages that show the status of a treaty: treaty pages, blocks and live facts in texts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.apps import apps
from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.urls import reverse
from wagtail.fields import RichTextField, StreamField

from wagtail_pledge.core.compat import get_page_model
from wagtail_pledge.treaties.models import Treaty

#: How many pages are listed.
MAX_PAGES: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class AffectedPage:
    """One page: its title, and where the user edits it (``""`` if they may not) and reads it."""

    title: str
    edit_url: str
    url: str


def affected_pages(treaty: Treaty, user: Any) -> list[AffectedPage]:
    """Return the live pages that show ``treaty``, at most ``MAX_PAGES``; one query per page model with such fields.

    Restricted pages are left out unless ``user`` may edit them.
    """
    found = []
    for page in _live_pages(treaty):
        may_edit = page.permissions_for_user(user).can_edit()
        if not may_edit and page.get_view_restrictions().exists():
            continue
        edit_url = reverse("wagtailadmin_pages:edit", args=[page.pk]) if may_edit else ""
        found.append(AffectedPage(title=page.get_admin_display_title(), edit_url=edit_url, url=page.url or ""))
        if len(found) == MAX_PAGES:
            break
    return found


def _live_pages(treaty: Treaty) -> Iterator[Any]:
    for model in apps.get_models():
        if not issubclass(model, get_page_model()) or model._meta.proxy:
            continue
        own = [field for field in model._meta.local_fields if isinstance(field, RichTextField | StreamField)]
        shows = _names_key(own, treaty.key) | _refers_to(model, treaty)
        if shows:
            texts = {f"{field.name}_as_text": Cast(field.name, TextField()) for field in own}
            rows: Any = model._default_manager
            yield from rows.annotate(**texts).filter(shows).live().order_by("pk")


def _names_key(fields: list[Any], key: str) -> Q:
    """Match a block whose value is the key, and a live fact in a text; in stored JSON, its quotes are escaped."""
    condition = Q()
    for field in fields:
        for end in ('"', '\\"'):
            condition |= Q(**{f"{field.name}_as_text__contains": f'"{key}{end}'})
    return condition


def _refers_to(model: type[Any], treaty: Treaty) -> Q:
    condition = Q()
    for field in model._meta.local_fields:
        if field.related_model is Treaty:
            condition |= Q(**{field.name: treaty.pk})
    return condition
