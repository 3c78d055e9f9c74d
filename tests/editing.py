"""Lists the fields of a page type's editor by tab."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from wagtail.admin.panels import FieldPanel


def fields_by_tab(page_class: type[Any]) -> dict[str, list[str]]:
    """Return the fields of each tab by its name. A field that the form leaves out is a mistake."""
    editor = page_class.get_edit_handler()
    known = editor.get_form_class().base_fields
    found = {str(tab.heading): [panel.field_name for panel in _panels(tab)] for tab in editor.children}
    missing = {name for names in found.values() for name in names} - set(known)
    assert not missing, f"not in the form: {sorted(missing)}"
    return found


def _panels(group: Any) -> Iterator[FieldPanel]:
    for panel in getattr(group, "children", []):
        if isinstance(panel, FieldPanel):
            yield panel
        else:
            yield from _panels(panel)
