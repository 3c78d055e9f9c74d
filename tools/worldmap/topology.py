"""Reads TopoJSON: arcs are simplified once, so that neighbours keep sharing their border."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from tools.worldmap.projection import CENTRE, Point, project

Ring = list[Point]


def read_arcs(topology: Any, tolerance: float) -> list[Ring]:
    """Return the arcs as degrees from the map's centre, without the points that nobody would miss.

    ``tolerance`` is how far the line may move, in units of the map.
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
    """Let a line that crosses the map's edge run on beyond it instead of jumping to the other side."""
    ring: Ring = []
    for longitude, latitude in points:
        turns = round((ring[-1][0] - longitude) / 360) if ring else 0
        ring.append((longitude + turns * 360, latitude))
    return ring


def _simplified(ring: Ring, tolerance: float) -> Ring:
    """Douglas and Peucker's: keep the point that is furthest from the straight line, and again on either side."""
    places = [project(*point) for point in ring]
    kept = {0, len(ring) - 1}
    todo = [(0, len(ring) - 1)]
    while todo:
        first, last = todo.pop()
        far, index = _furthest(places, first, last)
        if far > tolerance:
            kept.add(index)
            todo += [(first, index), (index, last)]
    if len(kept) < 4 <= len(set(ring)) and ring[0] == ring[-1]:
        # An island smaller than the tolerance would become a line without area
        return _simplified(ring, tolerance / 2)
    return [ring[index] for index in sorted(kept)]


def _furthest(places: Sequence[Point], first: int, last: int) -> tuple[float, int]:
    start, end = places[first], places[last]
    distances = [(_distance(places[index], start, end), index) for index in range(first + 1, last)]
    return max(distances, default=(0.0, first))


def _distance(point: Point, start: Point, end: Point) -> float:
    """Return how far ``point`` is from the line between ``start`` and ``end``."""
    width, height = end[0] - start[0], end[1] - start[1]
    length = width * width + height * height
    share = ((point[0] - start[0]) * width + (point[1] - start[1]) * height) / length if length else 0.0
    share = min(1.0, max(0.0, share))
    x, y = start[0] + share * width - point[0], start[1] + share * height - point[1]
    return float((x * x + y * y) ** 0.5)


def read_rings(geometry: Any, arcs: Sequence[Ring]) -> Iterator[Ring]:
    """Yield the outlines of a geometry, holes among them, cut where they cross the map's edge."""
    polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
    for polygon in polygons:
        for indices in polygon:
            yield from _cut(_joined(indices, arcs))


def _joined(indices: Iterable[int], arcs: Sequence[Ring]) -> Ring:
    points: Ring = []
    for index in indices:
        # TopoJSON writes an arc that runs backwards as the bitwise complement of its number
        points += arcs[index] if index >= 0 else arcs[~index][::-1]
    return _unwrapped(points)


def _cut(ring: Ring) -> Iterator[Ring]:
    """Yield the parts of a ring on each side of the map's edge, every part where it belongs."""
    for turns in range(-1, 2):
        moved = [(longitude + 360 * turns, latitude) for longitude, latitude in ring]
        inside = _clipped(_clipped(moved, -180, keep_above=True), 180, keep_above=False)
        if inside:
            yield inside


def _clipped(ring: Ring, edge: float, *, keep_above: bool) -> Ring:
    """Sutherland and Hodgman's, for one meridian."""
    clipped: Ring = []
    for (x1, y1), (x2, y2) in zip(ring[-1:] + ring[:-1], ring, strict=True):
        was_inside, is_inside = (x1 >= edge) == keep_above or x1 == edge, (x2 >= edge) == keep_above or x2 == edge
        if was_inside != is_inside:
            clipped.append((edge, y1 + (y2 - y1) * (edge - x1) / (x2 - x1)))
        if is_inside:
            clipped.append((x2, y2))
    return clipped
