"""Package URLs choose their language themselves."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

import pytest
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.template.response import TemplateResponse
from django.test import Client, RequestFactory
from django.urls import URLPattern, reverse
from django.utils import translation
from django.utils.cache import patch_vary_headers

from wagtail_pledge.core.i18n import activate_language, restores_language, supported_language, without_language_vary
from wagtail_pledge.urls import urlpatterns

#: An argument that matches each path converter, and leads to nothing.
ARGUMENTS: Final[dict[str, Any]] = {
    "UUIDConverter": UUID(int=1),
    "StringConverter": "x",
    "SlugConverter": "x",
    "IntConverter": 1,
}


def test_a_settled_response_does_not_vary_on_the_browsers_language() -> None:
    response = without_language_vary(HttpResponse("x"))
    patch_vary_headers(response, ["Accept-Language"])
    assert not response.has_header("Vary")
    patch_vary_headers(response, ["Origin", "Accept-Language"])
    assert response["Vary"].replace(" ", "") == "Origin"


def test_an_unknown_language_is_the_sites_own() -> None:
    assert (supported_language("es"), supported_language("xx"), supported_language(None)) == ("es", "en", "en")


@restores_language
def rendered_later(request: HttpRequest) -> TemplateResponse:
    """Answer in Spanish with a response that Django renders after the view."""
    activate_language(request, "es")
    template = engines["django"].from_string("{% load i18n %}{% get_current_language as code %}{{ code }}")
    return TemplateResponse(request, template)


def test_a_response_that_is_rendered_after_the_view_keeps_the_views_language() -> None:
    response = rendered_later(RequestFactory().get("/"))
    assert translation.get_language() == "en"
    assert not response.is_rendered
    assert response.render().content == b"es"
    assert response["Content-Language"] == "es"
    assert translation.get_language() == "en"


def test_a_view_that_raises_leaves_the_language_from_before() -> None:
    def broken(request: HttpRequest) -> HttpResponse:
        activate_language(request, "es")
        raise LookupError

    with pytest.raises(LookupError):
        restores_language(broken)(RequestFactory().get("/"))
    assert translation.get_language() == "en"


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("pattern", urlpatterns, ids=lambda pattern: pattern.name)
def test_no_view_leaves_the_language_that_was_asked_for(
    client: Client, settings: Any, pattern: URLPattern, method: str
) -> None:
    settings.MIDDLEWARE = []
    converters = pattern.pattern.converters
    kwargs = {name: ARGUMENTS[type(converter).__name__] for name, converter in converters.items()}
    with translation.override("ar"):
        getattr(client, method)(reverse(f"wagtail_pledge:{pattern.name}", kwargs=kwargs) + "?lang=es")
        assert translation.get_language() == "ar"
