"""A site below a path of its host: the links of the steps of signing begin with the prefix."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import pytest
from django.core import mail
from django.urls import get_script_prefix, set_script_prefix

from tests import journey
from tests.asgi_server import HttpClient, served
from tests.projects.asgi.asgi import application
from tests.projects.campaign import publish_campaign
from wagtail_pledge.pages.models import PledgePage, SignerTypePage

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.requirement("OP1")]

PREFIX: Final = "/actions"
ANA: Final = {"name": "Ana María López", "email": "ana@example.org", "country": "US"}
#: Paths in attributes of HTML and in JSON; ``STATIC_URL`` is the site's own choice.
PATHS: Final = re.compile(
    r'"(?:https?://(?:127\.0\.0\.1|localhost|pledge\.example)(?::\d+)?)?(/(?!/|static/)[^"\s<>]*)"'
)
LINKS: Final = re.compile(r"https?://(?:localhost|pledge\.example)(/[^\s\"<]*)")


@pytest.fixture
def client() -> Iterator[Any]:
    """Return a client of a server that is mounted below the prefix; the worker has it from ``FORCE_SCRIPT_NAME``."""
    before = get_script_prefix()
    set_script_prefix(f"{PREFIX}/")
    with served(application, PREFIX) as server:
        yield HttpClient(server.port)
    set_script_prefix(before)


@pytest.fixture
def campaign_pages() -> tuple[PledgePage, SignerTypePage]:
    page = PledgePage(title="Ratify", slug="ratify", statement="<p>Ratify the Convention.</p>")
    return publish_campaign(page, SignerTypePage)


def without_prefix(content: bytes) -> list[str]:
    """Return the paths in ``content`` that would leave the site."""
    found = PATHS.findall(content.decode())
    assert found
    return [path for path in found if path != PREFIX and not path.startswith(f"{PREFIX}/")]


def test_signing_below_a_prefix(client: Any, campaign_pages: tuple[PledgePage, SignerTypePage]) -> None:
    campaign, sign_page = campaign_pages
    assert sign_page.url.startswith(f"{PREFIX}/")
    sent = journey.sign(client, sign_page.url, **ANA)
    assert sent.url.startswith(f"{PREFIX}/pledge/inbox/")
    journey.work()
    confirmed = journey.confirm(client, "ana@example.org")
    assert confirmed.url.startswith(f"{PREFIX}/pledge/confirm/")
    assert b"Thank you" in client.get(confirmed.url).content
    journey.work()
    for path in (campaign.url, sign_page.url, sent.url, confirmed.url):
        assert without_prefix(client.get(path).content) == [], path
    for message in mail.outbox:
        links = LINKS.findall(str(message.body))
        assert links
        assert [link for link in links if not link.startswith(f"{PREFIX}/")] == []


@pytest.mark.parametrize("name", ["embed/", "link/", "pledge.json", "updates.atom"])
def test_the_addresses_of_a_pledge(client: Any, campaign_pages: tuple[PledgePage, SignerTypePage], name: str) -> None:
    campaign, _sign_page = campaign_pages
    answer = client.get(f"{PREFIX}/pledge/{campaign.pledge.uuid}/{name}")
    assert answer.status_code == 200
    assert without_prefix(answer.content) == []
