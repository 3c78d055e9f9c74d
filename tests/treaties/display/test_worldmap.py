"""The world map and the tool that builds its geometry."""

from __future__ import annotations

import gzip
import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import override_settings
from django.utils import translation

from tests.treaties import treaty_data
from tools.worldmap.build import SMALL, area, build, centre
from tools.worldmap.projection import HEIGHT, WIDTH, project
from tools.worldmap.topology import read_arcs
from wagtail_pledge.treaties.display.worldmap import DOT_RADIUS, read_geometry, short_name, world_map
from wagtail_pledge.treaties.enums import ParticipantStatus
from wagtail_pledge.treaties.importing.reference_data import DATA, read_rows
from wagtail_pledge.treaties.regions import REGIONS, find_group, group_choices, region_of
from wagtail_pledge.treaties.status import status_as_of

ROWS = read_rows(DATA / "states.csv")
STATES = {row["key"] for row in ROWS if row["kind"] not in {"former_state", "territory", "organization"}}
TERRITORIES = {row["key"] for row in ROWS if row["kind"] == "territory"}


def _rings(path: str) -> list[list[tuple[float, float]]]:
    """Return the rings of an SVG path with relative steps."""
    rings = []
    for part in filter(None, path.split("z")):
        start, steps = part[1:].split("l")
        numbers = [float(number) for number in re.findall(r"-?(?:\d+(?:\.\d+)?|\.\d+)", steps)]
        x, y = (float(number) for number in re.findall(r"-?(?:\d+(?:\.\d+)?|\.\d+)", start))
        ring = [(x, y)]
        for step_x, step_y in zip(numbers[::2], numbers[1::2], strict=True):
            x, y = x + step_x, y + step_y
            ring.append((x, y))
        rings.append(ring)
    return rings


def test_every_state_has_an_outline_or_a_circle() -> None:
    world = read_geometry()
    assert set(world["states"]) == STATES
    for key, shape in world["states"].items():
        assert ("path" in shape) == (shape["area"] >= SMALL), key
        assert 0 <= shape["anchor"][0] <= world["width"]
        assert 0 <= shape["anchor"][1] <= world["height"]


@pytest.mark.django_db
@pytest.mark.requirement("TR4", "P11")
@pytest.mark.parametrize("row", treaty_data.manifest(), ids=lambda row: row["file"])
def test_every_state_with_an_act_is_visible(row: dict[str, str]) -> None:
    treaty_data.states()
    treaty = treaty_data.treaty(row["treaty"])
    day = treaty_data.dt.date.fromisoformat(row["as_of"])
    assert treaty_data.import_csv(treaty, treaty_data.content(row["file"]), day).errors == ()
    status = status_as_of(treaty)
    drawn = world_map(status, "x")
    shapes = "".join(layer.shapes for layer in drawn.layers if layer.status != ParticipantStatus.NONE)
    acted = [state for state in status.states if state.status != ParticipantStatus.NONE and state.iso3]
    geometry = read_geometry()["states"]
    assert {state.key for state in acted if state.iso3 not in geometry} <= {"SCG", "YUG", "CSK", "DDR"}
    small = [state for state in acted if state.iso3 in geometry and "path" not in geometry[state.iso3]]
    assert shapes.count(f' r="{DOT_RADIUS}"') == len(small)
    for state in acted:
        if state.iso3 in geometry and state not in small:
            assert geometry[state.iso3]["path"] in shapes
            assert sum(abs(area(ring)) for ring in _rings(geometry[state.iso3]["path"])) >= SMALL - 1


def test_no_outline_crosses_the_whole_map() -> None:
    world = read_geometry()
    paths = {key: shape.get("path", "") for key, shape in world["states"].items()} | {"other": world["other"]}
    for key, path in paths.items():
        for ring in _rings(path):
            xs = [x for x, _y in ring]
            assert min(xs) >= -1
            assert max(xs) <= WIDTH + 1
            # Russia is the widest State: 152 degrees of longitude
            assert max(xs) - min(xs) < WIDTH * 0.45, key
            assert max((abs(b[0] - a[0]) for a, b in pairwise(ring)), default=0) < 120, key


def test_labels_are_on_the_map() -> None:
    for shape in read_geometry()["states"].values():
        x, y, end_x, end_y = shape["label"]
        assert 30 < x < WIDTH - 30
        assert 10 < y < HEIGHT - 10
        assert 0 <= end_x <= WIDTH
        assert 0 <= end_y <= HEIGHT


@pytest.mark.django_db
@pytest.mark.requirement("P11")
@pytest.mark.parametrize("language", ["en", "es", "ar"])
def test_the_svg_is_small_and_has_a_text_alternative(language: str) -> None:
    status = status_as_of(treaty_data.cmw())
    with translation.override(language):
        drawn = world_map(status_as_of(treaty_data.Treaty.objects.get()), "The Convention", "USA")
        html = render_to_string("wagtail_pledge/includes/treaty_map.html", {"map": drawn, "has_table": True})
    svg = html[html.index('<svg class="pledge-map-svg') : html.index("</svg>") + 6]
    assert len(gzip.compress(svg.encode(), 6)) <= 18_000
    assert 'role="img"' in svg
    assert f'<desc id="map-desc">{status.parties}' in svg or language != "en"
    assert 'fill="url(#map-hatch)"' in svg
    assert 'class="pledge-map-outline"' in svg
    for forbidden in (" style=", "<script", "onclick", "tabindex"):
        assert forbidden not in svg


