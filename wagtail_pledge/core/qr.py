"""QR codes of addresses, made here with the optional package ``segno``: nobody else learns what is encoded."""

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

#: Modules of white around the code: ISO/IEC 18004 asks for four.
QUIET_ZONE: Final = 4
#: Pixels a module in a PNG: enough for a hand's breadth in print.
SCALE: Final = 20
#: Recovers 15 %: a fold or a stain.
ERROR_CORRECTION: Final = "m"


@lru_cache(maxsize=256)
def qr_inline(text: str, title: str) -> SafeString:
    """Return ``text`` as an ``<svg>`` for a page, named ``title``; black on white in any colour scheme. ``""`` without
    the package.
    """
    if not IS_INSTALLED:
        return SafeString("")
    code = segno.make_qr(text, error=ERROR_CORRECTION)
    drawn = code.svg_inline(
        omitsize=True, border=QUIET_ZONE, light="#fff", svgclass="pledge-qr", lineclass=None, title=title
    )
    return mark_safe(drawn.replace("<svg ", '<svg role="img" ', 1))  # noqa: S308 - segno escapes the title


def qr_file(text: str, form: str) -> bytes:
    """Return ``text`` as an ``"svg"`` or ``"png"`` file. Needs the package."""
    buffer = io.BytesIO()
    segno.make_qr(text, error=ERROR_CORRECTION).save(buffer, kind=form, scale=SCALE, border=QUIET_ZONE, light="#fff")
    return buffer.getvalue()
