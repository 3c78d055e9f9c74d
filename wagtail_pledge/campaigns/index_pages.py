"""The list of campaigns."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Sum
from django.db.models.functions import Now
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.models import Page

from wagtail_pledge.campaigns.package_pages import PackagePage
from wagtail_pledge.signing.enums import PledgeState
from wagtail_pledge.signing.goals import shown_goal
from wagtail_pledge.signing.models import Pledge
from wagtail_pledge.signing.services import shown_state

NOT_YET = _("Not yet open")


def state_label(state: str) -> str:
    """Return the visitor's word for a state."""
    return str(NOT_YET if state == "not_yet" else PledgeState(state).label)


class PledgeIndexPageMixin(PackagePage):
    """Lists the campaigns below it with state and count."""

    lead = models.TextField(_("lead"), blank=True)

    default_template = "wagtail_pledge/pages/pledge_index_page.html"

    class Meta:
        abstract = True

    def get_campaigns(self, request: HttpRequest) -> list[dict[str, Any]]:
        """Override to list others. Returns ``page, url, pledge, state, state_label, total, goal,
        show`` each; four queries.
        """
        pages = [p for p in self.get_children().live().specific() if getattr(p, "pledge_id", None)]  # type: ignore[attr-defined]
        ids = [page.pledge_id for page in pages]
        ledgers = Pledge.objects.annotate(total=Sum("tallies__count"), db_now=Now()).in_bulk(ids)
        campaigns = []
        for page in pages:
            pledge = ledgers[page.pledge_id]
            state = shown_state(pledge, pledge.db_now)
            total = pledge.total or 0
            campaigns.append(
                {
                    "page": page,
                    "url": page.get_url(request),
                    "pledge": pledge,
                    "state": state,
                    "state_label": state_label(state),
                    "total": total,
                    "goal": shown_goal(total, pledge.goal, pledge.goal_steps),
                    "show": pledge.shows(total),
                }
            )
        return campaigns

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Return page, frame and campaigns."""
        context = super().get_context(request, *args, **kwargs)  # type: ignore[misc]
        return {**context, "campaigns": self.get_campaigns(request)}


class AbstractPledgeIndexPage(PledgeIndexPageMixin, Page):  # type: ignore[misc]
    """Base of index pages on Wagtail's own page model."""

    content_panels: ClassVar[list[Any]] = [*Page.content_panels, FieldPanel("lead")]

    class Meta:
        abstract = True
        verbose_name = _("index of pledges")
        verbose_name_plural = _("indexes of pledges")
