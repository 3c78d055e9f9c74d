"""Pages with a token in their URL: no referrer, no caching, no indexing, no external resources."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from tests.journey import fresh, sign, sign_url, signatures, submissions
from wagtail_pledge.signing.services import CONFIRM, MANAGE, token_for
from wagtail_pledge.signing.services.suppression import NOT_ME
from wagtail_pledge.testing.factories import SignatureFactory

pytestmark = pytest.mark.requirement("B10")
PATHS: Final = {CONFIRM: "confirm", MANAGE: "manage", NOT_ME: "not-me"}
LOADING_ATTRIBUTES: Final = {"src", "srcset", "poster", "data", "background", "action", "formaction", "ping"}


class PageResources(HTMLParser):
    """URLs that a page loads or submits to, and its referrer policies."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.urls: list[str] = []
        self.policies: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        names = LOADING_ATTRIBUTES | ({"href"} if tag in {"link", "use", "base", "image"} else set())
        self.urls += [given[name] for name in names if name in given]
        assert "style" not in given
        if given.get("name") == "referrer":
            self.policies.append(given["content"])


def assert_private(response: Any) -> None:
    assert response["Referrer-Policy"] == "no-referrer"
    assert {"no-store", "private"} <= set(response["Cache-Control"].replace(" ", "").split(","))
    assert "noindex" in response["X-Robots-Tag"]
    assert "Accept-Language" not in response.get("Vary", "")
    # The one cookie: after confirming, this browser sees the thank-you page in full
    assert not set(response.cookies) - {"pledge_confirmed"}
    assert all(cookie["path"] == response["Location"] for cookie in response.cookies.values())
    if response.status_code == 200:
        resources = PageResources(response.content.decode())
        assert resources.policies == ["no-referrer"]
        assert resources.urls
        assert {urlsplit(url).netloc for url in resources.urls} == {""}


@pytest.fixture
def links(client: Client, individual: Any, person: dict[str, str]) -> dict[str, str]:
    """Sign; return the paths of the signer's links."""
    inbox = sign(client, individual.url, **person)["Location"]
    submission = submissions().get()
    signature = SignatureFactory(pledge=submission.statement.signer_type.pledge)
    of = {MANAGE: signature}
    tokens = {name: token_for(name, of.get(name, submission)) for name in PATHS}
    return {"inbox": inbox, **{name: f"/pledge/{path}/{tokens[name]}/" for name, path in PATHS.items()}}


@pytest.mark.parametrize(
    ("name", "data"), [(MANAGE, {}), (CONFIRM, {}), ("inbox", {}), (MANAGE, {"action": "withdraw"}), (NOT_ME, {})]
)
def test_pages_with_a_token_are_private(client: Client, links: dict[str, str], name: str, data: dict[str, str]) -> None:
    assert_private(client.get(links[name]))
    response = client.post(links[name], data)
    assert response.status_code == 303
    assert_private(response)
    page = client.get(response["Location"])
    assert page.status_code == 200
    assert_private(page)


@pytest.mark.parametrize("path", ["confirm", "manage", "not-me", "inbox"])
def test_pages_of_invalid_links_are_private(client: Client, campaign: Any, path: str) -> None:
    assert_private(client.get(f"/pledge/{path}/{'A' * 63}/"))


def test_buttons_work_with_a_null_origin(client: Client, links: dict[str, str]) -> None:
    for name, data in ((CONFIRM, {}), ("inbox", {}), (MANAGE, {"action": "withdraw"}), (NOT_ME, {})):
        assert client.post(links[name], data, headers={"origin": "null"}).status_code == 303
    assert submissions().get().ended_at
    assert signatures().exclude(withdrawn_at=None).count() == 1


@pytest.mark.parametrize("wrong", [{"stamp": ""}, {"email": "ana"}], ids=lambda wrong: next(iter(wrong)))
def test_a_form_shown_again_sends_a_same_origin_referrer(
    client: Client, individual: Any, person: dict[str, str], wrong: dict[str, str]
) -> None:
    response = client.post(sign_url(individual), {**fresh(individual, **person), **wrong})
    assert response["Referrer-Policy"] == "same-origin"
    assert PageResources(response.content.decode()).policies == ["same-origin"]
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("kind", ["css", "js"])
def test_styles_and_scripts_refer_to_no_other_host(kind: str) -> None:
    files = list(Path(str(finders.find("wagtail_pledge"))).rglob(f"*.{kind}"))
    assert files
    for file in files:
        assert set(re.findall(r"(?:https?:)?//([a-z0-9.-]+\.[a-z]+)", file.read_text(encoding="utf-8"))) <= {
            "www.w3.org"
        }
