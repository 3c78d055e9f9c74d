"""Validation and re-encoding of uploaded logos. Nothing of the uploaded file is ever served."""

from __future__ import annotations

from io import BytesIO
from typing import Any, Final

from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps

from wagtail_pledge.core.errors import PledgeError

MAX_BYTES: Final = 1024 * 1024
MAX_SIDE: Final = 2000
#: Formats that are decoded, whatever the file name says. No SVG, which can contain scripts.
FORMATS: Final = ("PNG", "JPEG", "WEBP")
#: Size in CSS pixels; the image has twice the resolution.
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
    """The file is not accepted as a logo.

    ``code`` is ``empty``, ``too_heavy`` (bytes), ``unreadable`` or ``too_large`` (pixels).
    """

    def __init__(self, code: str) -> None:
        super().__init__(code, str(_REFUSALS[code]))


def reencode_logo(upload: Any) -> bytes:
    """Return the uploaded image, centred on a white 480 × 240 pixel background, as WebP bytes.

    ``upload`` is a file with ``size`` and ``read()``, or ``None``. Sizes are checked before decoding, since a small
    file can decompress to gigabytes. Raises :class:`LogoRefused`.
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
    except Exception as error:  # decoders can raise anything for a crafted file
        raise LogoRefused("unreadable") from error


def _reencoded(picture: Image.Image) -> bytes:
    tile, output = Image.new("RGB", (WIDTH * PIXEL_RATIO, HEIGHT * PIXEL_RATIO), "white"), BytesIO()
    try:
        upright = ImageOps.exif_transpose(picture).convert("RGBA")
        fitted = ImageOps.contain(upright, tile.size)
        position = ((tile.width - fitted.width) // 2, (tile.height - fitted.height) // 2)
        tile.paste(fitted, position, mask=fitted)
        tile.save(output, "WEBP", quality=QUALITY)
    except Exception as error:
        raise LogoRefused("unreadable") from error
    return output.getvalue()
