"""The treaty-status page, as a reader gets it."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from wagtail.models import Locale, Page, Site

from tests.treaties import given
from wagtail_pledge.pages.models import TreatyStatusPage
from wagtail_pledge.treaties.models import State, Treaty

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(given.TODAY, tick=False):
        yield


def _home() -> Any:
    """Return the home page; make one where the tables are empty (``--nomigrations``)."""
    site = Site.objects.filter(is_default_site=True).first()
    if site is None:
        Locale.objects.get_or_create(language_code="en")
        home = Page.add_root(title="Home", slug="home")
        site = Site.objects.create(hostname="localhost", root_page=home, is_default_site=True)
    return site.root_page


def _page(treaty: Treaty | None, **fields: Any) -> TreatyStatusPage:
    page = TreatyStatusPage(title="Where the world stands", slug="treaty", treaty=treaty, **fields)
    _home().add_child(instance=page)
    return page


@pytest.fixture
def page() -> TreatyStatusPage:
    """The Convention's page with the United States in the spotlight."""
    treaty = given.cmw()
    return _page(treaty, spotlight=State.objects.get(key="USA"), lead="Since 1990.")


def _text(client: Client, page: TreatyStatusPage, **query: str) -> str:
    response = client.get(page.url, query)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.requirement("TR4")
def test_the_page_says_what_is_true_today(client: Client, page: TreatyStatusPage) -> None:
    html = _text(client, page)
    assert '<span class="pledge-fact">60</span> States are party to the Migrant Workers Convention' in html
    assert "the United States of America has neither signed" in html
    assert '<time datetime="2003-07-01">1 July 2003</time>' in html
    assert "20 parties (article 87(1))" in html
    assert "UN Secretary-General, UNTC IV-13" in html
    assert html.count('<th scope="row">') == 197
    assert 'name="as_of" value="2026-11-24" min="1990-12-18" max="2026-11-24"' in html
    assert "/pledge/treaties/cmw/status.csv?lang=en" in html
    for forbidden in (" style=", "onclick", "csrfmiddlewaretoken"):
        assert forbidden not in html


def test_the_numbers_come_before_the_card_and_the_card_before_the_table(client: Client, page: TreatyStatusPage) -> None:
    html = _text(client, page)
    order = ['id="treaty-now"', "pledge-numbers", 'id="treaty-spotlight"', 'id="treaty-facts"', 'id="as-of"']
    places = [html.index(mark) for mark in [*order, 'id="treaty-table"', 'id="treaty-method"']]
    assert places == sorted(places)


def test_any_day_of_history_can_be_picked(client: Client, page: TreatyStatusPage) -> None:
    html = _text(client, page, as_of="2016-12-18", sort="consent", dir="desc")
    assert '<span class="pledge-fact">49</span> States' in html
    assert '<span class="pledge-fact">17</span> more have signed it' in html
    assert "As it stood on 18 December 2016" in html
    assert "as_of=2016-12-18&amp;sort=consent&amp;dir=asc" in html
    assert '<input type="hidden" name="sort" value="consent">' in html
    assert "status.csv?lang=en&amp;as_of=2016-12-18" in html


@pytest.mark.parametrize(
    ("as_of", "words"),
    [
        ("soon", "is not a date"),
        ("1980-01-01", "was adopted on 18 December 1990"),
        ("2030-01-01", "lies in the future"),
        ('"><script>', "is not a date"),
    ],
)
def test_a_wrong_day_is_explained_and_today_is_shown(
    client: Client, page: TreatyStatusPage, as_of: str, words: str
) -> None:
    html = _text(client, page, as_of=as_of)
    assert words in html
    assert "Below is the status of 24 November 2026" in html
    assert '<span class="pledge-fact">60</span>' in html
    assert "<script>" not in html


def test_the_card_follows_the_state(client: Client, page: TreatyStatusPage) -> None:
    page.spotlight = State.objects.get(key="MEX")
    page.save()
    assert "Mexico has been a party to the Migrant Workers Convention" in _text(client, page)
    page.spotlight = None
    page.save()
    assert "treaty-spotlight" not in _text(client, page)


def test_a_page_without_treaty_or_data_is_still_a_page(client: Client) -> None:
    page = _page(None)
    assert "No treaty has been chosen" in _text(client, page)
    page.treaty = given.treaty("empty")
    page.save()
    html = _text(client, page, as_of="2016-12-18")
    assert "No status data has been imported" in html
    assert "Below is the status" not in html
    assert "No treaty has been chosen" not in html


def test_it_costs_twelve_queries_at_most_and_forty_kilobytes(
    client: Client, page: TreatyStatusPage, django_assert_max_num_queries: Any
) -> None:
    Site.clear_site_root_paths_cache()
    cache.clear()
    with django_assert_max_num_queries(12):
        response = client.get(page.url)
    assert len(gzip.compress(response.content)) < 40_000
    assert not response.cookies
    assert "public" in response["Cache-Control"]


def test_a_page_outlives_the_state_in_its_spotlight(page: TreatyStatusPage) -> None:
    State.objects.get(key="USA").delete()
    page.refresh_from_db()
    assert page.spotlight_id is None
