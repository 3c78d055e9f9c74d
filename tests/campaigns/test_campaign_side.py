"""The column beside the story of a campaign page: progress, a link to the form, updates, organizations."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from tests.projects.campaign import publish
from wagtail_pledge.campaigns.context.page import SIDE_UPDATES, side_context
from wagtail_pledge.campaigns.page_types import pledge as pledge_page
from wagtail_pledge.pages.models import PledgePage, UpdatePage
from wagtail_pledge.signing.models import Pledge, Tally

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("CP1", "CP11", "X1")]


def side_of(client: Client, page: PledgePage) -> str:
    return client.get(page.url).content.decode().partition(" pledge-side")[2].partition("</section>")[0]


def count_signatures(pledge: Pledge, **kinds: int) -> None:
    for kind, count in kinds.items():
        Tally.objects.create(pledge=pledge, day="2026-01-01", kind=kind, country="US", count=count)


@pytest.fixture
def updates(campaign: Any) -> list[Any]:
    """Three updates; the newest has the number 2."""
    days = [dt.date(2026, 1, day) for day in (5, 6, 7)]
    return [
        publish(campaign, UpdatePage(title=f"News {number}", slug=f"news-{number}", day=day))
        for number, day in enumerate(days)
    ]


def test_it_shows_progress_button_newest_updates_and_organizations(
    client: Client, campaign, individual, organization, updates
) -> None:
    count_signatures(campaign.pledge, individual=1200, organization=3)
    side = side_of(client, campaign)
    assert "1,203" in side
    assert 'href="#sign">Add my name</a>' in side
    assert side.count("<time") == SIDE_UPDATES == 2
    assert side.index("News 2") < side.index("News 1")
    assert "News 0" not in side
    assert f'href="{updates[2].url}"' in side
    assert f"/pledge/{campaign.pledge.uuid}/organizations/?lang=en" in side


def test_it_links_to_no_organizations_before_one_is_counted(client: Client, campaign, individual, organization) -> None:
    count_signatures(campaign.pledge, individual=1200)
    assert "/organizations/" not in side_of(client, campaign)


def test_a_campaign_that_hides_its_number_does_not_say_that_organizations_signed(
    client: Client, campaign, individual, organization
) -> None:
    count_signatures(campaign.pledge, individual=3, organization=3)
    Pledge.objects.update(shown_from=1000)
    side = side_of(client, campaign)
    assert side
    assert "/organizations/" not in side


def test_a_closed_campaign_keeps_its_news_without_a_button(client: Client, campaign, individual, updates) -> None:
    Pledge.objects.update(state="closed")
    side = side_of(client, campaign)
    assert "News 2" in side
    assert "#sign" not in side


@pytest.mark.parametrize("state", ["draft", "closed", "paused"])
def test_there_is_no_empty_column(client: Client, campaign, individual, state: str) -> None:
    Pledge.objects.update(state=state, shown_from=1000)
    html = client.get(campaign.url).content.decode()
    assert "The campaign so far" not in html
    assert "pledge-side" not in html


def queries_for_updates(client: Client, page: PledgePage) -> int:
    with CaptureQueriesContext(connection) as queries:
        client.get(page.url)
    return sum("wagtail_pledge_pages_updatepage" in query["sql"] for query in queries)


def test_it_takes_one_query_and_none_in_a_surge(
    client: Client, campaign, individual, updates, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert queries_for_updates(client, campaign) == 1
    pledge_context = pledge_page.pledge_context
    monkeypatch.setattr(
        pledge_page, "pledge_context", lambda *args, **kwargs: {**pledge_context(*args, **kwargs), "is_surge": True}
    )
    assert queries_for_updates(client, campaign) == 0
    assert "<time" not in side_of(client, campaign)


def test_a_draft_in_preview_has_no_lists(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    pledge = Pledge(collection_id=0)
    with django_assert_num_queries(0):
        context = side_context({"pledge": pledge, "page": None, "progress": None, "is_surge": False})
    assert context == {"newest_updates": [], "organizations_url": ""}
