"""The sign journey through Django's ASGI handler, and what a page costs there."""

from __future__ import annotations

from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.core.handlers.asgi import ASGIHandler
from django.db import connection
from django.test import AsyncClient, Client
from django.test.utils import CaptureQueriesContext

from tests import journey
from tests.projects.asgi.asgi import application
from tests.projects.campaign import publish_campaign, sign_confirm_count
from tests.treaties import treaty_data
from wagtail_pledge.pages.models import PledgePage, SignerTypePage

pytestmark = pytest.mark.django_db

FACT = {"type": "treaty_fact", "value": {"treaty": "cmw", "kind": "sentence", "examples": ["MEX"]}}
NUMBERS = {"type": "treaty_numbers", "value": {"treaty": "cmw"}}


class AsgiClient:
    """Makes each request with Django's ``AsyncClient``, from a test that is not asynchronous itself."""

    def __init__(self) -> None:
        self._client = AsyncClient()

    def get(self, path: str, **extra: Any) -> Any:
        """GET ``path``."""
        return async_to_sync(self._client.get)(path, **extra)

    def post(self, path: str, data: Any = None, **extra: Any) -> Any:
        """POST ``data`` to ``path``."""
        return async_to_sync(self._client.post)(path, data, **extra)


@pytest.fixture
def campaign_pages() -> tuple[PledgePage, SignerTypePage]:
    page = PledgePage(title="Ratify", slug="ratify", statement="<p>Ratify the Convention.</p>")
    return publish_campaign(page, SignerTypePage)


def queries(client: Any, url: str) -> int:
    """Return how many queries the page takes, once that it was read before."""
    client.get(url)
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(url)
    assert answer.status_code == 200
    return len(captured)


def test_the_application_is_an_asgi_application() -> None:
    assert isinstance(application, ASGIHandler)


def test_sign_confirm_count(campaign_pages: tuple[PledgePage, SignerTypePage]) -> None:
    campaign, sign_page = campaign_pages
    client: Any = AsgiClient()
    sign_confirm_count(client, campaign, sign_page)


def test_the_signer_withdraws(campaign_pages: tuple[PledgePage, SignerTypePage]) -> None:
    campaign, sign_page = campaign_pages
    client: Any = AsgiClient()
    journey.sign(client, sign_page.url, name="Ana López", email="ana@example.org", country="US")
    journey.work()
    thanks = client.get(journey.confirm(client, "ana@example.org").url)
    manage = thanks.context["manage_url"]
    assert journey.counted(client, campaign.pledge)["total"] == 1
    assert client.post(manage, {"action": "withdraw"}).status_code == 303
    assert journey.counted(client, campaign.pledge)["total"] == 0


def test_a_page_takes_as_many_queries_as_under_wsgi(campaign_pages: tuple[PledgePage, SignerTypePage]) -> None:
    treaty_data.cmw()
    campaign, _sign_page = campaign_pages
    campaign.body = [FACT]
    campaign.save_revision().publish()
    assert queries(AsgiClient(), campaign.url) == queries(Client(), campaign.url)


def test_a_treaty_shown_twice_is_read_once(campaign_pages: tuple[PledgePage, SignerTypePage]) -> None:
    treaty_data.cmw()
    campaign, _sign_page = campaign_pages
    campaign.body = [FACT]
    campaign.save_revision().publish()
    client = AsgiClient()
    once = queries(client, campaign.url)
    campaign.body = [FACT, NUMBERS, FACT]
    campaign.save_revision().publish()
    assert queries(client, campaign.url) == once


def test_the_next_request_reads_anew(campaign_pages: tuple[PledgePage, SignerTypePage]) -> None:
    campaign, _sign_page = campaign_pages
    client = AsgiClient()
    assert "A new lead" not in client.get(campaign.url).content.decode()
    campaign.lead = "A new lead"
    campaign.save_revision().publish()
    assert "A new lead" in client.get(campaign.url).content.decode()


def test_a_language_that_was_asked_for_is_gone_after_the_request(
    campaign_pages: tuple[PledgePage, SignerTypePage],
) -> None:
    campaign, _sign_page = campaign_pages
    client = AsgiClient()
    assert client.get("/pledge/confirm/x/?lang=es").headers["Content-Language"] == "es"
    assert 'lang="en"' in client.get(campaign.url).content.decode()
