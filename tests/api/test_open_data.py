"""The manners of the public data: any site may ask, in any way that changes nothing, and gets JSON also for a no."""

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
def addresses(campaign: Any) -> dict[str, str]:
    """Each address of the public data, by the end of it."""
    treaty_data.cmw()
    pledge, treaty = f"/pledge/{campaign.pledge.uuid}", "/pledge/treaties/cmw"
    return {name: f"{pledge if name in NAMES[:3] else treaty}/{name}" for name in NAMES}


def words(header: str) -> set[str]:
    return {word.strip() for word in header.split(",")}


@pytest.mark.parametrize("name", NAMES)
def test_a_browser_that_asks_first_may_ask_with_what_it_has(addresses: dict[str, str], name: str) -> None:
    client = Client(enforce_csrf_checks=True, headers={"Origin": "https://elsewhere.example"})
    asked = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "if-none-match"}
    answer = client.options(addresses[name], headers=asked)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert words(answer["Access-Control-Allow-Methods"]) == METHODS
    assert words(answer["Access-Control-Allow-Headers"]) == {"If-None-Match", "If-Modified-Since"}
    assert int(answer["Access-Control-Max-Age"]) > 0
    assert "Access-Control-Allow-Credentials" not in answer.headers
    whole = client.get(addresses[name])
    assert "Access-Control-Allow-Headers" not in whole.headers
    again = client.get(addresses[name], headers={"If-None-Match": whole["ETag"]})
    assert (again.status_code, again["Access-Control-Allow-Origin"]) == (304, "*")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_what_would_change_something_is_refused_in_json(addresses: dict[str, str], name: str, method: str) -> None:
    answer = Client(enforce_csrf_checks=True).generic(method, addresses[name], b"{}", "application/json")
    assert answer.status_code == 405
    assert words(answer["Allow"]) == METHODS
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert answer.json()["error"]["code"] == "method_not_allowed"


@pytest.mark.parametrize(("query", "language"), [("", "en"), ("?lang=es", "es"), ("?lang=xx", "en")])
@pytest.mark.parametrize("name", NAMES)
def test_not_found_is_json_in_the_language_asked_for(
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
def test_no_answer_differs_by_the_language_of_the_browser(client: Client, addresses: dict[str, str], name: str) -> None:
    answer = client.get(addresses[name], headers={"Accept-Language": "es"})
    assert answer["Content-Language"] == "en"
    assert "Vary" not in answer.headers


@pytest.mark.requirement("D5")
def test_no_text_in_the_json_means_anything_elsewhere(client: Client, addresses: dict[str, str], campaign: Any) -> None:
    title = "</script><!-- & \u2028\u2029"
    campaign.title = title
    campaign.save_revision().publish()
    State.objects.filter(key="MEX").update(name=title)
    for name in ("pledge.json", "status.json"):
        answer = client.get(addresses[name])
        assert title in json.dumps(answer.json(), ensure_ascii=False)
        assert not set("<>&\u2028\u2029") & set(answer.content.decode())


READ_ONLY: Final = ("stamp.json", "embed/", "qr.svg")


@pytest.mark.parametrize("method", ["POST", "DELETE"])
@pytest.mark.parametrize("name", [*READ_ONLY, "embed.js", "health/", "colours/1-x.css"])
def test_every_address_that_only_answers_says_what_it_takes(campaign: Any, name: str, method: str) -> None:
    path = f"/pledge/{campaign.pledge.uuid}/{name}" if name in READ_ONLY else f"/pledge/{name}"
    client = Client(enforce_csrf_checks=True)
    refused = client.generic(method, path)
    assert (refused.status_code, words(refused["Allow"])) == (405, METHODS)
    asked = client.options(path)
    assert (asked.status_code, words(asked["Allow"])) == (204, METHODS)
    assert "Access-Control-Allow-Origin" not in asked.headers


def test_a_page_takes_what_it_can_answer(client: Client, campaign: Any) -> None:
    Site.clear_site_root_paths_cache()
    asked = client.options(campaign.url)
    assert words(asked["Allow"]) == METHODS
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        refused = client.generic(method, campaign.url)
        assert (refused.status_code, words(refused["Allow"])) == (405, METHODS)
    assert client.head(campaign.url).status_code == 200
    assert set(UpdatePage.allowed_http_method_names()) == METHODS
