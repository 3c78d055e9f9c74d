"""``?source=`` in the address of a page: who has sent the visitor. Carried in the form, not in a cookie."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from django.http import HttpRequest

from wagtail_pledge.signing.services import referral_code
from wagtail_pledge.signing.services.sources import clean_source

#: Its names in addresses and in the form: the one that we write, and a shorter one that links may have.
SOURCE_PARAMETERS: Final = ("source", "src")
_REFERRER_CHARS: Final = 2000


def request_source(request: HttpRequest, data: Mapping[str, str]) -> str:
    """Return the word that came with a form, else with the address of the page that it was sent from.

    The page is cached, so its script fills in the field. Without a script the browser still says which page of ours
    the form came from.
    """
    return parse_source(data) or parse_source(_referrer_query(request))


def parse_source(values: Mapping[str, str]) -> str:
    """Return the word that an address or a form gives under any of its names, ``""`` for none."""
    return next((word for word in (clean_source(values.get(name, "")) for name in SOURCE_PARAMETERS) if word), "")


def referral_link(signature: Any, page_url: str) -> str:
    """Return the link of who has signed to the page at ``page_url``, ``""`` where the pledge gives none; no query."""
    return (
        f"{page_url}?{SOURCE_PARAMETERS[0]}={referral_code(signature)}"
        if page_url and signature.pledge.referral_links
        else ""
    )


def _referrer_query(request: HttpRequest) -> dict[str, str]:
    referrer = request.headers.get("Referer", "")[:_REFERRER_CHARS]
    try:
        parts = urlsplit(referrer)
        asked = parse_qs(parts.query, max_num_fields=20) if parts.netloc == request.get_host() else {}
    except ValueError:
        return {}
    return {name: values[0] for name, values in asked.items()}
