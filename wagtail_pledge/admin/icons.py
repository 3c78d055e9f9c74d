"""Our icons in Wagtail's sprite."""

from __future__ import annotations

from typing import Final

ICONS: Final = ("pledge", "pledge-signature", "pledge-organization", "pledge-treaty")


def add_icons(icons: list[str]) -> list[str]:
    """Return ``icons`` with the paths of our SVG templates."""
    return [*icons, *(f"wagtail_pledge/admin/icons/{name}.svg" for name in ICONS)]
