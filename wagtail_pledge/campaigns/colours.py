"""Contrast (WCAG 2) and mixing of colours given as ``#rrggbb``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

#: WCAG 2.2 success criterion 1.4.3, enough for text of any size.
MIN_CONTRAST_RATIO: Final = 4.5
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


def contrast_ratio(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def is_readable(text: str, surfaces: Iterable[str]) -> bool:
    """Return whether ``text`` is readable on each of ``surfaces``."""
    return all(contrast_ratio(text, surface) >= MIN_CONTRAST_RATIO for surface in surfaces)


def mix(colour: str, other: str, share: float) -> str:
    """Return ``colour`` mixed with ``share`` (0 to 1) of ``other``."""
    pairs = zip(_channels(colour), _channels(other), strict=True)
    return "#" + "".join(f"{round(start + (end - start) * share):02x}" for start, end in pairs)


def readable_shade(colour: str, toward: str, surfaces: Iterable[str]) -> str:
    """Return the shade between ``colour`` and ``toward``, closest to ``colour``, that is readable on all ``surfaces``.

    Returns ``toward`` if no shade is readable.
    """
    backgrounds = tuple(surfaces)
    shades = (mix(colour, toward, step / STEPS) for step in range(STEPS))
    return next((shade for shade in shades if is_readable(shade, backgrounds)), toward)
