"""Finds room at sea for the name of each State, so that a name never lies on land."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from tools.worldmap.projection import HEIGHT, WIDTH, Point
from tools.worldmap.topology import Ring

#: Half the height of a label, what a letter takes of half its width, and the mesh of the grid that land is marked on.
#: Names in other languages are longer: hence more room than the English letters need.
HALF_HEIGHT: Final = 11
HALF_LETTER: Final = 4.2
MESH: Final = 4
Cell = tuple[int, int]


def find_label_places(
    largest: Mapping[str, Ring], names: Mapping[str, str], land: Iterable[Sequence[Ring]]
) -> dict[str, Point]:
    """Return the middle of each State's label: the nearest free room to the State's largest part."""
    taken = {cell for rings in land for ring in rings for cell in _cells(ring)}
    widths = {code: round(HALF_LETTER * min(24, max(8, len(names[code])))) for code in largest}
    free = {
        width: [place for place in _candidates(width) if not _touches(place, width, taken)]
        for width in set(widths.values())
    }
    return {code: _nearest(free[widths[code]], widths[code], ring) for code, ring in largest.items()}


def _candidates(half_width: int) -> Iterable[tuple[int, int]]:
    for x in range(half_width, int(WIDTH) - half_width, MESH):
        for y in range(HALF_HEIGHT, int(HEIGHT) - HALF_HEIGHT, MESH):
            yield x, y


def _touches(place: tuple[int, int], half_width: int, taken: set[Cell]) -> bool:
    x, y = place
    columns = range((x - half_width) // MESH, (x + half_width) // MESH + 1)
    rows = range((y - HALF_HEIGHT) // MESH, (y + HALF_HEIGHT) // MESH + 1)
    return any((column, row) in taken for row in rows for column in columns)


def leader_end(place: Point, ring: Ring) -> Point:
    """Return where the line from the label meets the State: the outline's nearest point."""
    return min(ring, key=lambda point: (point[0] - place[0]) ** 2 + (point[1] - place[1]) ** 2)


def _nearest(free: Iterable[tuple[int, int]], half_width: int, ring: Ring) -> Point:
    points = ring[:: max(1, len(ring) // 40)]
    return min(free, key=lambda place: _gap(place, half_width, points))


def _gap(place: tuple[int, int], half_width: int, ring: Ring) -> float:
    """Return the distance between the label's room and the outline, squared."""
    x, y = place
    return min(max(0, abs(px - x) - half_width) ** 2 + max(0, abs(py - y) - HALF_HEIGHT) ** 2 for px, py in ring)


def _cells(ring: Ring) -> Iterable[Cell]:
    """Yield the cells that a ring covers: its inside by scan lines, and its outline."""
    yield from ((int(x) // MESH, int(y) // MESH) for x, y in ring)
    edges = list(zip(ring, ring[1:] + ring[:1], strict=True))
    rows = range(int(min(y for _x, y in ring)) // MESH, int(max(y for _x, y in ring)) // MESH + 1)
    for row in rows:
        line = (row + 0.5) * MESH
        cuts = sorted(_cut(a, b, line) for a, b in edges if (a[1] > line) != (b[1] > line))
        for start, end in zip(cuts[::2], cuts[1::2], strict=False):
            yield from ((column, row) for column in range(int(start) // MESH, int(end) // MESH + 1))


def _cut(start: Point, end: Point, line: float) -> float:
    return start[0] + (end[0] - start[0]) * (line - start[1]) / (end[1] - start[1])
