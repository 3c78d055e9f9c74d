"""The language of the package's own URLs."""

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

from wagtail_pledge.core.i18n import (
    activate_language,
    default_language,
    language_query,
    restores_language,
    supported_language,
    without_language_vary,
)
from wagtail_pledge.urls import urlpatterns

#: For each path converter an argument that matches and does not exist.
ARGUMENTS: Final[dict[str, Any]] = {
    "UUIDConverter": UUID(int=1),
    "StringConverter": "x",
    "SlugConverter": "x",
    "IntConverter": 1,
}


def test_the_response_does_not_vary_on_accept_language() -> None:
    response = without_language_vary(HttpResponse("x"))
    patch_vary_headers(response, ["Accept-Language"])
    assert not response.has_header("Vary")
    patch_vary_headers(response, ["Origin", "Accept-Language"])
    assert response["Vary"].replace(" ", "") == "Origin"


def test_an_unknown_language_falls_back_to_the_default() -> None:
    assert (supported_language("es"), supported_language("xx"), supported_language(None)) == ("es", "en", "en")


@pytest.mark.parametrize(("setting", "language"), [("en-us", "en"), ("es-mx", "es"), ("en", "en"), ("fr", "fr")])
def test_the_default_is_the_language_of_the_setting_that_the_site_has(
    settings: Any, setting: str, language: str
) -> None:
    settings.LANGUAGE_CODE = setting
    assert {default_language(), supported_language(None), supported_language(setting)} == {language}
    assert (language_query(language), language_query("ar")) == ("", "?lang=ar")


@restores_language
def rendered_later(request: HttpRequest) -> TemplateResponse:
    """Return a response in Spanish that Django renders after the view."""
    activate_language(request, "es")
    template = engines["django"].from_string("{% load i18n %}{% get_current_language as code %}{{ code }}")
    return TemplateResponse(request, template)


def test_a_template_response_is_rendered_in_the_language_of_the_view() -> None:
    response = rendered_later(RequestFactory().get("/"))
    assert translation.get_language() == "en"
    assert not response.is_rendered
    assert response.render().content == b"es"
    assert response["Content-Language"] == "es"
    assert translation.get_language() == "en"


def test_a_failing_view_restores_the_language() -> None:
    def failing_view(request: HttpRequest) -> HttpResponse:
        activate_language(request, "es")
        raise LookupError

    with pytest.raises(LookupError):
        restores_language(failing_view)(RequestFactory().get("/"))
    assert translation.get_language() == "en"


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("pattern", urlpatterns, ids=lambda pattern: pattern.name)
def test_every_view_restores_the_language(client: Client, settings: Any, pattern: URLPattern, method: str) -> None:
    settings.MIDDLEWARE = []
    converters = pattern.pattern.converters
    kwargs = {name: ARGUMENTS[type(converter).__name__] for name, converter in converters.items()}
    with translation.override("ar"):
        getattr(client, method)(reverse(f"wagtail_pledge:{pattern.name}", kwargs=kwargs) + "?lang=es")
        assert translation.get_language() == "ar"
