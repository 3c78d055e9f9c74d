"""A base page of the site's own carries every page of a campaign."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.test import Client
from wagtail.models import Page

from tests.projects.campaign import home, publish, publish_campaign, sign_confirm_count
from tests.projects.custom_page.models import BasePage, CampaignPage, CampaignsPage, SignPage, StatusPage
from wagtail_pledge.core.compat import PAGE_MODEL, get_page_model

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("CP1")]


@pytest.fixture
def campaign_pages() -> tuple[CampaignPage, SignPage]:
    page = CampaignPage(title="Ratify", slug="ratify", note="ours", statement="<p>Ratify the Convention.</p>")
    return publish_campaign(page, SignPage)


def test_the_package_uses_the_sites_page_model() -> None:
    assert PAGE_MODEL == "custom_page.BasePage"
    assert get_page_model() is BasePage
    assert not apps.is_installed("wagtail_pledge.pages")
    assert not issubclass(CampaignPage, Page)


def test_pages_are_served(client: Client, campaign_pages: tuple[CampaignPage, SignPage]) -> None:
    for page in campaign_pages:
        assert client.get(page.url).status_code == 200


def test_index_and_treaty_pages_are_served(client: Client) -> None:
    index = publish(home(), CampaignsPage(title="Campaigns", slug="campaigns"))
    status = publish(index, StatusPage(title="Status", slug="status"))
    assert client.get(index.url).status_code == 200
    assert client.get(status.url).status_code == 200


@pytest.mark.requirement("SG2")
def test_sign_confirm_count(client: Client, campaign_pages: tuple[CampaignPage, SignPage]) -> None:
    campaign, sign_page = campaign_pages
    sign_confirm_count(client, campaign, sign_page)