@pytest.mark.django_db
def test_names_are_escaped() -> None:
    treaty_data.cmw()
    treaty_data.State.objects.filter(key="FRA").update(name="<script>alert(1)</script>")
    drawn = world_map(status_as_of(treaty_data.Treaty.objects.get()), "x", "FRA")
    assert "<script>" not in "".join(layer.shapes for layer in drawn.layers)


@pytest.mark.django_db
def test_a_site_may_have_its_own_geometry(tmp_path: Path) -> None:
    path = tmp_path / "world.json"
    shape = {"anchor": [1, 2], "area": 1, "label": [100, 50, 1, 2]}
    path.write_text(json.dumps({"width": 200, "height": 100, "states": {"MEX": shape}, "other": ""}))
    status = status_as_of(treaty_data.cmw())
    with override_settings(WAGTAIL_PLEDGE_MAP_GEOMETRY=str(path)):
        drawn = world_map(status, "x", "USA")
    assert [layer.status for layer in drawn.layers] == [ParticipantStatus.PARTY]
    assert drawn.label is None


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Bolivia (Plurinational State of)", "Bolivia"),
        ("United Kingdom of Great Britain and Northern Ireland", "United Kingdom"),
        ("Chad", "Chad"),
    ],
)
def test_names_on_the_map_are_short(name: str, short: str) -> None:
    assert short_name(name) == short


def _square(west: float, south: float, size: float) -> list[list[float]]:
    return [[west, south], [west + size, south], [west + size, south + size], [west, south + size], [west, south]]


def _topology(rings: dict[str, list[list[float]]]) -> Any:
    """Return TopoJSON with one arc per shape, in hundredths of a degree."""
    arcs = []
    for ring in rings.values():
        steps, last = [], (0, 0)
        for x, y in ring:
            place = (round((x + 180) * 100), round((y + 90) * 100))
            steps.append([place[0] - last[0], place[1] - last[1]])
            last = place
        arcs.append(steps)
    geometries = [
        {"type": "Polygon", "arcs": [[number]], "properties": {"a3": code}} for number, code in enumerate(rings)
    ]
    return {
        "transform": {"scale": [0.01, 0.01], "translate": [-180, -90]},
        "arcs": arcs,
        "objects": {"countries": {"geometries": geometries}},
    }


def test_the_build_merges_drops_and_splits_areas() -> None:
    rings = {
        "AAA": _square(0, 0, 20),
        "SOM": _square(40, 0, 10),
        "SOL": _square(40, 10, 5),
        "XYZ": _square(-40, 0, 10),
        "ATA": _square(0, -80, 10),
        "EDG": _square(-174, 0, 10),
        "TIN": _square(100, 0, 0.1),
    }
    names = dict.fromkeys(["AAA", "SOM", "EDG", "TIN"], "A name")
    world = build(_topology(rings), names=names, tolerance=0.5)
    assert set(world["states"]) == set(names)
    assert len(_rings(world["other"])) == 1
    assert len(_rings(world["states"]["SOM"]["path"])) == 2
    assert "path" not in world["states"]["TIN"]
    # The map's edge is at 169 degrees west: a shape that crosses it has a part on each side
    left, right = sorted(_rings(world["states"]["EDG"]["path"]))
    assert max(x for x, _y in left) < 50
    assert min(x for x, _y in right) > WIDTH - 50


def test_simplification_keeps_small_islands_and_drops_invisible_detail() -> None:
    wavy = [[x / 10, 0.001 * (x % 2)] for x in range(100)]
    arcs = read_arcs(_topology({"A": wavy, "B": _square(0, 0, 0.1)}), 0.5)
    assert len(arcs[0]) == 2
    assert len(arcs[1]) >= 4


def test_the_projection_is_equal_earth() -> None:
    assert project(-180, 0)[0] == pytest.approx(0)
    assert project(180, 0)[0] == pytest.approx(WIDTH)
    small, large = [project(*p) for p in _square(10, 60, 5)], [project(*p) for p in _square(10, 0, 5)]
    # At 60° north, the same degrees cover about half the area
    assert abs(area(small)) / abs(area(large)) == pytest.approx(0.463, abs=0.02)
    assert centre([(0, 0), (2, 0), (2, 2), (0, 2)]) == (1, 1)


def test_regions_and_groups_name_only_states_that_exist() -> None:
    assert {key for key in STATES | TERRITORIES if region_of(key) not in REGIONS} == set()
    assert region_of("EU") == ""
    for key, _label in group_choices():
        group = find_group(key)
        assert group is None or group.keys <= STATES
