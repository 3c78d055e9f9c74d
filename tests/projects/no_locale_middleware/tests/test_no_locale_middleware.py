"""Without ``LocaleMiddleware`` no request changes the language of the next one."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from tests import journey
from tests.projects.campaign import publish_campaign, sign_confirm_count
from wagtail_pledge.pages.models import PledgePage, SignerTypePage

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign_pages() -> tuple[PledgePage, SignerTypePage]:
    page = PledgePage(title="Ratify", slug="ratify", statement="<p>Ratify the Convention.</p>")
    return publish_campaign(page, SignerTypePage)


@pytest.fixture(autouse=True)
def no_language_active() -> Any:
    """Begin as a thread of a fresh server does, with no language activated."""
    translation.deactivate()


def read(client: Client, url: str) -> str:
    response = client.get(url, follow=True)
    assert response.status_code == 200
    return str(response.content.decode())


def test_a_link_in_spanish_leaves_other_pages_in_the_sites_language(
    client: Client, campaign_pages: tuple[PledgePage, SignerTypePage]
) -> None:
    campaign, _sign_page = campaign_pages
    before = read(client, campaign.url)
    response = client.get("/pledge/confirm/x/?lang=es")
    assert "Este enlace" in response.content.decode()
    assert response["Content-Language"] == "es"
    after = read(Client(), campaign.url)
    assert "Add my name" in before
    assert "Add my name" in after
    assert "Sumar mi nombre" not in after
    assert "Sign in" in read(Client(), "/admin/login/")


def test_sign_confirm_count(client: Client, campaign_pages: tuple[PledgePage, SignerTypePage]) -> None:
    campaign, sign_page = campaign_pages
    sign_confirm_count(client, campaign, sign_page)


def test_a_signer_who_reads_spanish_is_answered_in_spanish(
    client: Client, campaign_pages: tuple[PledgePage, SignerTypePage]
) -> None:
    _campaign, sign_page = campaign_pages
    person = {"name": "Ana María López", "email": "ana@example.org", "country": "US"}
    journey.sign(client, sign_page.url, **person)
    journey.work()
    path = journey.confirm_path("ana@example.org")
    assert 'lang="es"' in read(client, f"{path}?lang=es")
    assert 'lang="en"' in read(client, path)
    assert translation.get_language() == "en"
