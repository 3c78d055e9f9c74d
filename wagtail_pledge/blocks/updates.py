"""Updates block: the newest updates of a campaign."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from wagtail_pledge.blocks.base import PledgeBlock
from wagtail_pledge.blocks.progress import SAMPLE_UUID
from wagtail_pledge.core.registry import updates_of_page, updates_of_pledge
from wagtail_pledge.signing.models import Pledge

DEFAULT_COUNT: Final = 3
MAX_COUNT: Final = 12
#: Sample updates for previews.
SAMPLE: Final = (
    {"title": "The committee has set a date", "lead": "One sentence on what that means.", "day": dt.date(2026, 2, 3)},
    {"title": "What happened first", "lead": "", "day": dt.date(2025, 12, 18)},
)


def update_items(pages: list[Any], request: Any) -> list[dict[str, Any]]:
    """Return ``title``, ``lead``, ``day`` and ``url`` of each update page, for templates."""
    return [{"title": page.title, "lead": page.lead, "day": page.day, "url": page.get_url(request)} for page in pages]


def updates_for_context(context: Mapping[str, Any], limit: int) -> list[dict[str, Any]]:
    """Return up to ``limit`` updates of the shown page's campaign, newest first; one query per update page model."""
    page = context.get("pledge_page") or context.get("page")
    # The largest list, plus one for the page itself: all lists on a page then share one memoised query
    updates = updates_of_page(page, "", MAX_COUNT + 1) if page is not None else []
    own_pk = getattr(context.get("page"), "pk", None)
    return update_items([update for update in updates if update.pk != own_pk][:limit], context.get("request"))


class UpdatesBlock(PledgeBlock):
    """The newest updates of a campaign, in the language of the page."""

    heading = blocks.CharBlock(required=False, max_length=120, label=_("Heading"), help_text=_("If empty: “Updates”."))
    count = blocks.IntegerBlock(default=DEFAULT_COUNT, min_value=1, max_value=MAX_COUNT, label=_("How many"))

    settings_fields = ("pledge", "count")

    def get_context(self, value: Mapping[str, Any], parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        """Add ``updates``, newest first, each with ``title``, ``lead``, ``day`` and ``url``."""
        context = super().get_context(value, parent_context=parent_context)
        return {**context, "updates": self._updates(context, min(value.get("count") or DEFAULT_COUNT, MAX_COUNT))}

    def _updates(self, context: Mapping[str, Any], limit: int) -> list[dict[str, Any]]:
        pledge = context["pledge"]
        if pledge is None:
            return []
        if pledge.uuid == SAMPLE_UUID:
            return [{**sample, "url": "#"} for sample in SAMPLE]
        if context["is_own"]:
            return updates_for_context(context, limit)
        updates = updates_of_pledge(pledge, get_language() or "", MAX_COUNT)
        return update_items(updates[:limit], context.get("request"))

    def get_preview_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        """Add a sample pledge, for which :data:`SAMPLE` is listed."""
        context: dict[str, Any] = super().get_preview_context(value, parent_context)
        return {**context, "pledge": Pledge(uuid=SAMPLE_UUID, collection_id=0)}

    class Meta:
        icon = "date"
        group = _("Progress")
        label = _("Updates")
        description = _(
            "The campaign’s latest updates: date, title and introduction. Add them as pages under the campaign page."
        )
        template = "wagtail_pledge/blocks/updates.html"
        preview_template = "wagtail_pledge/blocks/preview/updates.html"
        preview_value: Final = {"heading": _("What is new"), "count": DEFAULT_COUNT, "pledge": ""}
