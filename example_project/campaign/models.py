"""This site's own pages: home, and pages that only tell."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.documents import get_document_model_string
from wagtail.models import Page
from wagtail.search import index

from example_project.campaign.contents import with_contents
from wagtail_pledge.campaigns.page_types.base import PackagePage
from wagtail_pledge.core.streamfield import PledgeStreamField
from wagtail_pledge.pages.models import PledgePage, SignerTypePage
from wagtail_pledge.signing.enums import PledgeState
from wagtail_pledge.signing.services import progress_of, shown_state


class HomePage(PackagePage, Page):  # type: ignore[misc]
    """The campaign at a glance: what is asked, how far it has come, where to sign. The call is the page below it."""

    kicker = models.CharField(_("line above the title"), max_length=120, blank=True)
    lead = models.TextField(_("lead"), blank=True)
    aside = PledgeStreamField("BODY_BLOCKS", blank=True, verbose_name=_("beside the title"))
    body = PledgeStreamField("BODY_BLOCKS", blank=True, verbose_name=_("story"))
    more = PledgeStreamField("BODY_BLOCKS", blank=True, verbose_name=_("below, over the whole width"))

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
        """Add the call: its page, count, pages of the ways to sign, and whether anybody can sign; three queries."""
        context = super().get_context(request, *args, **kwargs)
        call = PledgePage.objects.child_of(self).live().select_related("pledge", "locale").first() if self.pk else None
        if call is None:
            return context
        progress = progress_of(call.pledge)
        return {
            **context,
            "pledge_page": call,
            "pledge": call.pledge,
            "progress": progress,
            "ways": list(SignerTypePage.objects.child_of(call).live().order_by("path")),
            # The clock of the count saves asking the database for the time
            "is_open": shown_state(call.pledge, progress.as_of) == PledgeState.OPEN,
        }


class ContentPage(PackagePage, Page):  # type: ignore[misc]
    """A heading, a lead and the same blocks as a campaign's page, with a table of contents where the text is long."""

    lead = models.TextField(_("lead"), blank=True)
    document = models.ForeignKey(
        get_document_model_string(),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("file to download"),
        help_text=_("The same text to take along; offered under the lead."),
    )
    body = PledgeStreamField("BODY_BLOCKS", blank=True, verbose_name=_("body"))

    default_template = "campaign/content_page.html"
    content_panels: ClassVar[list[Any]] = [*Page.content_panels, *map(FieldPanel, ("lead", "document", "body"))]
    search_fields: ClassVar[list[Any]] = [*Page.search_fields, *map(index.SearchField, ("lead", "body"))]

    class Meta:
        verbose_name = _("content page")
        verbose_name_plural = _("content pages")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the text with its headings to link to, and the links."""
        context = super().get_context(request, *args, **kwargs)
        text, contents = with_contents(self.body.render_as_block(context))
        return {**context, "text": text, "contents": contents}
