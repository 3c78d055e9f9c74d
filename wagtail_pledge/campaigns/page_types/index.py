"""The list of campaigns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, TitleFieldPanel
from wagtail.models import Page

from wagtail_pledge.campaigns.editor.panels import AdvicePanel, child_pages_url
from wagtail_pledge.campaigns.page_types.base import BasePageMixin
from wagtail_pledge.campaigns.page_types.index_listing import CampaignListing, campaign_listing
from wagtail_pledge.campaigns.seo import campaign_list_linked_data


class PledgeIndexPageMixin(BasePageMixin):
    """Lists the campaigns below it with state, count and picture; readers filter by state and search by title."""

    lead = models.TextField(_("introduction"), blank=True)

    page_role = "campaigns"
    default_template = "wagtail_pledge/pages/pledge_index_page.html"
    query_parameters = ("state", "q", "page")
    page_description = _("Lists the campaign pages under it. Visitors can filter by status and search by title.")
    api_fields: ClassVar[list[Any]] = ["lead"]

    content_panels: ClassVar[list[Any]] = [
        AdvicePanel(
            lines=[
                _("Lists the campaign pages under it in page-tree order, with picture, status and count."),
                _("Visitors can filter by status, or search by words in the title."),
                _("Closed and won campaigns stay on the list so that people can read them."),
            ],
            link=_("Campaigns: the pages under this page"),
            get_link_url=child_pages_url,
        ),
        TitleFieldPanel("title"),
        FieldPanel("lead"),
    ]

    class Meta:
        abstract = True

    def get_listing(self, request: HttpRequest) -> CampaignListing:
        """Override to list others."""
        return campaign_listing(self, request)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Return page, frame and campaigns."""
        context = super().get_context(request, *args, **kwargs)  # type: ignore[misc]
        listing = self.get_listing(request)
        found = listing.campaigns
        context = {**context, "listing": listing, "campaigns": found, **_list_linked_data(listing, context)}
        return {**context, "linked_data": campaign_list_linked_data(self, context, found)}


def _list_linked_data(listing: CampaignListing, context: Mapping[str, Any]) -> dict[str, Any]:
    """Return what search engines are told of a part of the list: a filtered one is nothing to find, each of its pages
    has an address of its own.
    """
    address = context["canonical_url"]
    own = f"{address}?page={listing.number}" if address and listing.number > 1 else address
    return {"canonical_url": own, "noindex": listing.is_filtered}


class AbstractPledgeIndexPage(PledgeIndexPageMixin, Page):  # type: ignore[misc]
    """Base of index pages on Wagtail's own page model."""

    class Meta:
        abstract = True
        verbose_name = _("campaign list page")
        verbose_name_plural = _("campaign list pages")
