"""TopoJSON reader that simplifies the arcs, so that neighbouring States still share the same border."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from tools.worldmap.projection import CENTRE, Point, project

Ring = list[Point]


def read_arcs(topology: Any, tolerance: float) -> list[Ring]:
    """Return the simplified arcs as points (longitude from the map's centre, latitude) in degrees.

    ``tolerance`` is the maximum distance that simplification may move a line, in units of the map.
    """
    scale, translate = topology["transform"]["scale"], topology["transform"]["translate"]
    return [_simplified(_unwrapped(_decoded(arc, scale, translate)), tolerance) for arc in topology["arcs"]]


def _decoded(arc: Iterable[Sequence[int]], scale: Sequence[float], translate: Sequence[float]) -> Iterator[Point]:
    x = y = 0
    for step_x, step_y in arc:
        x, y = x + step_x, y + step_y
        longitude = x * scale[0] + translate[0] - CENTRE
        yield (longitude + 180) % 360 - 180, y * scale[1] + translate[1]


def _unwrapped(points: Iterable[Point]) -> Ring:
    """Return a line that crosses the map's edge as one that continues beyond it, without a jump to the other side."""
    ring: Ring = []
    for longitude, latitude in points:
        turns = round((ring[-1][0] - longitude) / 360) if ring else 0
        ring.append((longitude + turns * 360, latitude))
    return ring


def _simplified(ring: Ring, tolerance: float) -> Ring:
    """Return the line simplified by the Douglas-Peucker algorithm."""
    positions = [project(*point) for point in ring]
    kept = {0, len(ring) - 1}
    todo = [(0, len(ring) - 1)]
    while todo:
        first, last = todo.pop()
        far, index = _furthest(positions, first, last)
        if far > tolerance:
            kept.add(index)
            todo += [(first, index), (index, last)]
    if len(kept) < 4 <= len(set(ring)) and ring[0] == ring[-1]:
        # An island smaller than the tolerance would become a line without area
        return _simplified(ring, tolerance / 2)
    return [ring[index] for index in sorted(kept)]


def _furthest(positions: Sequence[Point], first: int, last: int) -> tuple[float, int]:
    start, end = positions[first], positions[last]
    distances = [(_distance(positions[index], start, end), index) for index in range(first + 1, last)]
    return max(distances, default=(0.0, first))


def _distance(point: Point, start: Point, end: Point) -> float:
    """Return the distance of ``point`` from the line segment between ``start`` and ``end``."""
    width, height = end[0] - start[0], end[1] - start[1]
    length = width * width + height * height
    share = ((point[0] - start[0]) * width + (point[1] - start[1]) * height) / length if length else 0.0
    share = min(1.0, max(0.0, share))
    x, y = start[0] + share * width - point[0], start[1] + share * height - point[1]
    return float((x * x + y * y) ** 0.5)


def read_rings(geometry: Any, arcs: Sequence[Ring]) -> Iterator[Ring]:
    """Yield the rings of a geometry, including holes, split where they cross the map's edge."""
    polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
    for polygon in polygons:
        for indices in polygon:
            yield from _split_at_edge(_joined(indices, arcs))


def _joined(indices: Iterable[int], arcs: Sequence[Ring]) -> Ring:
    points: Ring = []
    for index in indices:
        # TopoJSON stores a reversed arc as the bitwise complement of its index
        points += arcs[index] if index >= 0 else arcs[~index][::-1]
    return _unwrapped(points)


def _split_at_edge(ring: Ring) -> Iterator[Ring]:
    """Yield the parts of a ring on each side of the map's edge, each at its position on the map."""
    for turns in range(-1, 2):
        moved = [(longitude + 360 * turns, latitude) for longitude, latitude in ring]
        inside = _clipped(_clipped(moved, -180, keep_above=True), 180, keep_above=False)
        if inside:
            yield inside


def _clipped(ring: Ring, edge: float, *, keep_above: bool) -> Ring:
    """Return the ring clipped at the meridian ``edge`` by the Sutherland-Hodgman algorithm."""
    clipped: Ring = []
    for (x1, y1), (x2, y2) in zip(ring[-1:] + ring[:-1], ring, strict=True):
        was_inside, is_inside = (x1 >= edge) == keep_above or x1 == edge, (x2 >= edge) == keep_above or x2 == edge
        if was_inside != is_inside:
            clipped.append((edge, y1 + (y2 - y1) * (edge - x1) / (x2 - x1)))
        if is_inside:
            clipped.append((x2, y2))
    return clipped
