"""Equal Earth: areas are true, shapes are familiar. Bojan Šavrič, Tom Patterson and Bernhard Jenny, 2018."""

from __future__ import annotations

import math
from typing import Final

Point = tuple[float, float]

_A1, _A2, _A3, _A4 = 1.340264, -0.081106, 0.000893, 0.003796
_M: Final = math.sqrt(3) / 2
#: The meridian in the middle: the map's edge then runs through the Bering Strait, which cuts no mainland.
CENTRE: Final = 11.0
#: No land that is shown lies further south: the Antarctic is dropped.
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
HEIGHT: Final = float(math.ceil((_TOP - _raw(0, SOUTH)[1]) * _SCALE))


def project(longitude: float, latitude: float) -> Point:
    """Return the place on the map. ``longitude`` counts from the map's own centre and may leave ±180."""
    x, y = _raw(longitude, latitude)
    return WIDTH / 2 + x * _SCALE, (_TOP - y) * _SCALE
