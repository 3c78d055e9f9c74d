"""Draws the picture that social networks show for a page without one: ``python tools/social_card.py``.

It has no text, so it serves every language and site: five strokes of a tally on the package's brand colour.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw

TARGET: Final = Path(__file__).parent.parent / "wagtail_pledge" / "static" / "wagtail_pledge" / "img" / "card.png"
SIZE: Final = (1200, 630)
BRAND, ACCENT, FAINT = "#3b1245", "#ffc24b", "#6d4a76"
#: Drawn larger and reduced, which smooths the edges.
SCALE: Final = 4


def stroke(drawing: ImageDraw.ImageDraw, line: tuple[float, float, float, float], width: float, colour: str) -> None:
    """Draw a line with round ends."""
    points = [SCALE * number for number in line]
    drawing.line(points, fill=colour, width=round(SCALE * width))
    radius = SCALE * width / 2
    for x, y in (points[:2], points[2:]):
        drawing.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)


def tally(drawing: ImageDraw.ImageDraw, left: float, top: float, size: float, colour: str) -> None:
    """Draw four strokes and one across, as in ``icon.svg``; ``size`` is the height of a stroke."""
    unit = size / 16
    for x in (0, 5.3, 10.7, 16):
        stroke(drawing, (left + x * unit, top, left + x * unit, top + size), 2.4 * unit, colour)
    across = (left - 3.5 * unit, top + 13.5 * unit, left + 19.5 * unit, top + 2.5 * unit)
    stroke(drawing, across, 2.4 * unit, colour)


def main() -> None:
    """Write the picture."""
    large = Image.new("RGB", (SIZE[0] * SCALE, SIZE[1] * SCALE), BRAND)
    drawing = ImageDraw.Draw(large)
    for number in range(5):
        for row, top in enumerate((75, 255, 435)):
            colour = ACCENT if row * 5 + number < 8 else FAINT
            tally(drawing, 100 + number * 220, top, 120, colour)
    picture = large.resize(SIZE, Image.Resampling.LANCZOS).quantize(32)
    picture.save(TARGET, optimize=True)


if __name__ == "__main__":
    main()
