"""Page type that lists campaigns; the listing itself is in ``index_listing``."""

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
    """Fields and behaviour of an index page: the campaigns below it, with a state filter and a title search."""

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
        """Override to list other campaigns."""
        return campaign_listing(self, request)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Return the context of the page and the listing."""
        context = super().get_context(request, *args, **kwargs)
        listing = self.get_listing(request)
        campaigns = listing.campaigns
        context = {**context, "listing": listing, "campaigns": campaigns, **_robots_context(listing, context)}
        return {**context, "linked_data": campaign_list_linked_data(self, context, campaigns)}


def _robots_context(listing: CampaignListing, context: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``canonical_url`` (each page of the list has its own) and ``noindex`` (true for a filtered list)."""
    url = context["canonical_url"]
    return {
        "canonical_url": f"{url}?page={listing.number}" if url and listing.number > 1 else url,
        "noindex": listing.is_filtered,
    }


class AbstractPledgeIndexPage(PledgeIndexPageMixin, Page):  # type: ignore[misc, django-manager-missing]
    """Abstract index page on Wagtail's ``Page``; subclass it to add fields."""

    class Meta:
        abstract = True
        verbose_name = _("campaign list page")
        verbose_name_plural = _("campaign list pages")
