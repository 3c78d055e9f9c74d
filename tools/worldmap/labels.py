"""Places each State's label at sea, so that no label covers land."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from tools.worldmap.projection import HEIGHT, WIDTH, Point
from tools.worldmap.topology import Ring

#: Half the height of a label, in units of the map.
HALF_HEIGHT: Final = 11
#: Half the width of a label, per character. More than English names need, because other languages have longer names.
HALF_CHARACTER: Final = 4.2
#: Size of the grid cells in which land is marked, in units of the map.
CELL_SIZE: Final = 4
Cell = tuple[int, int]


def find_label_centres(
    largest: Mapping[str, Ring], names: Mapping[str, str], land: Iterable[Sequence[Ring]]
) -> dict[str, Point]:
    """Return the centre of each State's label: the nearest free position to the State's largest part.

    ``largest`` maps codes to the outline of that part, ``names`` to the English name; ``land`` has all outlines.
    """
    land_cells = {cell for rings in land for ring in rings for cell in _cells(ring)}
    widths = {code: round(HALF_CHARACTER * min(24, max(8, len(names[code])))) for code in largest}
    free = {
        width: [centre for centre in _candidates(width) if not _touches_land(centre, width, land_cells)]
        for width in set(widths.values())
    }
    return {code: _nearest(free[widths[code]], widths[code], ring) for code, ring in largest.items()}


def _candidates(half_width: int) -> Iterable[tuple[int, int]]:
    for x in range(half_width, int(WIDTH) - half_width, CELL_SIZE):
        for y in range(HALF_HEIGHT, int(HEIGHT) - HALF_HEIGHT, CELL_SIZE):
            yield x, y


def _touches_land(centre: tuple[int, int], half_width: int, land_cells: set[Cell]) -> bool:
    x, y = centre
    columns = range((x - half_width) // CELL_SIZE, (x + half_width) // CELL_SIZE + 1)
    rows = range((y - HALF_HEIGHT) // CELL_SIZE, (y + HALF_HEIGHT) // CELL_SIZE + 1)
    return any((column, row) in land_cells for row in rows for column in columns)


def leader_end(centre: Point, ring: Ring) -> Point:
    """Return the end of the line from the label to the State: the nearest point of the outline."""
    return min(ring, key=lambda point: (point[0] - centre[0]) ** 2 + (point[1] - centre[1]) ** 2)


def _nearest(free: Iterable[tuple[int, int]], half_width: int, ring: Ring) -> Point:
    points = ring[:: max(1, len(ring) // 40)]
    return min(free, key=lambda centre: _squared_distance(centre, half_width, points))


def _squared_distance(centre: tuple[int, int], half_width: int, ring: Ring) -> float:
    """Return the square of the distance between the label's box and the outline."""
    x, y = centre
    return min(max(0, abs(px - x) - half_width) ** 2 + max(0, abs(py - y) - HALF_HEIGHT) ** 2 for px, py in ring)


def _cells(ring: Ring) -> Iterable[Cell]:
    """Yield the grid cells that a ring covers: its outline, and its interior by scan lines."""
    yield from ((int(x) // CELL_SIZE, int(y) // CELL_SIZE) for x, y in ring)
    edges = list(zip(ring, ring[1:] + ring[:1], strict=True))
    rows = range(int(min(y for _x, y in ring)) // CELL_SIZE, int(max(y for _x, y in ring)) // CELL_SIZE + 1)
    for row in rows:
        line = (row + 0.5) * CELL_SIZE
        cuts = sorted(_cut(a, b, line) for a, b in edges if (a[1] > line) != (b[1] > line))
        for start, end in zip(cuts[::2], cuts[1::2], strict=False):
            yield from ((column, row) for column in range(int(start) // CELL_SIZE, int(end) // CELL_SIZE + 1))


def _cut(start: Point, end: Point, line: float) -> float:
    return start[0] + (end[0] - start[0]) * (line - start[1]) / (end[1] - start[1])
