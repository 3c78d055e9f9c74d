"""schema.org data in a page: a block of JSON-LD, which browsers never run and no content security policy blocks."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.safestring import SafeString, mark_safe

#: What could end the element that the text stands in or open a comment there, and what ended a line of JavaScript
#: before ES2019.
_ESCAPES: Final = {ord(char): f"\\u{ord(char):04X}" for char in "<>&\u2028\u2029"}


def safe_json(data: Any) -> str:
    """Return ``data`` as JSON without angle brackets, ampersands and the line ends of Unicode."""
    return json.dumps(data, cls=DjangoJSONEncoder, ensure_ascii=False).translate(_ESCAPES)


def known(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``values`` without what is empty: what nobody knows is not said."""
    return {name: value for name, value in values.items() if value}


def linked_data_json(nodes: Iterable[Mapping[str, Any]]) -> SafeString:
    """Return the JSON of a graph of schema.org nodes for ``<script type="application/ld+json">``."""
    graph: dict[str, Any] = {"@context": "https://schema.org", "@graph": [known(node) for node in nodes]}
    return mark_safe(safe_json(graph))  # noqa: S308 - every angle bracket and ampersand is escaped
