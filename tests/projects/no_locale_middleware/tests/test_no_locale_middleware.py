"""Without ``LocaleMiddleware`` no request changes the language of the next one."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from tests import journey
from tests.projects.campaign import add_published, publish_campaign, sign_confirm_count
from wagtail_pledge.core.registry import updates_of_pledge
from wagtail_pledge.pages.models import PledgePage, SignerTypePage, UpdatePage

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign_pages() -> tuple[PledgePage, SignerTypePage]:
    page = PledgePage(title="Ratify", slug="ratify", statement="<p>Ratify the Convention.</p>")
    return publish_campaign(page, SignerTypePage)


@pytest.fixture(autouse=True)
def no_language_active() -> Any:
    """Deactivate the language, as in a new server thread."""
    translation.deactivate()


def read(client: Client, url: str) -> str:
    response = client.get(url, follow=True)
    assert response.status_code == 200
    return str(response.content.decode())


def test_a_link_in_spanish_does_not_change_the_language_of_other_pages(
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


def test_the_query_selects_the_language_of_the_confirm_page(
    client: Client, campaign_pages: tuple[PledgePage, SignerTypePage]
) -> None:
    _campaign, sign_page = campaign_pages
    person = {"name": "Ana María López", "email": "ana@example.org", "country": "US"}
    journey.sign(client, sign_page.url, **person)
    journey.work()
    path = journey.confirm_path("ana@example.org")
    assert 'lang="es"' in read(client, f"{path}?lang=es")
    assert 'lang="en"' in read(client, path)
    assert translation.get_language() == "en-us"


def test_what_a_page_links_to_without_the_language_of_its_locale_exists(
    client: Client, campaign_pages: tuple[PledgePage, SignerTypePage]
) -> None:
    """The active language is ``en-us``, that of the page's locale is ``en``."""
    campaign, _sign_page = campaign_pages
    update = add_published(campaign, UpdatePage(title="Heard", slug="heard", day=dt.date(2026, 5, 1)))
    html = read(client, update.url)
    assert 'lang="en-us"' in html
    feed = re.search(r'href="([^"]+updates\.atom[^"]*)"', html)
    assert feed
    for url in (feed[1], f"/pledge/{campaign.pledge.uuid}/updates.atom"):
        assert "Heard" in read(client, url)
    for name in ("qr.svg?lang=en-us", "qr.svg", "embed/?lang=en-us", "embed/"):
        assert client.get(f"/pledge/{campaign.pledge.uuid}/{name}").status_code == 200


def test_the_updates_of_another_campaign_are_listed(campaign_pages: tuple[PledgePage, SignerTypePage]) -> None:
    campaign, _sign_page = campaign_pages
    update = add_published(campaign, UpdatePage(title="Heard", slug="heard", day=dt.date(2026, 5, 1)))
    assert updates_of_pledge(campaign.pledge, translation.get_language() or "", 3) == [update]
