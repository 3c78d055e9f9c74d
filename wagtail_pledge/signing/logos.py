"""A picture from a stranger, decoded and drawn anew: nothing of the file that came gets any further."""

from __future__ import annotations

from io import BytesIO
from typing import Any, Final

from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps

from wagtail_pledge.core.errors import PledgeError

MAX_BYTES: Final = 1024 * 1024
MAX_SIDE: Final = 2000
#: What is read, whatever the name of the file says. No SVG: it can carry script.
FORMATS: Final = ("PNG", "JPEG", "WEBP")
#: The tile as it shows, and drawn for screens of twice the density.
WIDTH: Final = 240
HEIGHT: Final = 120
PIXEL_RATIO: Final = 2
CONTENT_TYPE: Final = "image/webp"
QUALITY: Final = 90

_REFUSALS: Final = {
    "empty": _("Choose an image"),
    "too_heavy": _("Choose an image of up to 1 MB"),
    "unreadable": _("Choose a PNG, JPEG or WebP image. We could not read this file"),
    "too_large": _("Choose an image of up to 2,000 pixels on each side"),
}


class LogoRefused(PledgeError):
    """The file can't be a logo; ``code`` is ``empty``, ``too_heavy``, ``unreadable`` or ``too_large``."""

    def __init__(self, code: str) -> None:
        super().__init__(code, str(_REFUSALS[code]))


def reencode_logo(upload: Any) -> bytes:
    """Return the tile as WebP bytes: the picture in the middle of a white ground. Raises :class:`LogoRefused`.

    ``upload`` is a file with ``size`` and ``read()``. Sizes are looked at before anything is decoded: a few bytes can
    unpack to gigabytes.
    """
    if upload is None or not upload.size:
        raise LogoRefused("empty")
    if upload.size > MAX_BYTES:
        raise LogoRefused("too_heavy")
    with _open(upload.read()) as picture:
        if max(picture.size) > MAX_SIDE:
            raise LogoRefused("too_large")
        return _reencoded(picture)


def _open(content: bytes) -> Image.Image:
    try:
        return Image.open(BytesIO(content), formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise LogoRefused("too_large") from error
    except Exception as error:  # a decoder may fail in any way on what was made to break it
        raise LogoRefused("unreadable") from error


def _reencoded(picture: Image.Image) -> bytes:
    tile, made = Image.new("RGB", (WIDTH * PIXEL_RATIO, HEIGHT * PIXEL_RATIO), "white"), BytesIO()
    try:
        upright = ImageOps.exif_transpose(picture).convert("RGBA")
        fitted = ImageOps.contain(upright, tile.size)
        place = ((tile.width - fitted.width) // 2, (tile.height - fitted.height) // 2)
        tile.paste(fitted, place, mask=fitted)
        tile.save(made, "WEBP", quality=QUALITY)
    except Exception as error:
        raise LogoRefused("unreadable") from error
    return made.getvalue()
