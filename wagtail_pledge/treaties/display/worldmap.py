"""The world map: which State is drawn how. Shapes are data, made by ``geometry.build``; looks are classes."""

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
from wagtail_pledge.treaties.display.tables import SHAPES
from wagtail_pledge.treaties.enums import Standing
from wagtail_pledge.treaties.importing.reference_data import DATA
from wagtail_pledge.treaties.status import StateStatus, TreatyStatus
from wagtail_pledge.treaties.words import date_in_words, number_in_words

#: Radius of the circle that stands for a State too small to be seen as a shape: one who acted, one who did not.
DOT, DOT_OF_NONE = 3.6, 1.8
#: What a letter of the label takes, and half its height, in units of the map.
_LETTER, _HALF_HEIGHT = 3.9, 11
#: Drawn in this order: what matters lies on top.
_LAYERS: Final = (
    Standing.NONE,
    Standing.UNKNOWN,
    Standing.FORMER_PARTY,
    Standing.SIGNED_ONLY,
    Standing.PARTY,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """The States of one status. ``modifier`` ends the CSS class, ``pattern`` says which pattern twin it has.

    ``shapes`` is SVG: an outline for each State, or a circle for one too small to be seen, each with its name.
    """

    status: Standing
    modifier: str
    pattern: str
    shapes: SafeString


@dataclass(frozen=True, slots=True, kw_only=True)
class MapLabel:
    """The name of the State in the spotlight, at sea, and the line that leads to it."""

    name: str
    x: float
    y: float
    leader: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldMap:
    """What the template draws; ``title`` and ``description`` say the same in words."""

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
    """Return the geometry of ``WAGTAIL_PLEDGE_MAP_GEOMETRY``, else the package's own; read once a process."""
    return _read(Path(get_setting("MAP_GEOMETRY") or DATA / "world.json"))


def world_map(status: TreatyStatus, title: str, spotlight: str = "", map_id: str = "map") -> WorldMap:
    """Return the map of a status. ``title`` is the treaty's, ``spotlight`` a party id, ``map_id`` unique on the page.

    A State that the geometry lacks is not drawn; organizations never are. No query.
    """
    world = read_geometry()
    shown = status.find(spotlight) if spotlight in world["states"] else None
    return WorldMap(
        id=map_id,
        width=round(world["width"]),
        height=round(world["height"]),
        title=_("World map: %(treaty)s") % {"treaty": title},
        description=describe(status),
        other=world["other"],
        layers=tuple(_layers(status.states, world["states"], spotlight, f"{map_id}-spotlight")),
        label=_label(shown, world["states"][shown.key]) if shown else None,
        spotlight=shown,
    )


def describe(status: TreatyStatus) -> str:
    """Return the three numbers and their day: "60 States parties, 11 signed only, 126 neither, on 3 February 2026"."""
    parties = ngettext("%(count)s party", "%(count)s parties", status.parties)
    words = [
        parties % {"count": number_in_words(status.parties)},
        pgettext("number of States", "%(count)s signed only") % {"count": number_in_words(status.signed_only)},
        pgettext("number of States", "%(count)s neither") % {"count": number_in_words(status.neither)},
    ]
    return _("%(numbers)s. As of %(date)s.") % {
        "numbers": pgettext("list", ", ").join(words),
        "date": date_in_words(status.known_until),
    }


def _layers(
    states: Iterable[StateStatus], shapes: Mapping[str, Any], spotlight: str, spotlight_id: str
) -> Iterable[Layer]:
    drawn = [state for state in states if state.iso3 in shapes]
    for standing in _LAYERS:
        found = [state for state in drawn if state.status == standing]
        # Circles last: a small State inside a large one of the same status stays visible
        found.sort(key=lambda state: "path" not in shapes[state.iso3])
        if found:
            svg = [_shape(state, shapes[state.iso3], spotlight_id if state.key == spotlight else "") for state in found]
            pattern = {Standing.SIGNED_ONLY: "hatch", Standing.FORMER_PARTY: "dots"}.get(standing, "")
            markup = mark_safe("\n".join(svg))  # noqa: S308 - each comes from format_html
            yield Layer(status=standing, modifier=SHAPES[standing][1], pattern=pattern, shapes=markup)


def _shape(state: StateStatus, shape: Mapping[str, Any], id_: str) -> SafeString:
    marked = format_html(' id="{}"', id_) if id_ else ""
    if "path" in shape:
        return format_html('<path d="{}"{}><title>{}</title></path>', shape["path"], marked, state.name)
    radius = DOT_OF_NONE if state.status == Standing.NONE and not id_ else DOT
    x, y = shape["anchor"]
    circle = '<circle cx="{}" cy="{}" r="{}"{}><title>{}</title></circle>'
    return format_html(circle, str(x), str(y), str(radius), marked, state.name)


def short_name(name: str) -> str:
    """Return a State's name as it fits on a map: without what stands in brackets or after "of Great Britain"."""
    return name.partition(" (")[0].partition(" of Great Britain")[0]


def _label(state: StateStatus, shape: Mapping[str, Any]) -> MapLabel:
    name = short_name(state.name)
    x, y, end_x, end_y = shape["label"]
    width, height = end_x - x, end_y - y
    # The line starts where it leaves the label's box
    across = (len(name) * _LETTER + 4) / abs(width) if width else 1.0
    share = min(1.0, across, _HALF_HEIGHT / abs(height) if height else 1.0)
    leader = f"M{x + width * share:.0f} {y + height * share:.0f}L{end_x:.0f} {end_y:.0f}"
    return MapLabel(name=name, x=x, y=y, leader=leader)
