"""The ``?source=`` query parameter: which partner or signer referred a visitor. Kept in the form, not in a cookie."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from django.http import HttpRequest

from wagtail_pledge.signing.services.sources import SOURCE_PARAMETER, clean_source, referral_url

#: Names of the parameter in URLs and in the form: the one that generated links have, and a short form.
SOURCE_PARAMETERS: Final = (SOURCE_PARAMETER, "src")
_REFERRER_CHARS: Final = 2000


def request_source(request: HttpRequest, data: Mapping[str, str]) -> str:
    """Return the source in the submitted form, else in the ``Referer`` if that is a page of this host, else ``""``.

    Pages are cached, so a script fills in the form's field; the ``Referer`` covers browsers without JavaScript.
    """
    return parse_source(data) or parse_source(_referrer_query(request))


def parse_source(values: Mapping[str, str]) -> str:
    """Return the cleaned source from a query or a form, under any of its names; ``""`` for none."""
    sources = (clean_source(values.get(name, "")) for name in SOURCE_PARAMETERS)
    return next((source for source in sources if source), "")


def referral_link(signature: Any, page_url: str) -> str:
    """Return the signer's referral link to ``page_url``; ``""`` if the pledge has none. No query."""
    return referral_url(signature, page_url)


def _referrer_query(request: HttpRequest) -> dict[str, str]:
    # Not ``request.headers``, which parses all of them
    environment = request.META
    referrer = environment.get("HTTP_REFERER", "")[:_REFERRER_CHARS]
    if not referrer:
        return {}
    try:
        parts = urlsplit(referrer)
        query = parse_qs(parts.query, max_num_fields=20) if parts.netloc == request.get_host() else {}
    except ValueError:
        return {}
    return {name: values[0] for name, values in query.items()}
