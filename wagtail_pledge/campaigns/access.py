"""Who may see a campaign: its public data obey the view restrictions of its pages."""

from __future__ import annotations

from enum import Enum
from typing import Any

from django.db.models import Exists
from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import patch_cache_control, patch_vary_headers
from wagtail.models import PageViewRestriction

from wagtail_pledge.campaigns.lookups import live_pledge_pages


class Access(Enum):
    """Whether a visitor may see a campaign."""

    #: Everybody may: a page is public, or no page shows the campaign.
    PUBLIC = "public"
    #: This visitor may, others may not: the response must not be cached.
    PRIVATE = "private"
    DENIED = "denied"


def restrictions_exist() -> Exists:
    """Return an annotation: whether the site has any view restriction. Without one, every campaign is public."""
    return Exists(PageViewRestriction.objects.all())


def access_to(request: HttpRequest, pledge: Any, *, is_restricted: bool | None = None) -> Access:
    """Return whether the visitor may see one of the live pages of ``pledge``.

    ``is_restricted`` is the value of :func:`restrictions_exist` if the caller has it; else it costs a query.
    """
    if is_restricted is None:
        is_restricted = PageViewRestriction.objects.exists()
    if not is_restricted:
        return Access.PUBLIC
    restrictions = [list(page.get_view_restrictions()) for page in live_pledge_pages(pledge)]
    if not all(restrictions) or not restrictions:
        return Access.PUBLIC
    is_accepted = any(all(each.accept_request(request) for each in of_page) for of_page in restrictions)
    return Access.PRIVATE if is_accepted else Access.DENIED


def mark_private_data(response: HttpResponseBase) -> None:
    """Set the headers of data that only this visitor may see: not cached anywhere."""
    del response["Cache-Control"]
    patch_cache_control(response, private=True, no_store=True)
    patch_vary_headers(response, ["Cookie"])
