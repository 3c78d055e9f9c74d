"""503 responses that keep what was entered, and the limit of POSTs per network: both without a query."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.http import HttpRequest
from django.utils.translation import gettext as _

from wagtail_pledge.campaigns.context.layout import view_layout_context
from wagtail_pledge.campaigns.views.request import form_pairs, wants_json
from wagtail_pledge.campaigns.views.responses import private_json_response, render_page
from wagtail_pledge.core.http import client_address, network_of
from wagtail_pledge.signing.abuse.flood import guard

FLOOD_SECONDS: Final = 60


def retry_response(request: HttpRequest, data: Mapping[str, str], heading: str, seconds: int, text: str) -> Any:
    """Return 503 with the submitted values and a button that sends them again with the same stamp; no query."""
    if wants_json(request):
        response = private_json_response({"error": f"{heading}. {text}"}, status=503)
    else:
        context = {
            **view_layout_context(title=heading, referrer="same-origin"),
            "heading": heading,
            "text": text,
            "hidden_fields": [pair for name, value in sorted(data.items()) for pair in form_pairs(name, value)],
            "action": request.get_full_path(),
        }
        response = render_page(request, "try_again", context, status=503)
    response["Retry-After"] = str(seconds)
    return response


def is_flooding(request: HttpRequest) -> bool:
    """Count a POST of the client's network; return whether it sends more than ``POSTS_PER_MINUTE``."""
    return guard.is_flooded(network_of(client_address(request)))


def too_many_requests(request: HttpRequest, data: Mapping[str, str], text: str = "") -> Any:
    """Return 503 for a network that posts too often."""
    # Read by ``colours_url``
    request.without_database = True  # type: ignore[attr-defined]
    text = text or _("Nothing was sent. Try again in a minute.")
    return retry_response(request, data, _("Too many people are signing from your network"), FLOOD_SECONDS, text)
