"""``?src=`` in the address of a page: who has sent the visitor. Carried in the form, not in a cookie."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from django.http import HttpRequest

from wagtail_pledge.signing.services import own_word
from wagtail_pledge.signing.services.sources import source_word

#: Its name in addresses and in the form.
FIELD: Final = "src"
_REFERRER_CHARS: Final = 2000


def asked_source(request: HttpRequest, data: Mapping[str, str]) -> str:
    """Return the word that came with a form, else with the address of the page that it was sent from.

    The page is cached, so its script fills in the field. Without a script the browser still says which page of ours
    the form came from.
    """
    return source_word(data.get(FIELD, "")) or source_word(_in_referrer(request))


def own_link(signature: Any, page_url: str) -> str:
    """Return the link of who has signed to the page at ``page_url``, ``""`` where the pledge gives none; no query."""
    return f"{page_url}?{FIELD}={own_word(signature)}" if page_url and signature.pledge.own_links else ""


def _in_referrer(request: HttpRequest) -> str:
    referrer = request.headers.get("Referer", "")[:_REFERRER_CHARS]
    try:
        parts = urlsplit(referrer)
        asked = parse_qs(parts.query, max_num_fields=20) if parts.netloc == request.get_host() else {}
    except ValueError:
        return ""
    return asked.get(FIELD, [""])[0]
