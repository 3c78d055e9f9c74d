"""Who is at the other end: an address that no header can forge, and the network that it stands for."""

from __future__ import annotations

import ipaddress
from typing import Final

from django.http import HttpRequest

from wagtail_pledge.core.settings import get_setting

#: Longer texts are no address; nothing beyond this is looked at.
MAX_CHARS: Final = 64
MAX_HEADER_CHARS: Final = 4096

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def _parsed(text: str) -> Address | None:
    try:
        found = ipaddress.ip_address(text.strip()[:MAX_CHARS])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found


def client_address(request: HttpRequest) -> str:
    """Return the client's address, ``""`` if there is none to be had.

    With ``TRUSTED_PROXIES = n`` it is the n-th entry of ``X-Forwarded-For`` counted from the right: the one that the
    outermost of our own proxies saw. Everything left of it, and every other header, was written by the client.
    Without a trusted proxy, or with fewer entries than proxies, it is the peer of the connection.
    """
    peer = str(request.META.get("REMOTE_ADDR") or "")
    proxies = get_setting("TRUSTED_PROXIES")
    seen = request.headers.get("X-Forwarded-For", "")[-MAX_HEADER_CHARS:].split(",") if proxies else []
    asked = seen[-proxies] if proxies and len(seen) >= proxies else peer
    found = _parsed(asked) or _parsed(peer)
    return str(found) if found else ""


def network_of(address: str, *, wide: bool = False) -> str:
    """Return the /24 of an IPv4 address or the /64 of an IPv6 address, ``""`` for anything else.

    ``wide``: the /16 or the /32, what one provider or data centre holds.
    """
    found = _parsed(address)
    if found is None:
        return ""
    prefix = (16 if wide else 24) if found.version == 4 else (32 if wide else 64)
    return str(ipaddress.ip_network(f"{found}/{prefix}", strict=False))
