"""schema.org data in a page: a block of JSON-LD, which browsers never run and no content security policy blocks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from wagtail_pledge.core.safe_json import safe_json


def known(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``values`` without what is empty: what nobody knows is not said."""
    return {name: value for name, value in values.items() if value}


def linked_data_json(nodes: Iterable[Mapping[str, Any]]) -> SafeString:
    """Return the JSON of a graph of schema.org nodes for ``<script type="application/ld+json">``."""
    graph: dict[str, Any] = {"@context": "https://schema.org", "@graph": [known(node) for node in nodes]}
    return mark_safe(safe_json(graph))  # noqa: S308 - every angle bracket and ampersand is escaped
