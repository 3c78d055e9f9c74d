"""Pages of the site's own, made from the mixins, with ``wagtail_pledge.pages`` left out."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.test import Client
from wagtail.models import Site

from tests.projects.campaign import home, publish, publish_campaign, sign_confirm_count
from tests.projects.no_pages.models import ActionPage, ActionsPage, JoinPage, RatificationsPage
from wagtail_pledge.campaigns.page_fields import LEDGER
from wagtail_pledge.models import SiteColours

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("CP1")]


@pytest.fixture
def campaign_pages() -> tuple[ActionPage, JoinPage]:
    page = ActionPage(title="Ratify", slug="ratify", strapline="Now", statement="<p>Ratify the Convention.</p>")
    return publish_campaign(page, JoinPage)


def test_the_optional_app_is_absent() -> None:
    assert not apps.is_installed("wagtail_pledge.pages")


@pytest.mark.requirement("X4")
def test_without_wagtails_settings_the_colours_are_the_packages(
    admin_client: Client, client: Client, campaign_pages: tuple[ActionPage, JoinPage]
) -> None:
    SiteColours.objects.create(site=Site.objects.get(is_default_site=True), brand="#0b3d5c")
    answer = client.get(campaign_pages[0].url)
    assert b"css/pledge.css" in answer.content
    assert b"/colours/" not in answer.content
    assert b"sitecolours" not in admin_client.get("/admin/").content.lower()


def test_pages_are_served(client: Client, campaign_pages: tuple[ActionPage, JoinPage]) -> None:
    for page in campaign_pages:
        assert client.get(page.url).status_code == 200


def test_the_sites_own_field_is_kept(campaign_pages: tuple[ActionPage, JoinPage]) -> None:
    assert ActionPage.objects.get().strapline == "Now"


def test_index_and_treaty_pages_are_served(client: Client) -> None:
    index = publish(home(), ActionsPage(title="Actions", slug="actions"))
    status = publish(index, RatificationsPage(title="Status", slug="status"))
    assert client.get(index.url).status_code == 200
    assert client.get(status.url).status_code == 200


@pytest.mark.requirement("SG2")
def test_sign_confirm_count(client: Client, campaign_pages: tuple[ActionPage, JoinPage]) -> None:
    campaign, join = campaign_pages
    sign_confirm_count(client, campaign, join)


@pytest.mark.requirement("RE1")
def test_without_wagtails_page_api_nothing_of_it_is_needed(campaign_pages: tuple[ActionPage, JoinPage]) -> None:
    assert LEDGER.serializer is None
    page, _join = campaign_pages
    assert page.ledger["pledge"] == str(page.pledge.uuid)
    assert [one["kind"] for one in page.ledger["statements"]] == ["individual"]
