"""What is new about a campaign."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from wagtail_pledge.blocks.base import PledgeBoundBlock
from wagtail_pledge.blocks.progress import SAMPLE_UUID
from wagtail_pledge.core.registry import updates_of_page, updates_of_pledge
from wagtail_pledge.signing.models import Pledge

DEFAULT_COUNT: Final = 3
MAX_COUNT: Final = 12
#: What the picker's preview lists.
SAMPLE: Final = (
    {"title": "The committee has set a date", "lead": "One sentence on what that means.", "day": dt.date(2026, 2, 3)},
    {"title": "What happened first", "lead": "", "day": dt.date(2025, 12, 18)},
)


def listed(pages: list[Any], request: Any) -> list[dict[str, Any]]:
    """Return what templates show of updates: title, lead, day, url."""
    return [{"title": p.title, "lead": p.lead, "day": p.day, "url": p.get_url(request)} for p in pages]


def updates_here(context: Mapping[str, Any], limit: int) -> list[dict[str, Any]]:
    """Return the newest updates of the campaign whose page is shown, newest first; one query an update model."""
    page = context.get("pledge_page") or context.get("page")
    # As many as any list shows, and the page itself: all lists on a page read them once
    found = updates_of_page(page, "", MAX_COUNT + 1) if page is not None else []
    shown = getattr(context.get("page"), "pk", None)
    return listed([update for update in found if update.pk != shown][:limit], context.get("request"))


class UpdatesBlock(PledgeBoundBlock):
    """The newest updates of a campaign, in the language of the page."""

    heading = blocks.CharBlock(required=False, max_length=120, label=_("Heading"), help_text=_("Empty: “Updates”."))
    count = blocks.IntegerBlock(default=DEFAULT_COUNT, min_value=1, max_value=MAX_COUNT, label=_("How many"))

    folded = ("pledge", "count")

    def get_context(self, value: Mapping[str, Any], parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        """Add ``updates``: each ``title, lead, day, url``, newest first."""
        context = super().get_context(value, parent_context=parent_context)
        return {**context, "updates": self._updates(context, min(value.get("count") or DEFAULT_COUNT, MAX_COUNT))}

    def _updates(self, context: Mapping[str, Any], limit: int) -> list[dict[str, Any]]:
        pledge = context["pledge"]
        if pledge is None:
            return []
        if pledge.uuid == SAMPLE_UUID:
            return [{**sample, "url": "#"} for sample in SAMPLE]
        if context["is_own"]:
            return updates_here(context, limit)
        found = updates_of_pledge(pledge, get_language() or "", MAX_COUNT)
        return listed(found[:limit], context.get("request"))

    def get_preview_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        """List samples."""
        context: dict[str, Any] = super().get_preview_context(value, parent_context)
        return {**context, "pledge": Pledge(uuid=SAMPLE_UUID, collection_id=0)}

    class Meta:
        icon = "date"
        group = _("Progress")
        label = _("Updates")
        description = _("The newest updates of the campaign: date, title and lead. Write them below the pledge page.")
        template = "wagtail_pledge/blocks/updates.html"
        preview_template = "wagtail_pledge/blocks/preview/updates.html"
        preview_value: Final = {"heading": _("What is new"), "count": DEFAULT_COUNT, "pledge": ""}
