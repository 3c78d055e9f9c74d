"""Was this POST made by a page of ours? Asked without a cookie."""

from __future__ import annotations

from enum import Enum

from django.http import HttpRequest


class Origin(Enum):
    """What the browser says about where the POST comes from."""

    OURS = "ours"
    FOREIGN = "foreign"
    SILENT = "silent"


def origin_of(request: HttpRequest) -> Origin:
    """Return where the POST comes from. ``Sec-Fetch-Site`` decides where it is present; ``Origin`` otherwise.

    A page with ``Referrer-Policy: no-referrer`` sends ``Origin: null``, which is refused when nothing else
    speaks for it.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return Origin.OURS if site in {"same-origin", "none"} else _by_origin(request, default=Origin.FOREIGN)
    return _by_origin(request, default=Origin.SILENT)


def _by_origin(request: HttpRequest, *, default: Origin) -> Origin:
    origin = request.headers.get("Origin")
    if origin is None:
        return default
    # Taken apart by hand: ``urlsplit`` raises on a host that is none
    return Origin.OURS if origin.partition("://")[2] == request.get_host() else Origin.FOREIGN
