"""Blocks that draw a treaty: the world map and the line of its parties."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy

from wagtail_pledge.blocks.treaty_base import SAMPLE_KEY, StateChoiceBlock, TreatyBlock
from wagtail_pledge.treaties.display.facts import TreatyLabel
from wagtail_pledge.treaties.display.timeline import timeline
from wagtail_pledge.treaties.display.worldmap import world_map
from wagtail_pledge.treaties.models import Treaty
from wagtail_pledge.treaties.status import Look


def _unique(prefix: str, treaty: Treaty, more: str = "") -> str:
    """Return an id for the page: the same block twice on a page shows the same, so the ids lead to the same."""
    return f"{prefix}-{treaty.key}{more and f'-{more.lower()}'}"


class TreatyMapBlock(TreatyBlock):
    """The world map. It weighs as much as a picture: one a page is enough."""

    spotlight = StateChoiceBlock(
        required=False,
        label=gettext_lazy("State in the spotlight"),
        help_text=gettext_lazy("Gets an outline and its name on the map."),
    )

    def get_parts(self, value: Mapping[str, Any], treaty: Treaty, seen: Look, label: TreatyLabel) -> dict[str, Any]:
        """Return the map."""
        spotlight = value.get("spotlight") or ""
        return {"map": world_map(seen.status, label.title, spotlight, _unique("map", treaty, spotlight))}

    class Meta:
        icon = "site"
        group = gettext_lazy("Data")
        label = gettext_lazy("Treaty map")
        description = gettext_lazy("A world map of who is party and who signed, with patterns as well as colours.")
        template = "wagtail_pledge/blocks/treaty_map.html"
        preview_template = "wagtail_pledge/blocks/preview/treaty_map.html"
        preview_value = {"treaty": SAMPLE_KEY, "spotlight": "TGO"}


class TreatyTimelineBlock(TreatyBlock):
    """How the number of parties grew, as a line and as a list."""

    def get_parts(self, value: Mapping[str, Any], treaty: Treaty, seen: Look, label: TreatyLabel) -> dict[str, Any]:
        """Return the line; ``None`` where nothing has happened yet."""
        status = seen.status
        drawn = timeline(treaty, seen.acts_of, status.as_of, status.data_as_of)
        return {"timeline": drawn, "timeline_id": _unique("timeline", treaty)}

    class Meta:
        icon = "history"
        group = gettext_lazy("Data")
        label = gettext_lazy("Treaty timeline")
        description = gettext_lazy("How the number of parties grew, drawn as a line, with every step as a list.")
        template = "wagtail_pledge/blocks/treaty_timeline.html"
        preview_template = "wagtail_pledge/blocks/preview/treaty_timeline.html"
        preview_value = {"treaty": SAMPLE_KEY}
