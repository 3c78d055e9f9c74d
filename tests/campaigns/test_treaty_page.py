"""The treaty-status page, as a reader gets it."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from wagtail.models import Collection, Locale, Page, Site

from tests.treaties import treaty_data
from wagtail_pledge.pages.models import PledgePage, TreatyStatusPage
from wagtail_pledge.signing.models import Pledge
from wagtail_pledge.treaties.models import State, Treaty

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(treaty_data.TODAY, tick=False):
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
    treaty = treaty_data.cmw()
    treaty_data.treaty("other")
    fields = {"spotlight": State.objects.get(key="USA"), "missing_group": "migrant_hosts"}
    return _page(treaty, lead="Since 1990.", **fields)


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
    assert "20 parties (article <bdi>87(1)</bdi>)" in html
    assert "UN Secretary-General, UNTC IV-13" in html
    assert html.count('<th scope="row">') == 197 + 1
    assert 'name="as_of" value="2026-11-24" min="1990-12-18" max="2026-11-24"' in html
    assert "/pledge/treaties/cmw/status.csv?lang=en" in html
    for forbidden in (" style=", "onclick", "csrfmiddlewaretoken"):
        assert forbidden not in html


def test_the_card_comes_before_the_numbers_and_the_numbers_before_the_table(
    client: Client, page: TreatyStatusPage
) -> None:
    html = _text(client, page)
    order = ["treaty-spotlight", "pledge-treaty-sentence", "pledge-numbers", 'id="as-of"', "treaty-map", "treaty-table"]
    order += ["timeline", "treaty-missing", "treaty-others", "treaty-method"]
    places = [html.index(f'id="{mark}"') if f'id="{mark}"' in html else html.index(mark) for mark in order]
    assert places == sorted(places)


def test_any_day_of_history_can_be_picked(client: Client, page: TreatyStatusPage) -> None:
    html = _text(client, page, as_of="2016-12-18", sort="consent", dir="desc")
    assert '<span class="pledge-fact">49</span> States' in html
    assert '<span class="pledge-fact">17</span> more have signed but are not party' in html
    assert "Status on 18 December 2016" in html
    assert "as_of=2016-12-18&amp;sort=consent&amp;dir=asc" in html
    assert '<input type="hidden" name="sort" value="consent">' in html
    assert "status.csv?lang=en&amp;as_of=2016-12-18" in html


@pytest.mark.parametrize(
    ("as_of", "words"),
    [
        ("soon", "is not a date"),
        ("1980-01-01", "was adopted on 18 December 1990"),
        ("2030-01-01", "is in the future"),
        ('"><script>', "is not a date"),
    ],
)
def test_a_wrong_day_is_explained_and_today_is_shown(
    client: Client, page: TreatyStatusPage, as_of: str, words: str
) -> None:
    html = _text(client, page, as_of=as_of)
    assert words in html
    assert "This is the status on 24 November 2026" in html
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
    page.treaty = treaty_data.treaty("empty")
    page.save()
    html = _text(client, page, as_of="2016-12-18")
    assert "No status data has been imported" in html
    assert "This is the status on" not in html
    assert "No treaty has been chosen" not in html


@pytest.mark.requirement("P11", "TR4")
def test_it_costs_twelve_queries_at_most_and_forty_kilobytes(
    client: Client, page: TreatyStatusPage, django_assert_max_num_queries: Any
) -> None:
    page.campaign = Pledge.objects.create(title="Ratify", collection=_collection())
    page.save()
    url = page.url
    # The site's colours are asked for by any page, once in 30 seconds
    client.get("/pledge/confirm/no-such-token/")
    Site.clear_site_root_paths_cache()
    cache.clear()
    with django_assert_max_num_queries(12):
        response = client.get(url)
    assert len(gzip.compress(response.content, 6)) <= 40_000
    drawn = re.search(rb'<svg class="pledge-map-svg.*?</svg>', response.content, re.DOTALL)
    assert drawn
    assert len(gzip.compress(drawn.group(), 6)) <= 18_000
    assert not response.cookies
    assert "public" in response["Cache-Control"]


def test_a_page_outlives_the_state_in_its_spotlight(page: TreatyStatusPage) -> None:
    State.objects.get(key="USA").delete()
    page.refresh_from_db()
    assert page.spotlight_id is None


def _collection() -> Any:
    return Collection.objects.first() or Collection.add_root(name="Root")


def _rows(html: str) -> list[str]:
    table = html[html.index('id="treaty-table"') : html.index('id="treaty-facts"')]
    return re.findall(r'<th scope="row">([^<]+)', table)


@pytest.mark.requirement("TR4")
def test_the_table_is_filtered_by_form_and_says_how_many(client: Client, page: TreatyStatusPage) -> None:
    html = _text(client, page, status="signed_only", region="002")
    assert _rows(html) == [
        "Cameroon",
        "Comoros",
        "Gabon",
        "Liberia",
        "Sierra Leone",
    ]
    assert "5 of 197 States" in html
    assert '<option value="signed_only" selected>' in html
    assert "status=signed_only&amp;region=002&amp;sort=signed" in html
    assert _rows(_text(client, page, q="  côte ")) == ["Côte d\u2019Ivoire"] or "1 of 197" in _text(
        client, page, q="cote"
    )
    assert _rows(_text(client, page, q="niger")) == ["Niger", "Nigeria"]
    assert len(_rows(_text(client, page, status="nonsense", region="nowhere"))) == 197
    assert "No State to show." not in html
    nothing = _text(client, page, q="Atlantis")
    assert _rows(nothing) == []
    assert '<tr><td colspan="6">No State to show.</td></tr>' in nothing


def test_what_was_asked_for_is_kept_when_something_else_is_asked(client: Client, page: TreatyStatusPage) -> None:
    html = _text(client, page, as_of="2016-12-18", region="150", q='"><b>', sort="consent", dir="desc")
    picker = html[html.index('class="pledge-as-of"') : html.index("treaty-map")]
    chosen = html[html.index('class="pledge-filter"') : html.index('id="treaty-table"')]
    for name in ("region", "q", "sort", "dir"):
        assert f'<input type="hidden" name="{name}"' in picker
    for name in ("as_of", "sort", "dir"):
        assert f'<input type="hidden" name="{name}"' in chosen
    assert '"><b>' not in html


@pytest.mark.requirement("TR4", "TR2")
def test_every_part_follows_the_day(client: Client, page: TreatyStatusPage) -> None:
    html = _text(client, page, as_of="2016-12-18")
    assert "49 parties, 17 signed only, 131 neither signed nor party. As of 18 December 2016." in html
    assert "49 parties at the end of the chart." in html
    assert "2010s" in html
    assert "2020s" not in html
    assert '"temporalCoverage": "1990-12-18/2016-12-18"' in html
    before = _text(client, page, as_of="1990-12-18")
    assert "no State is party to the Migrant Workers Convention" in before
    assert "0 parties, 0 signed only, 197 neither" in before


@pytest.mark.requirement("TR7")
def test_the_page_carries_linked_data(client: Client, page: TreatyStatusPage) -> None:
    Treaty.objects.filter(key="cmw").update(title="</script><b>A & B")
    html = _text(client, page)
    text = html[html.index("ld+json") + len('ld+json">') : html.index("</script>", html.index("ld+json"))]
    law, data = json.loads(text)["@graph"]
    assert (law["@type"], data["@type"]) == ("Legislation", "Dataset")
    assert law["name"] == "</script><b>A & B"
    assert law["legislationDate"] == "1990-12-18"
    assert data["distribution"][0]["contentUrl"].startswith("http://testserver/pledge/treaties/cmw/status.csv")
    assert data["dateModified"] == "2026-02-03"
    assert '<link rel="alternate" type="application/atom+xml"' in html


@pytest.mark.requirement("TR6")
def test_other_treaties_say_what_the_state_did(client: Client, page: TreatyStatusPage) -> None:
    html = _text(client, page)
    others = html[html.index('id="treaty-others"') : html.index('id="treaty-method"')]
    assert "OTHER" in others
    assert "no data" in others
    assert "CMW" not in others
    assert "may be out of date" not in others


@pytest.mark.requirement("TR6", "X4")
def test_old_data_is_called_so_once_and_names_keep_their_own_direction(client: Client, page: TreatyStatusPage) -> None:
    Treaty.objects.filter(key="other").update(short_name="1951 Convention", as_of=date(2013, 7, 6))
    treaty_data.treaty("another", as_of=date(2014, 1, 27))
    treaty_data.treaty("fresh", as_of=treaty_data.TODAY.date())
    html = _text(client, page)
    others = html[html.index('id="treaty-others"') : html.index('id="treaty-method"')]
    assert others.count("may be out of date") == 1
    assert others.count("&nbsp;*") == 2
    assert '2013-07-06">6 July 2013</time>&nbsp;*' in others
    assert "<bdi>1951 Convention</bdi>" in others
    assert "<bdi>other</bdi>" in others


def test_the_way_to_sign_appears_only_with_a_campaign_that_has_a_page(client: Client, page: TreatyStatusPage) -> None:
    assert "Add my name" not in _text(client, page)
    pledge = Pledge.objects.create(title="Ratify", collection=_collection())
    _home().add_child(instance=PledgePage(title="Ratify", slug="ratify", pledge=pledge))
    page.campaign = pledge
    page.save()
    html = _text(client, page)
    assert html.count("Add my name") == 2
    assert "/ratify/" in html
    pledge_page = PledgePage.objects.get()
    pledge_page.delete()
    pledge.delete()
    page.refresh_from_db()
    assert page.campaign_id is None
