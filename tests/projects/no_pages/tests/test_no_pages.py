"""Pages of the site's own, made from the mixins, with ``wagtail_pledge.pages`` left out."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.test import Client

from tests.projects.campaign import home, publish, publish_campaign, sign_confirm_count
from tests.projects.no_pages.models import ActionPage, ActionsPage, JoinPage, RatificationsPage

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("CP1")]


@pytest.fixture
def campaign_pages() -> tuple[ActionPage, JoinPage]:
    page = ActionPage(title="Ratify", slug="ratify", strapline="Now", statement="<p>Ratify the Convention.</p>")
    return publish_campaign(page, JoinPage)


def test_the_optional_app_is_absent() -> None:
    assert not apps.is_installed("wagtail_pledge.pages")


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
