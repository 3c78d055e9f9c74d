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


def is_from_elsewhere(request: HttpRequest) -> bool:
    """Whether another website sent this POST to an address that holds a secret.

    Our own pages there send no referrer, so a browser without ``Sec-Fetch-Site`` says ``Origin: null``: the secret
    speaks for it.
    """
    if "Sec-Fetch-Site" not in request.headers and request.headers.get("Origin") == "null":
        return False
    return origin_of(request) is Origin.FOREIGN


def _by_origin(request: HttpRequest, *, default: Origin) -> Origin:
    origin = request.headers.get("Origin")
    if origin is None:
        return default
    # Taken apart by hand: ``urlsplit`` raises on a host that is none
    return Origin.OURS if origin.partition("://")[2] == request.get_host() else Origin.FOREIGN
