"""Where a page that an editor has chosen can be read."""

from __future__ import annotations

from typing import Any


def address_of(page: Any | None) -> str:
    """Return the address of ``page``; ``""`` for none, and for one that is not published or stands in no site.

    A page behind a login or a password keeps its link, as in running text: it asks for them itself.
    """
    return (page.live and page.url) or "" if page else ""
