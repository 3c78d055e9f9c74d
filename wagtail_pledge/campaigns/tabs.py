"""The tabs of the page editor, made of class attributes as Wagtail makes its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wagtail.admin.panels import ObjectList, TabbedInterface

#: Name of the class attribute that holds the panels of a tab, and the tab's name.
Tab = tuple[str, Any]


def tabbed(page_class: type[Any], tabs: Sequence[Tab]) -> TabbedInterface:
    """Return the editor of ``page_class``; a tab whose attribute is absent or empty is left out."""
    found = [(getattr(page_class, name, ()), heading) for name, heading in tabs]
    return TabbedInterface([ObjectList(panels, heading=heading) for panels, heading in found if panels])
