"""The list of campaigns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, TitleFieldPanel
from wagtail.models import Page

from wagtail_pledge.campaigns.editor.panels import Advice, pages_below
from wagtail_pledge.campaigns.page_types.base import PackagePage
from wagtail_pledge.campaigns.page_types.index_listing import Listing, campaign_listing
from wagtail_pledge.campaigns.seo import list_data


class PledgeIndexPageMixin(PackagePage):
    """Lists the campaigns below it with state, count and picture; readers filter by state and search by title."""

    lead = models.TextField(_("lead"), blank=True)

    shows = "campaigns"
    default_template = "wagtail_pledge/pages/pledge_index_page.html"
    query_names = ("state", "q", "page")
    page_description = _("All campaigns below it; readers filter by state and search by title.")
    api_fields: ClassVar[list[Any]] = ["lead"]

    content_panels: ClassVar[list[Any]] = [
        Advice(
            lines=[
                _("Lists the pledge pages below it in the order of the page tree, with picture, state and count."),
                _("Readers choose a state, or find a campaign by words of its title."),
                _("Campaigns that are closed or won stay, to be read."),
            ],
            link=_("Campaigns: the pages below this one"),
            leads_to=pages_below,
        ),
        TitleFieldPanel("title"),
        FieldPanel("lead"),
    ]

    class Meta:
        abstract = True

    def get_listing(self, request: HttpRequest) -> Listing:
        """Override to list others."""
        return campaign_listing(self, request)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Return page, frame and campaigns."""
        context = super().get_context(request, *args, **kwargs)  # type: ignore[misc]
        listing = self.get_listing(request)
        found = listing.campaigns
        context = {**context, "listing": listing, "campaigns": found, **_search_words(listing, context)}
        return {**context, "linked_data": list_data(self, context, found)}


def _search_words(listing: Listing, context: Mapping[str, Any]) -> dict[str, Any]:
    """Return what search engines are told of a part of the list: a filtered one is nothing to find, each of its pages
    has an address of its own.
    """
    address = context["canonical_url"]
    own = f"{address}?page={listing.number}" if address and listing.number > 1 else address
    return {"canonical_url": own, "noindex": listing.is_used}


class AbstractPledgeIndexPage(PledgeIndexPageMixin, Page):  # type: ignore[misc]
    """Base of index pages on Wagtail's own page model."""

    class Meta:
        abstract = True
        verbose_name = _("index of pledges")
        verbose_name_plural = _("indexes of pledges")
