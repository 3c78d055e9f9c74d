"""Renders the world map of a treaty's status as SVG shapes with CSS classes.

The outlines are in ``treaties/data/world.json``, which ``tools.worldmap.build`` generates.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from wagtail_pledge.conf import get_setting
from wagtail_pledge.core.i18n import format_number
from wagtail_pledge.treaties.display.tables import SHAPES
from wagtail_pledge.treaties.enums import ParticipantStatus
from wagtail_pledge.treaties.formatting import format_date
from wagtail_pledge.treaties.importing.reference_data import DATA
from wagtail_pledge.treaties.status import StateStatus, TreatyStatus

#: Radius of the circle for a State too small for an outline, with and without any act.
DOT_RADIUS, DOT_RADIUS_NO_ACT = 3.6, 1.8
#: Width of a character of the label, and half the label's height, in units of the map.
_CHARACTER_WIDTH, _HALF_HEIGHT = 3.9, 11
#: Drawing order: later layers are on top.
_LAYERS: Final = (
    ParticipantStatus.NONE,
    ParticipantStatus.UNKNOWN,
    ParticipantStatus.FORMER_PARTY,
    ParticipantStatus.SIGNED_ONLY,
    ParticipantStatus.PARTY,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """The States with one status. ``modifier`` is the CSS class modifier, ``pattern`` the fill pattern or "".

    ``shapes`` is SVG: an outline, or for a small State a circle, each with the State's name as ``<title>``.
    """

    status: ParticipantStatus
    modifier: str
    pattern: str
    shapes: SafeString


@dataclass(frozen=True, slots=True, kw_only=True)
class MapLabel:
    """The label of the spotlight State, placed at sea. ``leader`` is the SVG path of the line to the State."""

    name: str
    x: float
    y: float
    leader: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldMap:
    """Context of the map template. ``title`` and ``description`` are the text alternative.

    ``other`` is the SVG path of all land outside the States of the geometry.
    """

    id: str
    width: int
    height: int
    title: str
    description: str
    other: str
    layers: tuple[Layer, ...]
    label: MapLabel | None
    spotlight: StateStatus | None


@cache
def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def read_geometry() -> Any:
    """Return the geometry from ``WAGTAIL_PLEDGE_MAP_GEOMETRY``, or the package's own; read once per process."""
    return _read(Path(get_setting("MAP_GEOMETRY") or DATA / "world.json"))


def world_map(status: TreatyStatus, title: str, spotlight: str = "", map_id: str = "map") -> WorldMap:
    """Return the map of a status. ``title`` is the treaty's title, ``spotlight`` the party id of the State to label.

    ``map_id`` must be unique on the page. Organizations and States missing in the geometry are not drawn. No query.
    """
    world = read_geometry()
    state = status.find(spotlight) if spotlight in world["states"] else None
    return WorldMap(
        id=map_id,
        width=round(world["width"]),
        height=round(world["height"]),
        title=_("World map: %(treaty)s") % {"treaty": title},
        description=describe(status),
        other=world["other"],
        layers=tuple(_layers(status.states, world["states"], spotlight, f"{map_id}-spotlight")),
        label=_label(state, world["states"][state.key]) if state else None,
        spotlight=state,
    )


def describe(status: TreatyStatus) -> str:
    """Return the counts as text: "60 parties, 11 signed only, 126 neither signed nor party. As of 3 February 2026"."""
    parties = ngettext("%(count)s party", "%(count)s parties", status.parties)
    counts = [
        parties % {"count": format_number(status.parties)},
        pgettext("number of States", "%(count)s signed only") % {"count": format_number(status.signed_only)},
        pgettext("number of States", "%(count)s neither signed nor party") % {"count": format_number(status.neither)},
    ]
    return _("%(numbers)s. As of %(date)s.") % {
        "numbers": pgettext("list", ", ").join(counts),
        "date": format_date(status.known_until),
    }


def _layers(
    states: Iterable[StateStatus], shapes: Mapping[str, Any], spotlight: str, spotlight_id: str
) -> Iterable[Layer]:
    drawn = [state for state in states if state.iso3 in shapes]
    for participant_status in _LAYERS:
        layer = [state for state in drawn if state.status == participant_status]
        # Circles last: a small State inside a large one of the same status stays visible
        layer.sort(key=lambda state: "path" not in shapes[state.iso3])
        if layer:
            svg = [_shape(state, shapes[state.iso3], spotlight_id if state.key == spotlight else "") for state in layer]
            pattern = {ParticipantStatus.SIGNED_ONLY: "hatch", ParticipantStatus.FORMER_PARTY: "dots"}.get(
                participant_status, ""
            )
            markup = mark_safe("\n".join(svg))  # noqa: S308 - each comes from format_html
            yield Layer(
                status=participant_status, modifier=SHAPES[participant_status][1], pattern=pattern, shapes=markup
            )


def _shape(state: StateStatus, shape: Mapping[str, Any], id_: str) -> SafeString:
    id_attribute = format_html(' id="{}"', id_) if id_ else ""
    if "path" in shape:
        return format_html('<path d="{}"{}><title>{}</title></path>', shape["path"], id_attribute, state.name)
    radius = DOT_RADIUS_NO_ACT if state.status == ParticipantStatus.NONE and not id_ else DOT_RADIUS
    x, y = shape["anchor"]
    circle = '<circle cx="{}" cy="{}" r="{}"{}><title>{}</title></circle>'
    return format_html(circle, str(x), str(y), str(radius), id_attribute, state.name)


def short_name(name: str) -> str:
    """Return a State's name without a part in brackets and without "of Great Britain and Northern Ireland"."""
    return name.partition(" (")[0].partition(" of Great Britain")[0]


def _label(state: StateStatus, shape: Mapping[str, Any]) -> MapLabel:
    name = short_name(state.name)
    x, y, end_x, end_y = shape["label"]
    width, height = end_x - x, end_y - y
    # The line starts where it leaves the label's box
    across = (len(name) * _CHARACTER_WIDTH + 4) / abs(width) if width else 1.0
    share = min(1.0, across, _HALF_HEIGHT / abs(height) if height else 1.0)
    leader = f"M{x + width * share:.0f} {y + height * share:.0f}L{end_x:.0f} {end_y:.0f}"
    return MapLabel(name=name, x=x, y=y, leader=leader)
