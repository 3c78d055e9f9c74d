"""Metadata in the head of pages: canonical URL, languages, Open Graph, JSON-LD."""

from __future__ import annotations

import datetime as dt
import gc
import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image
from wagtail.images import get_image_model
from wagtail.images.tests.utils import get_test_image_file
from wagtail.models import Locale, Page, PageViewRestriction, Site

from tests.projects.campaign import home, publish
from tests.treaties import treaty_data
from wagtail_pledge.core.i18n import open_graph_locale
from wagtail_pledge.pages.models import PledgeIndexPage, PledgePage, TreatyStatusPage, UpdatePage
from wagtail_pledge.signing.enums import PledgeState
from wagtail_pledge.signing.models import Pledge, Statement, Tally
from wagtail_pledge.treaties.models import State

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("CP12")]

HOST = "http://testserver"


@pytest.fixture(autouse=True)
def _own_host(db: None) -> None:
    Site.objects.update(hostname="testserver", site_name="Rights now")
    Site.clear_site_root_paths_cache()


class Head(HTMLParser):
    """Parsed head of a document: tags, title and JSON-LD."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.texts: dict[str, list[str]] = {}
        self.open = ""
        self.feed(html[: html.index("</head>")])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        self.open = tag

    def handle_data(self, data: str) -> None:
        self.texts.setdefault(self.open, []).append(data)

    def handle_endtag(self, _tag: str) -> None:
        self.open = ""

    def meta(self, name: str) -> list[str]:
        return [found["content"] for tag, found in self.tags if name in {found.get("property"), found.get("name")}]

    def links(self, rel: str) -> list[dict[str, str]]:
        return [found for tag, found in self.tags if tag == "link" and found.get("rel") == rel]

    @property
    def title(self) -> str:
        return "".join(self.texts["title"])

    @property
    def graph(self) -> list[dict[str, Any]]:
        (kind,) = [found["type"] for tag, found in self.tags if tag == "script" and "src" not in found]
        assert kind == "application/ld+json"
        data = json.loads("".join(self.texts["script"]))
        assert data["@context"] == "https://schema.org"
        graph: list[dict[str, Any]] = data["@graph"]
        return graph


def head(client: Client, page: Page, query: str = "") -> Head:
    answer = client.get(page.url + query)
    assert answer.status_code == 200
    return Head(answer.content.decode())


def translated(page: Page, code: str = "es", *, alias: bool = False) -> Any:
    locale = Locale.objects.get_or_create(language_code=code)[0]
    if not home().get_translations().filter(locale=locale).exists():
        home().copy_for_translation(locale).save_revision().publish()
    made = page.copy_for_translation(locale, alias=alias)
    if not alias:
        made.save_revision().publish()
    return type(page).objects.get(pk=made.pk)


class TestUrlsAndLanguages:
    def test_the_canonical_url_has_no_query(self, client: Client, campaign) -> None:
        found = head(client, campaign, "?src=newsletter&utm_source=x")
        assert found.links("canonical") == [{"rel": "canonical", "href": f"{HOST}/en/ratify/"}]
        assert found.meta("og:url") == [f"{HOST}/en/ratify/"]

    @pytest.mark.parametrize(
        ("query", "canonical"), [("", ""), ("?page=1", ""), ("?page=2", "?page=2"), ("?page=9", "?page=2")]
    )
    def test_each_page_of_a_list_has_its_own_canonical_url(
        self, client: Client, db: None, monkeypatch, query: str, canonical: str
    ) -> None:
        monkeypatch.setattr("wagtail_pledge.campaigns.page_types.index_listing.PER_PAGE", 1)
        index = publish(home(), PledgeIndexPage(title="Campaigns", slug="campaigns"))
        for slug in ("one", "two"):
            publish(index, PledgePage(title=slug, slug=slug, statement="<p>Do.</p>"))
        address = f"{HOST}/en/campaigns/{canonical}"
        found = head(client, index, query)
        assert [link["href"] for link in found.links("canonical")] == [address]
        assert found.meta("og:url") == [found.graph[0]["url"]] == [address]
        assert found.meta("robots") == []

    @pytest.mark.parametrize("query", ["?q=one", "?state=open", "?q=one&page=2", "?q=nothing"])
    def test_a_filtered_list_is_not_indexed(self, client: Client, db: None, query: str) -> None:
        index = publish(home(), PledgeIndexPage(title="Campaigns", slug="campaigns"))
        publish(index, PledgePage(title="One", slug="one", statement="<p>Do.</p>"))
        found = head(client, index, query)
        assert found.meta("robots") == ["noindex"]
        assert found.links("canonical") == []
        assert head(client, index, "?state=nonsense&q=").meta("robots") == []

    def test_without_another_language_there_are_no_alternates(self, client: Client, campaign) -> None:
        found = head(client, campaign)
        assert found.links("alternate") == []
        assert found.meta("og:locale") == ["en_US"]
        assert found.meta("og:locale:alternate") == []

    def test_every_translation_lists_all_languages_and_a_default(self, client: Client, campaign) -> None:
        pages = [campaign, translated(campaign), translated(campaign, "ar")]
        for page in pages:
            links = {link["hreflang"]: link["href"] for link in head(client, page).links("alternate")}
            assert links == {
                "en": f"{HOST}/en/ratify/",
                "es": f"{HOST}/es/ratify/",
                "ar": f"{HOST}/ar/ratify/",
                "x-default": f"{HOST}/en/ratify/",
            }
        arabic = head(client, pages[2])
        assert arabic.meta("og:locale") == ["ar_AR"]
        assert sorted(arabic.meta("og:locale:alternate")) == ["en_US", "es_ES"]

    def test_the_first_language_is_the_default_without_the_sites_own(self, client: Client, campaign) -> None:
        spanish, _arabic = translated(campaign), translated(campaign, "ar")
        campaign.unpublish()
        links = {link["hreflang"]: link["href"] for link in head(client, spanish).links("alternate")}
        assert set(links) == {"es", "ar", "x-default"}
        assert links["x-default"] == links["es"]

    def test_a_password_protected_translation_is_not_listed(self, client: Client, campaign) -> None:
        spanish = translated(campaign)
        PageViewRestriction.objects.create(page=spanish, restriction_type="password", password="x")
        html = client.get(campaign.url).content.decode()
        assert Head(html).links("alternate") == []
        assert "/es/ratify/" not in html

    def test_an_alias_has_the_canonical_url_of_its_source(self, client: Client, campaign) -> None:
        alias = translated(campaign, alias=True)
        assert head(client, alias).links("canonical")[0]["href"] == f"{HOST}/en/ratify/"
        assert {link["hreflang"] for link in head(client, campaign).links("alternate")} == {"en", "x-default"}
        assert "/es/ratify/" in client.get(campaign.url).content.decode()

    @pytest.mark.parametrize(
        ("code", "name"),
        [("en", "en_US"), ("es", "es_ES"), ("ar", "ar_AR"), ("pt-br", "pt_BR"), ("zh-hans", "zh_CN"), ("", "")],
    )
    def test_open_graph_locale_codes(self, code: str, name: str) -> None:
        assert open_graph_locale(code) == name


class TestTitleAndDescription:
    def test_title_and_description_fit_a_search_result(self, client: Client, campaign, individual) -> None:
        campaign.lead = "Sixty States have joined. " * 20
        campaign.save_revision().publish()
        for page in (campaign, individual):
            found = head(client, page)
            (description,) = found.meta("description")
            assert found.meta("og:description") == [description]
            assert 100 < len(description) <= 155
        assert head(client, campaign).title == "Ratify now – Rights now"

    def test_a_long_title_is_not_followed_by_the_site_name(self, client: Client, campaign) -> None:
        campaign.title = "The United States must ratify the Migrant Workers Convention now"
        campaign.save_revision().publish()
        found = head(client, campaign)
        assert found.title == campaign.title
        assert found.meta("og:site_name") == ["Rights now"]

    def test_seo_title_and_search_description_take_precedence(self, client: Client, campaign) -> None:
        campaign.seo_title, campaign.search_description = "Sign it", "In one line."
        campaign.save_revision().publish()
        found = head(client, campaign)
        assert found.title == "Sign it – Rights now"
        assert (found.meta("og:title"), found.meta("description")) == (["Sign it"], ["In one line."])

    # Wagtail leaves the temporary file of a rendition to the garbage collector.
    @pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
    def test_the_image_has_an_absolute_url_and_its_size(self, client: Client, campaign, individual) -> None:
        file = get_test_image_file(size=(1600, 1000))
        campaign.image = get_image_model().objects.create(title="March", file=file)
        campaign.save_revision().publish()
        for page in (campaign, individual):
            found = head(client, page)
            (url,) = found.meta("og:image")
            assert re.fullmatch(rf"{HOST}/media/images/\S+fill-1200x630\S*\.jpg", url)
            assert (found.meta("og:image:width"), found.meta("og:image:height")) == (["1200"], ["630"])
            assert found.meta("og:image:alt") == ["March"]
            assert found.meta("twitter:card") == ["summary_large_image"]
        gc.collect()

    @pytest.mark.requirement("CP12")
    def test_a_page_without_an_image_has_the_drawn_one(self, client: Client, db: None) -> None:
        treaty = treaty_data.cmw()
        spain = State.objects.get(key="ESP")
        page = publish(home(), TreatyStatusPage(title="Treaty", slug="treaty", treaty=treaty, spotlight=spain))
        html = client.get(page.url).content.decode()
        # The spotlight on the page is not the preview image for sharing
        assert "pledge-spotlight" in html
        found = Head(html)
        assert found.meta("og:image") == [f"{HOST}/static/wagtail_pledge/img/card.png"]
        assert (found.meta("og:image:width"), found.meta("og:image:height")) == (["1200"], ["630"])
        assert found.meta("og:image:alt") == ["Tally marks"]
        assert found.meta("twitter:card") == ["summary_large_image"]
        path = finders.find("wagtail_pledge/img/card.png")
        assert path
        with Image.open(path) as picture:
            assert (picture.size, picture.format) == ((1200, 630), "PNG")
        assert found.meta("og:title") == ["Treaty"]

    def test_private_pages_are_not_indexed(self, client: Client, campaign) -> None:
        html = client.get("/pledge/confirm/nonsense/").content.decode()
        found = Head(html)
        assert found.meta("robots") == ["noindex"]
        assert found.links("canonical") == []
        assert "ld+json" not in html


class TestStructuredData:
    def test_a_campaign_is_a_creative_work_with_an_endorse_action(self, client: Client, campaign, individual) -> None:
        Tally.objects.create(pledge=campaign.pledge, day="2026-02-03", kind="individual", country="US", count=12)
        page, call = head(client, campaign).graph
        statement = Statement.objects.get()
        assert (page["@type"], page["url"], page["inLanguage"]) == ("WebPage", f"{HOST}/en/ratify/", "en")
        assert page["description"] == "Sixty States have joined."
        assert page["isPartOf"] == {"@type": "WebSite", "name": "Rights now"}
        assert page["potentialAction"]["@type"] == "EndorseAction"
        assert page["potentialAction"]["object"] == page["mainEntity"] == {"@id": call["@id"]}
        assert (call["@type"], call["version"]) == ("CreativeWork", "1")
        assert call["text"] == "We call on the United States to ratify."
        assert call["datePublished"] == statement.created_at.isoformat(timespec="seconds")
        assert call["interactionStatistic"]["userInteractionCount"] == 12
        way, same = head(client, individual).graph
        assert (way["url"], same["@id"]) == (f"{HOST}/en/ratify/individual/", call["@id"])

    def test_a_closed_campaign_has_no_endorse_action(self, client: Client, campaign, individual) -> None:
        Pledge.objects.update(state=PledgeState.CLOSED)
        page, _call = head(client, campaign).graph
        assert "potentialAction" not in page

    def test_a_hidden_count_is_not_included(self, client: Client, campaign, individual) -> None:
        Pledge.objects.update(shown_from=100)
        assert "interactionStatistic" not in head(client, campaign).graph[1]

    def test_a_title_cannot_close_the_script_element(self, client: Client, campaign) -> None:
        campaign.title = "</script><img src=x onerror=alert(1)> & <!-- more"
        campaign.save_revision().publish()
        html = client.get(campaign.url).content.decode()
        assert Head(html).graph[1]["name"] == campaign.title
        data = html[html.index("ld+json") : html.index("</script>", html.index("ld+json"))]
        assert "<" not in data
        assert "&" not in data

    def test_an_index_lists_its_campaigns(self, client: Client, db: None) -> None:
        index = publish(home(), PledgeIndexPage(title="Campaigns", slug="campaigns", lead="What we ask."))
        assert "mainEntity" not in head(client, index).graph[0]
        publish(index, PledgePage(title="Ratify", slug="ratify", statement="<p>Do.</p>"))
        (found,) = head(client, index).graph
        (item,) = found["mainEntity"]["itemListElement"]
        assert found["@type"] == "CollectionPage"
        assert item == {
            "@type": "ListItem",
            "position": 1,
            "name": "Ratify",
            "url": f"{HOST}/en/campaigns/ratify/",
        }

    def test_an_update_is_an_article_about_the_campaign(self, client: Client, campaign) -> None:
        day = dt.date(2026, 2, 3)
        update = publish(campaign, UpdatePage(title="A first step", slug="first", day=day, lead="It has begun."))
        (article,) = head(client, update).graph
        assert article.pop("dateModified")
        assert article == {
            "@type": "NewsArticle",
            "@id": f"{HOST}/en/ratify/first/",
            "url": f"{HOST}/en/ratify/first/",
            "mainEntityOfPage": f"{HOST}/en/ratify/first/",
            "name": "A first step",
            "headline": "A first step",
            "description": "It has begun.",
            "inLanguage": "en",
            "datePublished": "2026-02-03",
            "isPartOf": {"@type": "WebSite", "name": "Rights now"},
            "publisher": {"@type": "Organization", "name": "Rights now"},
            "about": {"@type": "CreativeWork", "@id": f"{HOST}/en/ratify/#call", "name": "Ratify now"},
        }

    def test_a_treaty_page_has_its_own_data_once(self, client: Client, db: None) -> None:
        page = publish(home(), TreatyStatusPage(title="Treaty", slug="treaty", treaty=treaty_data.cmw()))
        assert [node["@type"] for node in head(client, page).graph] == ["Legislation", "Dataset"]

    def test_a_preview_of_an_unsaved_page_works(self, campaign) -> None:
        page = PledgePage(title="New", slug="new", locale=Locale.objects.get(language_code="en"))
        page.path, page.depth = home().path + "0009", home().depth + 1
        assert page.make_preview_request().status_code == 200


@pytest.mark.requirement("P3")
def test_number_of_queries_with_translations_and_structured_data(
    client: Client, campaign, individual, organization
) -> None:
    translated(campaign)
    client.get(campaign.url)
    with CaptureQueriesContext(connection) as captured:
        client.get(campaign.url)
    assert len(captured) <= 15, [query["sql"][:120] for query in captured.captured_queries]
