"""QR codes of URLs, made with the optional package ``segno``: no third party learns what is encoded."""

from __future__ import annotations

import io
from functools import lru_cache
from typing import Final

from django.utils.safestring import SafeString, mark_safe

try:
    import segno

    IS_INSTALLED = True
except ImportError:
    IS_INSTALLED = False

#: White modules around the code, as ISO/IEC 18004 requires.
QUIET_ZONE: Final = 4
#: Pixels per module in a PNG: enough for a print of about 10 cm.
SCALE: Final = 20
#: Level M: readable with up to 15 % damaged, for instance by a fold.
ERROR_CORRECTION: Final = "m"


@lru_cache(maxsize=256)
def qr_inline(text: str, title: str) -> SafeString:
    """Return the QR code of ``text`` as an inline ``<svg>`` with the accessible name ``title``.

    It is black on white in any colour scheme. Returns ``""`` if ``segno`` is not installed.
    """
    if not IS_INSTALLED:
        return SafeString("")
    code = segno.make_qr(text, error=ERROR_CORRECTION)
    drawn = code.svg_inline(
        omitsize=True, border=QUIET_ZONE, light="#fff", svgclass="pledge-qr", lineclass=None, title=title
    )
    return mark_safe(drawn.replace("<svg ", '<svg role="img" ', 1))  # noqa: S308 - segno escapes the title


def qr_file(text: str, kind: str) -> bytes:
    """Return the QR code of ``text`` as a file; ``kind`` is ``"svg"`` or ``"png"``. Needs ``segno``."""
    buffer = io.BytesIO()
    segno.make_qr(text, error=ERROR_CORRECTION).save(buffer, kind=kind, scale=SCALE, border=QUIET_ZONE, light="#fff")
    return buffer.getvalue()
