"""All page types of a campaign work on a custom base page."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from wagtail.models import Page

from tests.editing import fields_by_tab
from tests.projects.campaign import home, publish, publish_campaign, sign_confirm_count
from tests.projects.custom_page.models import BasePage, CampaignPage, CampaignsPage, NewsPage, SignPage, StatusPage
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


@pytest.mark.parametrize("number", [0, 1], ids=["campaign", "sign page"])
def test_pages_are_served(client: Client, campaign_pages: tuple[CampaignPage, SignPage], number: int) -> None:
    assert client.get(campaign_pages[number].url).status_code == 200


def test_the_editor_has_the_fields_of_package_and_base_page() -> None:
    assert fields_by_tab(CampaignPage) == {
        "Campaign": ["title", "asker", "addressee", "asker_logo", "lead", "image", "statement"],
        "Story": ["body"],
        "Form": ["button_text", "optional_fields", "privacy_note"],
        "After signing": ["thanks_heading", "thanks_text"],
        "Promote": ["slug", "note"],
        "Settings": ["go_live_at", "expire_at"],
    }
    assert "questions" in fields_by_tab(SignPage)["Form"]
    assert {"day", "lead", "body"} <= set(fields_by_tab(NewsPage)["Content"])


@pytest.mark.parametrize("page_class", [SignPage, NewsPage, StatusPage, CampaignsPage])
def test_every_editor_has_title_and_note(page_class: Any) -> None:
    tabs = fields_by_tab(page_class)
    assert "note" in tabs["Promote"]
    assert "title" in next(iter(tabs.values()))


def test_index_and_treaty_pages_are_served(client: Client) -> None:
    index = publish(home(), CampaignsPage(title="Campaigns", slug="campaigns"))
    status = publish(index, StatusPage(title="Status", slug="status"))
    assert client.get(index.url).status_code == 200
    assert client.get(status.url).status_code == 200


@pytest.mark.requirement("CP11")
def test_a_custom_update_page_is_served_and_listed(
    client: Client, campaign_pages: tuple[CampaignPage, SignPage]
) -> None:
    campaign, _sign_page = campaign_pages
    for number in (1, 2):
        news = publish(campaign, NewsPage(title=f"News {number}", slug=f"news-{number}", lead="Heard."))
    html = client.get(news.url).content.decode()
    assert f'href="{campaign.url}"' in html
    assert html.count("<h3>") == 1
    data = client.get(f"/pledge/{campaign.pledge.uuid}/pledge.json").json()
    assert [update["title"] for update in data["updates"]] == ["News 2", "News 1"]


@pytest.mark.requirement("SG2")
def test_sign_confirm_count(client: Client, campaign_pages: tuple[CampaignPage, SignPage]) -> None:
    campaign, sign_page = campaign_pages
    sign_confirm_count(client, campaign, sign_page)
