"""Blocks that draw a treaty's status: a world map, and a line chart of its parties."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy

from wagtail_pledge.blocks.treaty_base import SAMPLE_KEY, StateChoiceBlock, TreatyBlock, sample_world_status
from wagtail_pledge.treaties.display.facts import TreatyLabel
from wagtail_pledge.treaties.display.timeline import timeline
from wagtail_pledge.treaties.display.worldmap import world_map
from wagtail_pledge.treaties.models import Treaty
from wagtail_pledge.treaties.status import StatusSnapshot


def _element_id(prefix: str, treaty: Treaty, suffix: str = "") -> str:
    """Return an HTML id. Two equal blocks on a page share it, which is harmless: both show the same."""
    return f"{prefix}-{treaty.key}{suffix and f'-{suffix.lower()}'}"


class TreatyMapBlock(TreatyBlock):
    """A world map as inline SVG, about as heavy as a photo: use it once per page."""

    spotlight = StateChoiceBlock(
        required=False,
        label=gettext_lazy("Highlighted State"),
        help_text=gettext_lazy("Outlined and labeled on the map."),
    )

    def get_parts(
        self, value: Mapping[str, Any], treaty: Treaty, snapshot: StatusSnapshot, label: TreatyLabel
    ) -> dict[str, Any]:
        """Return ``map``."""
        spotlight = value.get("spotlight") or ""
        status = sample_world_status() if treaty.key == SAMPLE_KEY else snapshot.status
        return {"map": world_map(status, label.title, spotlight, _element_id("map", treaty, spotlight))}

    class Meta:
        icon = "site"
        group = gettext_lazy("Treaty data")
        label = gettext_lazy("Treaty map")
        description = gettext_lazy("A world map of who is party and who signed, with patterns as well as colors.")
        template = "wagtail_pledge/blocks/treaty_map.html"
        preview_template = "wagtail_pledge/blocks/preview/treaty_map.html"
        preview_value = {"treaty": SAMPLE_KEY, "spotlight": "TGO"}


class TreatyTimelineBlock(TreatyBlock):
    """The growth of the number of parties, as a line chart and as a list."""

    def get_parts(
        self, value: Mapping[str, Any], treaty: Treaty, snapshot: StatusSnapshot, label: TreatyLabel
    ) -> dict[str, Any]:
        """Return ``timeline``, ``None`` while there are no acts, and ``timeline_id``."""
        status = snapshot.status
        drawn = timeline(treaty, snapshot.acts_of, status.as_of, status.data_as_of)
        return {"timeline": drawn, "timeline_id": _element_id("timeline", treaty)}

    class Meta:
        icon = "history"
        group = gettext_lazy("Treaty data")
        label = gettext_lazy("Treaty timeline")
        description = gettext_lazy("A line chart of how the number of parties grew, with all changes as a list.")
        template = "wagtail_pledge/blocks/treaty_timeline.html"
        preview_template = "wagtail_pledge/blocks/preview/treaty_timeline.html"
        preview_value = {"treaty": SAMPLE_KEY}
