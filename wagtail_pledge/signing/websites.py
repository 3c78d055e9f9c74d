"""Addresses of websites: whether one is safe to link to, and its host.

Separate because forms, pages, admin and API use it, and it needs no models.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import SplitResult, urlsplit

from wagtail_pledge.core.text import ascii_domain

SCHEMES: Final = frozenset({"http", "https"})


def _split(url: str) -> SplitResult | None:
    """Return the parts of ``url`` if it has a valid host, else ``None``."""
    try:
        parts = urlsplit(url)
        ascii_domain(parts.hostname or "")
    except ValueError:
        return None
    return parts


def is_web_address(url: str) -> bool:
    """Whether ``url`` is an http(s) address with a valid host and without a user name, which can imitate a host."""
    parts = _split(url)
    return parts is not None and parts.scheme in SCHEMES and "@" not in parts.netloc


def web_host(url: str) -> str:
    """Return the host of ``url`` in ASCII and lower case without ``www.``, or ``""`` if it has none."""
    parts = _split(url)
    return ascii_domain(parts.hostname or "").removeprefix("www.") if parts is not None else ""


def web_address(url: str) -> str:
    """Return ``url`` if pages may link to it, else ``""``: typed text may be a ``javascript:`` URL."""
    return url if is_web_address(url) else ""
