"""Page types of this site: the home page and content pages."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from django.db import models
from django.db.models.functions import Now
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.documents import get_document_model_string
from wagtail.models import Page
from wagtail.search import index

from example_project.campaign.table_of_contents import add_heading_anchors
from wagtail_pledge.campaigns.page_types.base import BasePageMixin
from wagtail_pledge.core.streamfield import PledgeStreamField
from wagtail_pledge.pages.models import PledgePage, SignerTypePage
from wagtail_pledge.signing.enums import PledgeState
from wagtail_pledge.signing.services import is_open, progress_of, public_state
from wagtail_pledge.signing.services.switches import SIGNING, switch_exists

#: The kinds with a button on the home page; officials have a link further down.
WAYS: Final = ("individual", "organization")


def campaign_beside(page: Page) -> Any | None:
    """Return the live campaign page next to ``page``, with its pledge and ``can_sign``; one query.

    ``None`` if there is none.
    """
    campaigns = PledgePage.objects.sibling_of(page).live().select_related("pledge", "locale")
    campaign = campaigns.annotate(db_now=Now(), is_paused=switch_exists(SIGNING)).first()
    if campaign is not None:
        campaign.can_sign = is_open(campaign.pledge, campaign.db_now) and not campaign.is_paused
    return campaign


class HomePage(BasePageMixin, Page):  # type: ignore[misc]
    """The home page: what the campaign asks for, its progress, and links to sign. The campaign's page is its child."""

    kicker = models.CharField(_("line above the title"), max_length=120, blank=True)
    lead = models.TextField(_("introduction"), blank=True)
    aside = PledgeStreamField("BODY_BLOCKS", blank=True, verbose_name=_("beside the title"))
    body = PledgeStreamField("BODY_BLOCKS", blank=True, verbose_name=_("story"))
    more = PledgeStreamField("BODY_BLOCKS", blank=True, verbose_name=_("below, full width"))

    default_template = "campaign/home_page.html"
    content_panels: ClassVar[list[Any]] = [
        *Page.content_panels,
        *map(FieldPanel, ("kicker", "lead", "aside", "body", "more")),
    ]
    search_fields: ClassVar[list[Any]] = [*Page.search_fields, *map(index.SearchField, ("lead", "body", "more"))]

    class Meta:
        verbose_name = _("home page")
        verbose_name_plural = _("home pages")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the campaign's page, its progress, its ways to sign, and whether it is open, with three queries."""
        context = super().get_context(request, *args, **kwargs)
        campaign = (
            PledgePage.objects.child_of(self).live().select_related("pledge", "locale").first() if self.pk else None
        )
        if campaign is None:
            return context
        progress = progress_of(campaign.pledge)
        return {
            **context,
            "pledge_page": campaign,
            "pledge": campaign.pledge,
            "progress": progress,
            "ways": list(SignerTypePage.objects.child_of(campaign).live().filter(kind__in=WAYS).order_by("path")),
            # The time of the count saves a query for the database's time
            "is_open": public_state(campaign.pledge, progress.as_of) == PledgeState.OPEN,
        }


class ContentPage(BasePageMixin, Page):  # type: ignore[misc]
    """A page with a lead, the blocks of a campaign's page, and a table of contents if it has enough headings."""

    lead = models.TextField(_("introduction"), blank=True)
    document = models.ForeignKey(
        get_document_model_string(),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("file to download"),
        help_text=_("The same text as a file. The page offers it for download."),
    )
    edition = models.DateField(
        _("date of the text"),
        null=True,
        blank=True,
        help_text=_("The PDF that pledge_summary_pdf makes from the text shows it. Change it together with the text."),
    )
    body = PledgeStreamField("BODY_BLOCKS", blank=True, verbose_name=_("body"))

    default_template = "campaign/content_page.html"
    content_panels: ClassVar[list[Any]] = [
        *Page.content_panels,
        *map(FieldPanel, ("lead", "document", "edition", "body")),
    ]
    search_fields: ClassVar[list[Any]] = [*Page.search_fields, *map(index.SearchField, ("lead", "body"))]

    class Meta:
        verbose_name = _("content page")
        verbose_name_plural = _("content pages")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the text with anchors on its headings, the table of contents, and the campaign's page (one query)."""
        context = super().get_context(request, *args, **kwargs)
        text, contents = add_heading_anchors(self.body.render_as_block(context))
        return {**context, "text": text, "contents": contents, "campaign": campaign_beside(self)}
