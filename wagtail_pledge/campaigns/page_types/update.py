"""What is new about a campaign: a dated post below its page."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, TitleFieldPanel
from wagtail.images import get_image_model_string
from wagtail.models import Page
from wagtail.search import index

from wagtail_pledge.blocks.updates import listed
from wagtail_pledge.campaigns.context.page import ledger_context
from wagtail_pledge.campaigns.editor.panels import Advice, StreamPanel, page_above
from wagtail_pledge.campaigns.lookups import updates_under
from wagtail_pledge.campaigns.page_types.base import BelowPledgePage
from wagtail_pledge.campaigns.seo import update_data
from wagtail_pledge.core.db import database_today
from wagtail_pledge.core.streamfield import PledgeStreamField

#: Other updates that an update leads to.
MORE: Final = 3


class UpdatePageMixin(BelowPledgePage):
    """Fields and behaviour of an update, for a site with its own base page. Its place is below a pledge page: each
    language's page has its own.
    """

    day = models.DateField(
        _("date"), blank=True, help_text=_("Shown with the title. Lists begin with the newest. Empty: today.")
    )
    lead = models.TextField(
        _("lead"), blank=True, help_text=_("One or two sentences: what happened. Lists show them under the title.")
    )
    image = models.ForeignKey(
        get_image_model_string(),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("image"),
    )
    body = PledgeStreamField("BODY_BLOCKS", blank=True, verbose_name=_("body"))

    shows = "update"
    default_template = "wagtail_pledge/pages/update_page.html"
    page_description = _("What is new about a campaign: a dated post below its page.")
    api_fields: ClassVar[list[Any]] = ["day", "lead", "image", "body"]

    content_panels: ClassVar[list[Any]] = [
        Advice(
            lines=[
                _("What is new about the campaign above. It is not sent by mail."),
                _("Say in the title what happened; the lead stands under it in lists."),
                _("It shows on the campaign’s page where that has the block “Updates”."),
            ],
            link=_("The campaign: the page above this one"),
            leads_to=page_above,
        ),
        TitleFieldPanel("title", placeholder=_("What happened, like “The committee has met”")),
        FieldPanel("day"),
        FieldPanel("lead"),
        FieldPanel("image"),
        StreamPanel("body"),
    ]

    class Meta:
        abstract = True

    def clean(self) -> None:
        """Date what has no date."""
        super().clean()
        self._ensure_day()

    def save(self, *args: Any, **kwargs: Any) -> Any:
        """Date what has no date: a draft is saved without being cleaned."""
        self._ensure_day()
        return super().save(*args, **kwargs)

    @property
    def pledge(self) -> Any | None:
        """The pledge of the campaign that the update belongs to, or ``None``."""
        above = self.parent_pledge_page()
        return above.pledge if above is not None else None

    def _ensure_day(self) -> None:
        if self.day is None:
            self.day = database_today()

    def get_more(self, pledge_page: Any) -> list[Any]:
        """Override to lead to other updates. Returns pages, at most a few."""
        return updates_under([pledge_page], MORE, but=self)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Return page, frame, the campaign that the update belongs to, and the newest others."""
        context = super().get_context(request, *args, **kwargs)  # type: ignore[misc]
        above = self.parent_pledge_page()
        updates = listed(self.get_more(above) if above is not None else [], request)
        mine = ledger_context(self, request, pledge_page=above)
        context = {**context, "pledge_page": above, "updates": updates, "og_type": "article", **mine}
        return {**context, "linked_data": update_data(self, context)}


class AbstractUpdatePage(UpdatePageMixin, Page):  # type: ignore[misc]
    """Base of updates on Wagtail's own page model; subclass it to add fields."""

    search_fields: ClassVar[list[Any]] = [
        *Page.search_fields,
        index.SearchField("lead"),
        index.SearchField("body"),
        index.FilterField("day"),
    ]

    class Meta:
        abstract = True
        verbose_name = _("update")
        verbose_name_plural = _("updates")
