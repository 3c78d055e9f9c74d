"""Page type of an update: a dated post about a campaign, below its page."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, TitleFieldPanel
from wagtail.images import get_image_model_string
from wagtail.models import Page
from wagtail.search import index

from wagtail_pledge.blocks.updates import update_items
from wagtail_pledge.campaigns.context.page import pledge_context
from wagtail_pledge.campaigns.editor.panels import AdvicePanel, StreamPanel, parent_edit_url
from wagtail_pledge.campaigns.lookups import updates_under
from wagtail_pledge.campaigns.page_types.base import PledgeChildPageMixin
from wagtail_pledge.campaigns.seo import update_linked_data
from wagtail_pledge.core.db import database_today
from wagtail_pledge.core.streamfield import PledgeStreamField

#: Number of other updates that an update page links to.
MAX_MORE_UPDATES: Final = 3


class UpdatePageMixin(PledgeChildPageMixin):
    """Fields and behaviour of an update, for sites with their own base page.

    An update is a child of a pledge page; the pledge page of each language has its own updates.
    """

    day = models.DateField(
        _("date"), blank=True, help_text=_("Shown with the title. Lists begin with the newest. If empty: today.")
    )
    lead = models.TextField(
        _("introduction"),
        blank=True,
        help_text=_("One or two sentences: what happened. Lists show them under the title."),
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

    page_role = "update"
    default_template = "wagtail_pledge/pages/update_page.html"
    page_description = _("News about a campaign: a dated post under its page.")
    api_fields: ClassVar[list[Any]] = ["day", "lead", "image", "body"]

    content_panels: ClassVar[list[Any]] = [
        AdvicePanel(
            lines=[
                _("What is new about the campaign above. It is not sent by email."),
                _("Say what happened in the title. Lists show the introduction under it."),
                _("Shown on the campaign page if that page has the “Updates” block."),
            ],
            link=_("The campaign: the page above this page"),
            get_link_url=parent_edit_url,
        ),
        TitleFieldPanel("title", placeholder=_("What happened. For example, “The committee has met”")),
        FieldPanel("day"),
        FieldPanel("lead"),
        FieldPanel("image"),
        StreamPanel("body"),
    ]

    class Meta:
        abstract = True

    def clean(self) -> None:
        """Set an empty date to today."""
        super().clean()
        self._ensure_day()

    def save(self, *args: Any, **kwargs: Any) -> Any:
        """Set an empty date to today before saving: Wagtail saves drafts without ``clean``."""
        self._ensure_day()
        return super().save(*args, **kwargs)

    @property
    def pledge(self) -> Any | None:
        """The pledge of the campaign that the update belongs to, or ``None``."""
        pledge_page = self.parent_pledge_page()
        return pledge_page.pledge if pledge_page is not None else None

    def _ensure_day(self) -> None:
        if self.day is None:
            self.day = database_today()

    def get_more_updates(self, pledge_page: Any) -> list[Any]:
        """Return the other updates that the page links to. Override to choose others."""
        return updates_under([pledge_page], MAX_MORE_UPDATES, exclude_update=self)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Return the context of the page, its campaign and the newest other updates."""
        context = super().get_context(request, *args, **kwargs)
        pledge_page = self.parent_pledge_page()
        updates = update_items(self.get_more_updates(pledge_page) if pledge_page is not None else [], request)
        pledge = pledge_context(self, request, pledge_page=pledge_page)
        context = {**context, "pledge_page": pledge_page, "updates": updates, "og_type": "article", **pledge}
        return {**context, "linked_data": update_linked_data(self, context)}


class AbstractUpdatePage(UpdatePageMixin, Page):  # type: ignore[misc, django-manager-missing]
    """Abstract update page on Wagtail's ``Page``; subclass it to add fields."""

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
