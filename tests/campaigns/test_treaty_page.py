"""The treaty status page."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client, RequestFactory
from django.utils import translation
from wagtail.models import Collection, Locale, Page, Site

from tests.treaties import treaty_data
from wagtail_pledge.pages.models import PledgePage, TreatyStatusPage
from wagtail_pledge.signing.models import Pledge
from wagtail_pledge.treaties.display.tables import status_table
from wagtail_pledge.treaties.importing.reference_data import load_declarations
from wagtail_pledge.treaties.models import State, StateAlias, Treaty
from wagtail_pledge.treaties.status import status_as_of

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
    """Return the Convention's page with the United States in the spotlight."""
    treaty = treaty_data.cmw()
    treaty_data.treaty("other")
    fields = {"spotlight": State.objects.get(key="USA"), "missing_group": "migrant_hosts"}
    return _page(treaty, lead="Since 1990.", **fields)


def _text(client: Client, page: TreatyStatusPage, **query: str) -> str:
    response = client.get(page.url, query)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.requirement("TR4")
def test_the_page_shows_the_status_of_today(client: Client, page: TreatyStatusPage) -> None:
    html = _text(client, page)
    assert '<span class="pledge-fact">60</span> States are party to the Migrant Workers Convention' in html
    assert "the United States of America has neither signed" in html
    assert '<time datetime="2003-07-01">1 July 2003</time>' in html
    assert "20 parties (article <bdi>87(1)</bdi>)" in html
    assert "UN Secretary-General, UNTC IV-13" in html
    assert html.count('<th scope="row">') == 197 + 1
    assert 'name="as_of_day" value="24"' in html
    assert '<option value="11" selected>November</option>' in html
    assert "/pledge/treaties/cmw/status.csv?lang=en" in html
    for forbidden in (" style=", "onclick", "csrfmiddlewaretoken"):
        assert forbidden not in html


def test_order_of_the_sections(client: Client, page: TreatyStatusPage) -> None:
    html = _text(client, page)
    order = ["treaty-spotlight", "pledge-treaty-sentence", "pledge-numbers", 'id="as-of"', "treaty-map", "treaty-table"]
    order += ["timeline", "treaty-missing", "treaty-others", "treaty-method"]
    places = [html.index(f'id="{marker}"') if f'id="{marker}"' in html else html.index(marker) for marker in order]
    assert places == sorted(places)


def test_a_past_date_can_be_chosen(client: Client, page: TreatyStatusPage) -> None:
    html = _text(client, page, as_of="2016-12-18", sort="consent", dir="desc")
    assert '<span class="pledge-fact">49</span> States' in html
    assert '<span class="pledge-fact">17</span> more have signed but are not party' in html
    assert "Status on 18 December 2016" in html
    assert "as_of=2016-12-18&amp;sort=consent&amp;dir=asc" in html
    assert '<input type="hidden" name="sort" value="consent">' in html
    assert "status.csv?lang=en&amp;as_of=2016-12-18" in html


@pytest.mark.parametrize(
    ("as_of", "text"),
    [
        ("soon", "is not a date"),
        ("1980-01-01", "was adopted on 18 December 1990"),
        ("2030-01-01", "is in the future"),
        ('"><script>', "is not a date"),
    ],
)
def test_an_invalid_date_shows_an_error_and_the_status_of_today(
    client: Client, page: TreatyStatusPage, as_of: str, text: str
) -> None:
    html = _text(client, page, as_of=as_of)
    assert text in html
    assert "The page shows the newest status instead, as of 3 February 2026." in html
    assert "Since 1990." in html
    assert "<h1>Where the world stands</h1>" in html
    assert '<span class="pledge-fact">60</span>' in html
    assert "<script>" not in html


def test_the_spotlight_shows_the_chosen_state(client: Client, page: TreatyStatusPage) -> None:
    page.spotlight = State.objects.get(key="MEX")
    page.save()
    assert "Mexico has been a party to the Migrant Workers Convention" in _text(client, page)
    page.spotlight = None
    page.save()
    assert "treaty-spotlight" not in _text(client, page)


def test_a_page_without_treaty_or_data_is_served(client: Client) -> None:
    page = _page(None)
    assert "No treaty has been chosen" in _text(client, page)
    page.treaty = treaty_data.treaty("empty")
    page.save()
    html = _text(client, page, as_of="2016-12-18")
    assert "No status data has been imported" in html
    assert "The page shows the newest status" not in html
    assert "No treaty has been chosen" not in html


@pytest.mark.requirement("P11", "TR4")
def test_number_of_queries_and_size_of_the_page(
    client: Client, page: TreatyStatusPage, django_assert_max_num_queries: Any
) -> None:
    page.campaign = Pledge.objects.create(title="Ratify", collection=_collection())
    page.save()
    url = page.url
    # Fill the cache of the site's colours
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


