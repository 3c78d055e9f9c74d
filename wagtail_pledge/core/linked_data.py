"""schema.org data in a page: a block of JSON-LD, which browsers never run and no content security policy blocks."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.utils.safestring import SafeString, mark_safe

#: What could end the element that the data stands in, or open a comment in it.
_ESCAPES: Final = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


def known(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``values`` without what is empty: what nobody knows is not said."""
    return {name: value for name, value in values.items() if value}


def linked_data_json(nodes: Iterable[Mapping[str, Any]]) -> SafeString:
    """Return the JSON of a graph of schema.org nodes for ``<script type="application/ld+json">``."""
    graph: dict[str, Any] = {"@context": "https://schema.org", "@graph": [known(node) for node in nodes]}
    text = json.dumps(graph, ensure_ascii=False).translate(_ESCAPES)
    return mark_safe(text)  # noqa: S308 - every angle bracket and ampersand is escaped
