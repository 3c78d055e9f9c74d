"""Draws the logos of the sample organizations, so that no real logo is used."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from io import BytesIO
from typing import Any, Final

from django.core.files.base import ContentFile
from PIL import Image, ImageDraw, ImageFont

from wagtail_pledge.signing.logos import HEIGHT, PIXEL_RATIO, WIDTH, reencode_logo
from wagtail_pledge.signing.services.logos import approve_logo, logo_digest, submit_logo

SIZE: Final = (WIDTH * PIXEL_RATIO, HEIGHT * PIXEL_RATIO)
#: The box of the symbol, and the position of the name next to it.
SYMBOL_BOX: Final = (20, 60, 140, 180)
NAME_AT: Final = (160, 120)
FONT_SIZE: Final = 50
TEXT_COLOUR: Final = "#1f1722"

Draw = ImageDraw.ImageDraw


def _bridge(draw: Draw, colour: str) -> None:
    for step in range(3):
        draw.arc((24 + 40 * step, 90, 64 + 40 * step, 170), 180, 360, fill=colour, width=10)
    draw.line((20, 134, 148, 134), fill=colour, width=10)


def _sun(draw: Draw, colour: str) -> None:
    draw.pieslice((34, 72, 134, 172), 180, 360, fill=colour)
    for line in range(3):
        draw.line((24, 136 + 16 * line, 144, 136 + 16 * line), fill=colour, width=8)


def _leaf(draw: Draw, colour: str) -> None:
    draw.chord((34, 60, 154, 180), 90, 270, fill=colour)
    draw.chord((14, 60, 134, 180), 270, 90, fill=colour)
    draw.line((84, 68, 84, 188), fill="white", width=6)


def _gate(draw: Draw, colour: str) -> None:
    draw.rounded_rectangle((40, 60, 128, 180), 44, fill=colour)
    draw.rectangle((74, 110, 94, 180), fill="white")


def _ring(draw: Draw, colour: str) -> None:
    draw.ellipse(SYMBOL_BOX, outline=colour, width=16)
    draw.ellipse((62, 98, 106, 142), fill=colour)


def _tiles(draw: Draw, colour: str) -> None:
    for x in (24, 90):
        for y in (60, 126):
            draw.rectangle((x, y, x + 54, y + 54), fill=colour if x != y - 36 else "#ffc24b")


SYMBOLS: Final[Mapping[str, Callable[[Draw, str], None]]] = {
    "bridge": _bridge,
    "sun": _sun,
    "leaf": _leaf,
    "gate": _gate,
    "ring": _ring,
    "tiles": _tiles,
}


def render_logo(organization: Mapping[str, str]) -> bytes:
    """Return a logo as PNG: a symbol, and the name on two or three lines."""
    image = Image.new("RGB", SIZE, "white")
    draw = ImageDraw.Draw(image)
    SYMBOLS[organization["symbol"]](draw, organization["colour"])
    font = ImageFont.load_default(FONT_SIZE)
    draw.multiline_text(NAME_AT, organization["lines"], fill=TEXT_COLOUR, font=font, anchor="lm", spacing=8)
    output = BytesIO()
    image.save(output, "PNG")
    return output.getvalue()


def add_logo(signature: Any, organizations: Iterable[Mapping[str, str]]) -> None:
    """Upload and approve the logo of the organization that signed, if it is one of ``organizations``."""
    name = signature.details.get("organization")
    organization = next((each for each in organizations if each["name"] == name), None)
    if organization is not None:
        content = reencode_logo(ContentFile(render_logo(organization)))
        submit_logo(signature, content)
        approve_logo(signature, digest=logo_digest(content))