def test_deleting_the_state_keeps_the_page(page: TreatyStatusPage) -> None:
    State.objects.get(key="USA").delete()
    page.refresh_from_db()
    assert page.spotlight_id is None


def _collection() -> Any:
    return Collection.objects.first() or Collection.add_root(name="Root")


def _rows(html: str) -> list[str]:
    table = html[html.index('id="treaty-table"') : html.index('id="treaty-facts"')]
    return re.findall(r'<th scope="row">([^<]+)', table)


@pytest.mark.requirement("TR4")
def test_the_table_can_be_filtered_and_shows_the_number_of_rows(client: Client, page: TreatyStatusPage) -> None:
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


def test_each_form_keeps_the_parameters_of_the_others(client: Client, page: TreatyStatusPage) -> None:
    html = _text(client, page, as_of="2016-12-18", region="150", q='"><b>', sort="consent", dir="desc")
    picker = html[html.index('class="pledge-as-of"') : html.index("treaty-map")]
    chosen = html[html.index('class="pledge-filter"') : html.index('id="treaty-table"')]
    for name in ("region", "q", "sort", "dir"):
        assert f'<input type="hidden" name="{name}"' in picker
    for name in ("as_of", "sort", "dir"):
        assert f'<input type="hidden" name="{name}"' in chosen
    assert '"><b>' not in html


@pytest.mark.parametrize(
    ("sent", "as_of"),
    [
        ({"as_of_day": "18", "as_of_month": "12", "as_of_year": "2016"}, "2016-12-18"),
        ({"as_of_day": "1", "as_of_month": "3", "as_of_year": "2003"}, "2003-03-01"),
        ({"as_of_day": "31", "as_of_month": "2", "as_of_year": "2016"}, "2016-02-31"),
        ({"as_of_day": "soon", "as_of_month": "2", "as_of_year": ""}, "-02-soon"),
    ],
)
@pytest.mark.requirement("TR2")
def test_the_date_form_leads_to_the_url_of_the_day(
    client: Client, page: TreatyStatusPage, sent: dict[str, str], as_of: str
) -> None:
    answer = client.get(page.url, {**sent, "region": "150"})
    assert (answer.status_code, answer["Location"]) == (302, f"{page.url}?region=150&as_of={as_of}")
    assert client.get(answer["Location"]).status_code == 200


@pytest.mark.parametrize(("language", "month"), [("en", "December"), ("es", "diciembre")])
@pytest.mark.requirement("TR2")
def test_the_date_form_shows_the_day_as_the_page_writes_it(page: TreatyStatusPage, language: str, month: str) -> None:
    def form(as_of: str) -> str:
        request = RequestFactory().get("/", {"as_of": as_of})
        with translation.override(language):
            html = page.serve(request).render().content.decode()
        return html[html.index('class="pledge-as-of"') : html.index("treaty-map")]

    shown = form("2016-12-18")
    assert 'name="as_of_day" value="18"' in shown
    assert f'<option value="12" selected>{month}</option>' in shown
    assert 'name="as_of_year" value="2016"' in shown
    assert 'type="date"' not in shown
    typed = form("2016-02-31")
    assert 'name="as_of_day" value="31"' in typed
    assert typed.count(" selected") == 1


@pytest.mark.requirement("TR4", "TR2")
def test_every_section_shows_the_status_of_the_date(client: Client, page: TreatyStatusPage) -> None:
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
def test_the_page_has_structured_data(client: Client, page: TreatyStatusPage) -> None:
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
def test_other_treaties_of_the_state_are_listed(client: Client, page: TreatyStatusPage) -> None:
    html = _text(client, page)
    others = html[html.index('id="treaty-others"') : html.index('id="treaty-method"')]
    assert "OTHER" in others
    assert "no data" in others
    assert "CMW" not in others
    assert "may be out of date" not in others


@pytest.mark.requirement("TR6", "X4")
def test_outdated_data_is_marked_and_names_are_isolated(client: Client, page: TreatyStatusPage) -> None:
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


def test_the_sign_button_needs_a_campaign_with_a_page(client: Client, page: TreatyStatusPage) -> None:
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


@pytest.mark.requirement("TR4")
@pytest.mark.parametrize(
    ("search", "first"),
    [
        ("USA", "United States of America"),
        ("U.S.", "United States of America"),
        ("EE.UU.", "United States of America"),
        ("EEUU", "United States of America"),
        ("UK", "United Kingdom of Great Britain and Northern Ireland"),
        ("Turkey", "Türkiye"),
        ("turquia", "Türkiye"),
        ("South Korea", "Republic of Korea"),
        ("Corea del Sur", "Republic of Korea"),
        ("Vietnam", "Viet Nam"),
        ("Burma", "Myanmar"),
        ("Birmania", "Myanmar"),
        ("Méjico", "Mexico"),
        ("Niger", "Niger"),
        ("congo", "Congo"),
        ("phl", "Philippines"),
    ],
)
def test_a_state_is_found_by_the_name_that_people_type(
    client: Client, page: TreatyStatusPage, search: str, first: str
) -> None:
    assert _rows(_text(client, page, q=search))[0] == first


