"""Package URLs choose their language themselves."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.cache import patch_vary_headers

from wagtail_pledge.core.i18n import known_language, settled


def test_a_settled_response_does_not_vary_on_the_browsers_language() -> None:
    response = settled(HttpResponse("x"))
    patch_vary_headers(response, ["Accept-Language"])
    assert not response.has_header("Vary")
    patch_vary_headers(response, ["Origin", "Accept-Language"])
    assert response["Vary"].replace(" ", "") == "Origin"


def test_an_unknown_language_is_the_sites_own() -> None:
    assert (known_language("es"), known_language("xx"), known_language(None)) == ("es", "en", "en")
