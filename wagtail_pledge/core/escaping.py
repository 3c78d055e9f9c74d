"""Escaping of data for what templates do not escape: JSON-LD inside a page, and the cells of a spreadsheet."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.safestring import SafeString, mark_safe

#: Characters that could close the script element or open a comment in it, and the line separators that JavaScript
#: before ES2019 did not allow in strings.
_ESCAPES: Final = {ord(char): f"\\u{ord(char):04X}" for char in "<>&\u2028\u2029"}
#: What a spreadsheet takes for a formula; the last four are full-width forms.
_FORMULA_STARTS: Final = (*"=+-@\t\r\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def safe_json(data: Any) -> str:
    """Return ``data`` as JSON with angle brackets, ampersands and Unicode line separators escaped."""
    return json.dumps(data, cls=DjangoJSONEncoder, ensure_ascii=False).translate(_ESCAPES)


def without_empty(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``values`` without its empty values."""
    return {name: value for name, value in values.items() if value}


def linked_data_json(nodes: Iterable[Mapping[str, Any]]) -> SafeString:
    """Return the JSON of a schema.org graph for ``<script type="application/ld+json">``.

    Browsers never run such a block, so no content security policy blocks it.
    """
    graph: dict[str, Any] = {"@context": "https://schema.org", "@graph": [without_empty(node) for node in nodes]}
    return mark_safe(safe_json(graph))  # noqa: S308 - every angle bracket and ampersand is escaped


def safe_cell(value: object) -> str:
    """Return ``value`` as text; an apostrophe is put before what a spreadsheet would run as a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.lstrip(" \xa0").startswith(_FORMULA_STARTS) else text
