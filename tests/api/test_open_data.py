"""Public data endpoints: CORS, allowed methods, languages, and errors in JSON."""

from __future__ import annotations

import json
import uuid
from typing import Any, Final

import pytest
from django.test import Client
from wagtail.models import Site

from tests.campaign_fixtures import campaign
from tests.treaties import treaty_data
from wagtail_pledge.pages.models import UpdatePage
from wagtail_pledge.treaties.models import State

__all__ = ["campaign"]

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("RE1", "TR7")]

NAMES: Final = ("count.json", "pledge.json", "updates.atom", "status.json", "status.csv", "changes.atom")
METHODS: Final = {"GET", "HEAD", "OPTIONS"}


@pytest.fixture
def urls(campaign: Any) -> dict[str, str]:
    """Return the URL of each public data endpoint by the last part of its path."""
    treaty_data.cmw()
    pledge, treaty = f"/pledge/{campaign.pledge.uuid}", "/pledge/treaties/cmw"
    return {name: f"{pledge if name in NAMES[:3] else treaty}/{name}" for name in NAMES}


def header_values(header: str) -> set[str]:
    return {value.strip() for value in header.split(",")}


@pytest.mark.parametrize("name", NAMES)
def test_a_cors_preflight_allows_conditional_requests(urls: dict[str, str], name: str) -> None:
    client = Client(enforce_csrf_checks=True, headers={"Origin": "https://elsewhere.example"})
    asked = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "if-none-match"}
    answer = client.options(urls[name], headers=asked)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert header_values(answer["Access-Control-Allow-Methods"]) == METHODS
    assert header_values(answer["Access-Control-Allow-Headers"]) == {"If-None-Match", "If-Modified-Since"}
    assert int(answer["Access-Control-Max-Age"]) > 0
    assert "Access-Control-Allow-Credentials" not in answer.headers
    whole = client.get(urls[name])
    assert "Access-Control-Allow-Headers" not in whole.headers
    again = client.get(urls[name], headers={"If-None-Match": whole["ETag"]})
    assert (again.status_code, again["Access-Control-Allow-Origin"]) == (304, "*")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_unsafe_methods_get_405_in_json(urls: dict[str, str], name: str, method: str) -> None:
    answer = Client(enforce_csrf_checks=True).generic(method, urls[name], b"{}", "application/json")
    assert answer.status_code == 405
    assert header_values(answer["Allow"]) == METHODS
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert answer.json()["error"]["code"] == "method_not_allowed"


@pytest.mark.parametrize(("query", "language"), [("", "en"), ("?lang=es", "es"), ("?lang=xx", "en")])
@pytest.mark.parametrize("name", NAMES)
def test_not_found_is_json_in_the_requested_language(
    client: Client, db: None, name: str, query: str, language: str
) -> None:
    path = f"/pledge/{uuid.uuid4()}/{name}" if name in NAMES[:3] else f"/pledge/treaties/gone/{name}"
    answer = client.get(path + query, headers={"Accept-Language": "ar"})
    assert answer.status_code == 404
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert answer["Content-Language"] == language
    assert "Accept-Language" not in answer.get("Vary", "")
    assert set(answer.json()["error"]) == {"code", "message"}


@pytest.mark.parametrize("name", NAMES[:3])
def test_accept_language_is_ignored(client: Client, urls: dict[str, str], name: str) -> None:
    answer = client.get(urls[name], headers={"Accept-Language": "es"})
    assert answer["Content-Language"] == "en"
    assert "Vary" not in answer.headers


@pytest.mark.requirement("D5")
def test_html_characters_are_escaped_in_json(client: Client, urls: dict[str, str], campaign: Any) -> None:
    title = "</script><!-- & \u2028\u2029"
    campaign.title = title
    campaign.save_revision().publish()
    State.objects.filter(key="MEX").update(name=title)
    for name in ("pledge.json", "status.json"):
        answer = client.get(urls[name])
        assert title in json.dumps(answer.json(), ensure_ascii=False)
        assert not set("<>&\u2028\u2029") & set(answer.content.decode())


READ_ONLY: Final = ("stamp.json", "embed/", "qr.svg")


@pytest.mark.parametrize("method", ["POST", "DELETE"])
@pytest.mark.parametrize("name", [*READ_ONLY, "embed.js", "health/", "colours/1-x.css"])
def test_read_only_endpoints_list_their_methods(campaign: Any, name: str, method: str) -> None:
    path = f"/pledge/{campaign.pledge.uuid}/{name}" if name in READ_ONLY else f"/pledge/{name}"
    client = Client(enforce_csrf_checks=True)
    refused = client.generic(method, path)
    assert (refused.status_code, header_values(refused["Allow"])) == (405, METHODS)
    asked = client.options(path)
    assert (asked.status_code, header_values(asked["Allow"])) == (204, METHODS)
    assert "Access-Control-Allow-Origin" not in asked.headers


def test_a_page_allows_safe_methods_only(client: Client, campaign: Any) -> None:
    Site.clear_site_root_paths_cache()
    asked = client.options(campaign.url)
    assert header_values(asked["Allow"]) == METHODS
    assert client.head(campaign.url).status_code == 200
    assert set(UpdatePage.allowed_http_method_names()) == METHODS


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_page_rejects_unsafe_methods(client: Client, campaign: Any, method: str) -> None:
    Site.clear_site_root_paths_cache()
    refused = client.generic(method, campaign.url)
    assert (refused.status_code, header_values(refused["Allow"])) == (405, METHODS)