@pytest.mark.requirement("TR4")
def test_the_order_of_a_search_is_that_of_the_best_match_unless_a_column_is_chosen(
    client: Client, page: TreatyStatusPage
) -> None:
    html = _text(client, page, q="guinea")
    assert _rows(html) == ["Guinea", "Guinea-Bissau", "Equatorial Guinea", "Papua New Guinea"]
    assert "aria-sort" not in html
    by_name = _text(client, page, q="guinea", sort="name")
    assert _rows(by_name) == ["Equatorial Guinea", "Guinea", "Guinea-Bissau", "Papua New Guinea"]
    assert "Ukraine" in _rows(_text(client, page, q="uk"))
    assert "Belarus" not in _rows(_text(client, page, q="us"))
    assert _rows(_text(client, page, q=" \x00%' ")) == []


@pytest.mark.requirement("TR4")
def test_a_name_added_to_a_state_finds_it(client: Client, page: TreatyStatusPage) -> None:
    StateAlias.objects.create(state=State.objects.get(key="DEU"), name="Teutonia", normalized="teutonia")
    assert _rows(_text(client, page, q="teuton")) == ["Germany"]


@pytest.mark.requirement("TR4", "X4")
@pytest.mark.parametrize(
    ("search", "first"),
    [("USA", "Estados Unidos"), ("EE. UU.", "Estados Unidos"), ("UK", "Reino Unido"), ("Burma", "Birmania")],
)
def test_a_state_is_found_in_spanish_too(page: TreatyStatusPage, search: str, first: str) -> None:
    with translation.override("es"):
        status = status_as_of(Treaty.objects.get(key="cmw"))
        rows = status_table(status, {"q": search}).rows
    assert rows[0].name.startswith(first)


@pytest.mark.requirement("TR4")
def test_the_csv_of_a_filtered_table_has_its_rows(client: Client, page: TreatyStatusPage) -> None:
    html = _text(client, page, status="party", region="019", q="m", as_of="2016-12-18")
    link = re.search(r'<a href="([^"]*status\.csv[^"]*)">Download these rows as CSV', html)
    assert link
    response = client.get(link[1].replace("&amp;", "&"))
    names = [row["name"] for row in csv.DictReader(io.StringIO(response.content.decode()))]
    assert names == _rows(html) == ["Mexico"]
    assert 'filename="cmw-2016-12-18-filtered.csv"' in response["Content-Disposition"]
    assert "Download these rows" not in _text(client, page)


@pytest.mark.requirement("TR4", "TR5")
def test_heading_and_introduction_are_true_of_any_day(client: Client, page: TreatyStatusPage) -> None:
    past = _text(client, page, as_of="2016-12-18")
    assert "<h1>Where the world stands <small>Status on 18 December 2016</small></h1>" in past
    assert "<title>Where the world stands – Status on 18 December 2016" in past
    assert "Everything on this page shows the status on 18 December 2016, not today’s." in past
    assert "From adoption to 18 December 2016" in past
    assert "Since 1990." not in past.split("</head>")[1]
    after = _text(client, page, as_of="2026-06-01")
    assert "last checked on 3 February 2026. What States did after that, up to 1 June 2026, is not included." in after
    assert "Back to today" in after
    early = _text(client, page, as_of="1995-01-01")
    assert "(not yet on this day)" in early
    today = _text(client, page)
    assert "<h1>Where the world stands</h1>" in today
    assert "From adoption to today" in today
    assert "Since 1990." in today.split("</head>")[1]
    assert "Back to today" not in today


@pytest.mark.requirement("TR2", "TR4")
def test_acceptances_of_optional_articles_and_declarations_are_shown(client: Client, page: TreatyStatusPage) -> None:
    assert "Optional articles" not in _text(client, page)
    load_declarations(treaty_data.DATA, Treaty.objects.get(key="cmw"))
    html = _text(client, page)
    section = html[html.index('id="treaty-declarations"') : html.index('id="treaty-missing"')]
    assert "Article <bdi>76</bdi>: accepted by 4 States" in section
    assert "Article <bdi>77</bdi>: accepted by 5 States" in section
    assert section.index("Ecuador") < section.index("Uruguay")
    assert '<time datetime="2008-09-15">15 September 2008</time>' in section
    assert "18 declarations and reservations" in section
    assert "Uganda: reservation (article <bdi>18(3)(d)</bdi>)" in section
    assert "<bdi>22(4)</bdi>" not in section
    past = _text(client, page, as_of="2010-01-01")
    assert "Article <bdi>76</bdi>: accepted by 1 State<" in past
    assert "Article <bdi>77</bdi>: accepted by 2 States" in past
    assert "<bdi>22(4)</bdi>" in past
