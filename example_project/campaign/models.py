"""Pages that only tell: home, summary."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.documents import get_document_model_string
from wagtail.models import Page
from wagtail.search import index

from wagtail_pledge.campaigns.frame import cacheable, page_frame
from wagtail_pledge.core.streamfield import PledgeStreamField


class ContentPage(Page):
    """A heading, a lead and the same blocks as a campaign's page."""

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

    template = "campaign/content_page.html"
    content_panels: ClassVar[list[Any]] = [*Page.content_panels, *map(FieldPanel, ("lead", "document", "body"))]
    search_fields: ClassVar[list[Any]] = [
        *Page.search_fields,
        index.SearchField("lead"),
        index.SearchField("body"),
    ]

    class Meta:
        verbose_name = _("content page")
        verbose_name_plural = _("content pages")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the frame of public pages."""
        return {**super().get_context(request, *args, **kwargs), **page_frame(self, request)}

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Serve the page without anything of the visitor's in it."""
        return cacheable(self, request, super().serve(request, *args, **kwargs))
