"""Colours as ``#rrggbb``: how well one reads on another (WCAG 2), and what lies between two."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

#: WCAG 2.2, 1.4.3, text of any size.
READABLE: Final = 4.5
STEPS: Final = 20


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _linear(channel: int) -> float:
    part = channel / 255
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def luminance(colour: str) -> float:
    """Return the relative luminance, 0 (black) to 1 (white)."""
    red, green, blue = (_linear(channel) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ratio(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 to 21, in either order."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def reads(text: str, surfaces: Iterable[str]) -> bool:
    """Return whether ``text`` is readable on each of ``surfaces``."""
    return all(ratio(text, surface) >= READABLE for surface in surfaces)


def mix(colour: str, other: str, share: float) -> str:
    """Return ``colour`` with ``share`` (0 to 1) of ``other`` in it."""
    pairs = zip(_channels(colour), _channels(other), strict=True)
    return "#" + "".join(f"{round(own + (wanted - own) * share):02x}" for own, wanted in pairs)


def readable(colour: str, toward: str, surfaces: Iterable[str]) -> str:
    """Return the colour nearest to ``colour`` on the way to ``toward`` that reads on ``surfaces``, or that one."""
    grounds = tuple(surfaces)
    tried = (mix(colour, toward, step / STEPS) for step in range(STEPS))
    return next((found for found in tried if reads(found, grounds)), toward)
