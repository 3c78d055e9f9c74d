"""Pages whose address holds a token: nobody is told it, nobody keeps it, and they load nothing from anybody else."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from tests.journey import fresh, sign, sign_url, signatures
from wagtail_pledge.signing.services import CONFIRM, MANAGE, token_for
from wagtail_pledge.signing.services.suppression import NOT_ME

pytestmark = pytest.mark.requirement("B10")
PATHS: Final = {CONFIRM: "confirm", MANAGE: "manage", NOT_ME: "not-me"}
LOADED: Final = {"src", "srcset", "poster", "data", "background", "action", "formaction", "ping"}


class Loads(HTMLParser):
    """What a browser fetches or sends to without being asked by its user, and what it says of the page's policy."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.urls: list[str] = []
        self.policies: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        names = LOADED | ({"href"} if tag in {"link", "use", "base", "image"} else set())
        self.urls += [given[name] for name in names if name in given]
        assert "style" not in given
        if given.get("name") == "referrer":
            self.policies.append(given["content"])


def assert_keeps_to_itself(response: Any) -> None:
    assert response["Referrer-Policy"] == "no-referrer"
    assert {"no-store", "private"} <= set(response["Cache-Control"].replace(" ", "").split(","))
    assert "noindex" in response["X-Robots-Tag"]
    assert "Accept-Language" not in response.get("Vary", "")
    assert not response.cookies
    if response.status_code == 200:
        loads = Loads(response.content.decode())
        assert loads.policies == ["no-referrer"]
        assert loads.urls
        assert {urlsplit(url).netloc for url in loads.urls} == {""}


@pytest.fixture
def links(client: Client, individual: Any, person: dict[str, str]) -> dict[str, str]:
    """Sign; return the paths that one person gets to know."""
    inbox = sign(client, individual.url, **person)["Location"]
    signature = signatures().get()
    return {"inbox": inbox, **{name: f"/pledge/{path}/{token_for(name, signature)}/" for name, path in PATHS.items()}}


def test_every_page_behind_a_link_keeps_its_address_to_itself(client: Client, links: dict[str, str]) -> None:
    for name, data in ((MANAGE, {}), (CONFIRM, {}), ("inbox", {}), (MANAGE, {"action": "withdraw"}), (NOT_ME, {})):
        assert_keeps_to_itself(client.get(links[name]))
        pressed = client.post(links[name], data)
        assert pressed.status_code == 303
        assert_keeps_to_itself(pressed)
        after = client.get(pressed["Location"])
        assert after.status_code == 200
        assert_keeps_to_itself(after)


@pytest.mark.parametrize("path", ["confirm", "manage", "not-me", "inbox"])
def test_a_link_that_does_not_work_is_kept_too(client: Client, campaign: Any, path: str) -> None:
    assert_keeps_to_itself(client.get(f"/pledge/{path}/{'A' * 63}/"))


def test_a_browser_without_referrer_may_press_every_button(client: Client, links: dict[str, str]) -> None:
    for name, data in ((CONFIRM, {}), ("inbox", {}), (MANAGE, {"action": "withdraw"}), (NOT_ME, {})):
        assert client.post(links[name], data, headers={"origin": "null"}).status_code == 303
    signature = signatures().get()
    assert signature.confirmed_at
    assert signature.withdrawn_at


@pytest.mark.parametrize("wrong", [{"stamp": ""}, {"email": "ana"}], ids=lambda wrong: next(iter(wrong)))
def test_a_form_that_is_given_back_can_still_say_where_it_comes_from(
    client: Client, individual: Any, person: dict[str, str], wrong: dict[str, str]
) -> None:
    response = client.post(sign_url(individual), {**fresh(individual, **person), **wrong})
    assert response["Referrer-Policy"] == "same-origin"
    assert Loads(response.content.decode()).policies == ["same-origin"]
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("kind", ["css", "js"])
def test_styles_and_scripts_load_nothing_from_elsewhere(kind: str) -> None:
    files = list(Path(str(finders.find("wagtail_pledge"))).rglob(f"*.{kind}"))
    assert files
    for file in files:
        assert set(re.findall(r"(?:https?:)?//([a-z0-9.-]+\.[a-z]+)", file.read_text(encoding="utf-8"))) <= {
            "www.w3.org"
        }
