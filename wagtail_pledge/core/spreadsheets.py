"""Protection of exported cells against formula injection. In core for use by any export."""

from __future__ import annotations

from typing import Final

_FORMULA_STARTS: Final = (*"=+-@\t\r\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")  # the last four: full-width forms


def safe_cell(value: object) -> str:
    """Return ``value`` as text; an apostrophe is put before what a spreadsheet would run as a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.lstrip(" \xa0").startswith(_FORMULA_STARTS) else text
