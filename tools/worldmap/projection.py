"""The Equal Earth projection (Šavrič, Patterson and Jenny, 2018) and the size of the map.

Separate because both ``topology`` and ``labels`` need it.
"""

from __future__ import annotations

import math
from typing import Final

Point = tuple[float, float]

_A1, _A2, _A3, _A4 = 1.340264, -0.081106, 0.000893, 0.003796
_M: Final = math.sqrt(3) / 2
#: Longitude of the map's centre. The map's edge then runs through the Bering Strait and cuts no mainland.
CENTRE: Final = 11.0
#: Latitudes of the map's edges. No land further south is drawn, as Antarctica is left out.
NORTH, SOUTH = 83.7, -56.0
#: Width of the map in its own units.
WIDTH: Final = 1000.0


def _raw(longitude: float, latitude: float) -> Point:
    theta = math.asin(_M * math.sin(math.radians(latitude)))
    square = theta * theta
    sixth = square**3
    x = math.radians(longitude) * math.cos(theta)
    x /= _M * (_A1 + 3 * _A2 * square + sixth * (7 * _A3 + 9 * _A4 * square))
    return x, theta * (_A1 + _A2 * square + sixth * (_A3 + _A4 * square))


_SCALE: Final = WIDTH / (2 * _raw(180, 0)[0])
_TOP: Final = _raw(0, NORTH)[1]
#: Height of the map in the same units.
HEIGHT: Final = float(math.ceil((_TOP - _raw(0, SOUTH)[1]) * _SCALE))


def project(longitude: float, latitude: float) -> Point:
    """Return the position (x, y) on the map. ``longitude`` counts from the map's centre and may exceed ±180 degrees."""
    x, y = _raw(longitude, latitude)
    return WIDTH / 2 + x * _SCALE, (_TOP - y) * _SCALE
