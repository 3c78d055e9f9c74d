"""Navigation: footer links, error pages, tables of contents, sitemap, robots.txt and the pages API."""

from __future__ import annotations

import datetime as dt
import gzip
import re
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.utils.timezone import now
from django.utils.translation import override
from django.views.defaults import server_error
from wagtail.models import Page

from example_project.campaign.demo.content import read_content
from example_project.campaign.table_of_contents import add_heading_anchors
from tests.architecture.tree import PACKAGE
from tests.projects.example.tests.test_pages import BOTH, text_of
from wagtail_pledge.pages.models import PledgePage
from wagtail_pledge.signing.models import Pledge
from wagtail_pledge.signing.services.switches import SIGNING, set_switch

pytestmark = pytest.mark.django_db

STYLES = PACKAGE / "static" / "wagtail_pledge" / "css" / "pledge.css"


def footer_of(html: str) -> list[str]:
    return re.findall(r'href="([^"]+)"', html.partition("<footer")[2])


def gzipped_size(body: bytes) -> int:
    return len(gzip.compress(body, 6))


@pytest.mark.parametrize("path", BOTH)
def test_every_page_has_the_same_footer_links(client: Client, path: str) -> None:
    language = path[1:3]
    names = ("ratify", "treaty", "summary", "contact", "privacy")
    assert footer_of(client.get(path).content.decode()) == [f"/{language}/{name}/" for name in names]


@pytest.mark.parametrize("language", ["en", "es", "ar"])
def test_the_footer_only_links_to_pages_that_exist_in_the_language(language: str) -> None:
    with override(language):
        linked = footer_of("<footer>" + render_to_string("wagtail_pledge/includes/footer_links.html"))
    there = read_content(language)
    assert [url for url in linked if url.split("/")[1] != language or url.split("/")[2] not in there] == []
    assert linked[-2:] == [f"/{language}/contact/", f"/{language}/privacy/"]
    assert (f"/{language}/summary/" in linked) is ("summary" in there)


def test_the_footer_is_translated_to_arabic() -> None:
    with override("ar"):
        html = render_to_string("wagtail_pledge/includes/footer_links.html")
    assert not re.search(r">[^<]*[A-Za-z]", html)


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("path", ["ratify/", "ratify/organization/"])
def test_the_privacy_note_links_to_the_privacy_page(client: Client, language: str, path: str) -> None:
    form = client.get(f"/{language}/{path}").content.decode().partition("<form")[2].partition("</form>")[0]
    assert f'href="/{language}/privacy/"' in form


@pytest.mark.requirement("E20")
@pytest.mark.parametrize("page", ["contact", "privacy"])
@pytest.mark.parametrize(
    ("language", "heading"), [("en", "Get the link to your signature"), ("es", "Recibir el enlace")]
)
def test_the_pages_about_signatures_link_to_the_page_that_mails_the_link(
    client: Client, pledge: Any, page: str, language: str, heading: str
) -> None:
    html = client.get(f"/{language}/{page}/").content.decode()
    path = f"/pledge/{pledge.uuid}/link/?lang={language}"
    assert f'href="{path}"' in html
    assert heading in client.get(path).content.decode()


def test_the_privacy_note_covers_organizations(client: Client) -> None:
    form = client.get("/en/ratify/organization/").content.decode().partition("<form")[2].partition("</form>")[0]
    assert "organizations after approval" in form
    assert "Your name appears" not in form


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_treaty_page_has_one_primary_button(client: Client, language: str) -> None:
    main = client.get(f"/{language}/treaty/").content.decode().partition("<main")[2].partition("</main>")[0]
    primary = re.findall(r'class="pledge-button(?: pledge-button--wide)?"', main.partition('id="treaty-method"')[2])
    assert len(primary) == 1


@pytest.mark.requirement("X2")
@pytest.mark.parametrize(("language", "heading"), [("en", "Page not found"), ("es", "No encontramos esta página")])
def test_the_404_page_is_in_the_language_of_the_url(client: Client, language: str, heading: str) -> None:
    answer = client.get(f"/{language}/nothing/")
    assert answer.status_code == 404
    html = answer.content.decode()
    assert f"<h1>{heading}</h1>" in html
    assert f"<title>{heading} – Ratify · Ratifica</title>" in html
    assert re.search(rf'class="pledge-site" href="/{language}/">.*Ratify · Ratifica</a>', html)
    assert f"/{language}/contact/" in footer_of(html)
    assert not answer.cookies


@pytest.mark.requirement("X2")
def test_the_500_page_needs_no_database(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        answer = server_error(RequestFactory().get("/es/ratify/"))
    assert answer.status_code == 500
    html = answer.content.decode()
    assert "Something went wrong on our side" in text_of(answer.content)
    assert "Algo falló de nuestro lado" in text_of(answer.content)
    assert re.search(r'class="pledge-site" href="/">.*Ratify · Ratifica</a>', html)
    assert footer_of(html) == ["/en/contact/", "/es/contact/", "mailto:campaign@example.org"]


@pytest.mark.requirement("X5")
@pytest.mark.parametrize("language", ["en", "es"])
def test_the_size_of_the_campaign_page(client: Client, language: str) -> None:
    call_command("pledge_demo", signatures=160, stdout=StringIO())
    body = client.get(f"/{language}/ratify/").content
    assert b"pledge-tile" in body
    assert gzipped_size(body) <= 9_000
    assert body.count(b'rel="stylesheet"') == 1
    assert gzipped_size(body) + gzipped_size(STYLES.read_bytes()) <= 14_000


@pytest.mark.parametrize("language", ["en", "es"])
def test_order_of_the_hero_on_the_home_page(client: Client, language: str) -> None:
    html = client.get(f"/{language}/").content.decode()
    hero = html.partition('<div class="pledge-hero">')[2].partition('<div class="pledge-story">')[0]
    found = re.findall(r'<h1>|<progress|class="pledge-button[ "]|pledge-spotlight |pledge-updates', hero)
    assert found == [
        "<h1>",
        "<progress",
        'class="pledge-button"',
        'class="pledge-button ',
        "pledge-spotlight ",
        "pledge-updates",
    ]
    assert f'class="pledge-button" href="/{language}/ratify/#sign"' in hero
    assert f'href="/{language}/ratify/organization/"' in hero


def test_the_home_page_of_a_closed_campaign_has_no_link_to_sign(client: Client, pledge: Pledge) -> None:
    Pledge.objects.filter(pk=pledge.pk).update(state="closed")
    html = client.get("/en/").content.decode()
    assert 'class="pledge-button" href="/en/ratify/"' in html
    assert "#sign" not in html
    assert "on behalf of an organization" not in html


def end_of_story(client: Client, path: str) -> str:
    story = client.get(path).content.decode().partition('<div class="pledge-story">')[2].partition("</main>")[0]
    return story.rpartition("</section>")[2].rpartition("<p>")[2]


@pytest.mark.requirement("CP11")
@pytest.mark.parametrize(
    ("language", "label"), [("en", "Sign the Call for Support"), ("es", "Firmar el llamado de apoyo")]
)
def test_a_content_page_ends_in_a_way_to_sign_while_signing_is_possible(
    client: Client, pledge: Pledge, language: str, label: str
) -> None:
    path = f"/{language}/contact/"
    assert f'<a class="pledge-button" href="/{language}/ratify/#sign">{label}</a>' in end_of_story(client, path)
    PledgePage.objects.all().update(button_text="")
    assert "#sign" in end_of_story(client, path)
    assert label not in end_of_story(client, path)


@pytest.mark.requirement("CP11")
def test_the_list_of_organizations_has_the_sites_button_to_sign(client: Client, pledge: Pledge) -> None:
    path = f"/pledge/{pledge.uuid}/organizations/?lang=en"
    button = '<a class="pledge-button" href="/en/ratify/{}</a></li>'
    assert button.format('#sign">Sign') in client.get(path).content.decode()
    Pledge.objects.filter(pk=pledge.pk).update(state="closed")
    assert button.format('">The Call') in client.get(path).content.decode()


@pytest.mark.requirement("CP6")
@pytest.mark.parametrize("state", ["paused", "closed", "won", "switch", "too late"])
def test_a_content_page_leads_to_a_campaign_that_nobody_can_sign(client: Client, pledge: Pledge, state: str) -> None:
    if state == "switch":
        set_switch(SIGNING, on=True)
    elif state == "too late":
        Pledge.objects.filter(pk=pledge.pk).update(closes_at=now() - dt.timedelta(minutes=1))
    else:
        Pledge.objects.filter(pk=pledge.pk).update(state=state)
    assert '<a class="pledge-button" href="/en/ratify/">See the campaign</a>' in end_of_story(client, "/en/contact/")
    assert "#sign" not in client.get("/en/contact/").content.decode()


@pytest.mark.requirement("CP6")
def test_a_content_page_without_a_published_campaign_has_no_link_to_sign(client: Client) -> None:
    PledgePage.objects.get(locale__language_code="en").unpublish()
    story = client.get("/en/contact/").content.decode().partition("<main")[2].partition("</main>")[0]
    assert "pledge-button" not in story
    assert "/en/ratify/" not in story


@pytest.mark.requirement("P3")
def test_number_of_queries_of_a_content_page(client: Client, django_assert_num_queries: Any) -> None:
    client.get("/en/summary/")  # Wagtail caches the paths of root pages for an hour
    with django_assert_num_queries(7):  # one of them is for the link to the campaign
        client.get("/en/contact/")


@pytest.mark.parametrize("path", ["summary/", "privacy/", "contact/", "rights/"])
@pytest.mark.parametrize("language", ["en", "es"])
def test_each_heading_is_in_the_table_of_contents(client: Client, language: str, path: str) -> None:
    main = client.get(f"/{language}/{path}").content.decode().partition("<main")[2].partition("</main>")[0]
    table, _end, rest = main.partition("</nav>")
    assert re.findall(r'<a href="#([^"]+)">([^<]+)</a>', table) == re.findall(r'<h2 id="([^"]+)">([^<]+)</h2>', rest)
    assert main.count("<h2") == table.count("<li>") >= 3


def test_equal_headings_have_different_anchors() -> None:
    text, contents = add_heading_anchors(
        '<h2>Más</h2><h2 class="x">Más</h2><h2>¿?</h2><h2 id="own">Own</h2><h3>Less</h3>'
    )
    assert [entry.anchor for entry in contents] == ["más", "part-2", "part-3"]
    assert str(text) == (
        '<h2 id="más">Más</h2><h2 id="part-2" class="x">Más</h2><h2 id="part-3">¿?</h2>'
        '<h2 id="own">Own</h2><h3>Less</h3>'
    )


def test_two_headings_get_no_table_of_contents() -> None:
    assert add_heading_anchors("<h2>One</h2><h2>Two</h2>")[1] == []


@pytest.mark.requirement("RE5")
def test_the_sitemap_lists_every_public_page_once(client: Client) -> None:
    answer = client.get("/sitemap.xml")
    pages = Page.objects.live().filter(depth__gt=1)
    listed = re.findall(r"<loc>(.*?)</loc>", answer.content.decode())
    assert sorted(listed) == sorted(page.full_url for page in pages)
    assert 'hreflang="es"' in answer.content.decode()


def test_robots_txt_disallows_the_admin_and_names_the_sitemap(client: Client) -> None:
    answer = client.get("/robots.txt")
    assert answer["Content-Type"].startswith("text/plain")
    assert answer.content.decode().splitlines() == [
        "User-agent: *",
        "Disallow: /admin/",
        "Sitemap: http://127.0.0.1:8000/sitemap.xml",
    ]
    assert client.post("/robots.txt").status_code == 405


@pytest.mark.requirement("RE1")
def test_the_pages_api_has_the_packages_fields(client: Client, pledge: Pledge) -> None:
    answer = client.get("/api/v2/pages/?type=wagtail_pledge_pages.PledgePage&fields=lead,ledger").json()
    assert answer["meta"]["total_count"] == 2
    assert {item["ledger"]["pledge"] for item in answer["items"]} == {str(pledge.uuid)}
    assert all(item["lead"] for item in answer["items"])
    assert client.get("/api/v2/pages/").headers["Content-Type"] == "application/json"


@pytest.mark.requirement("X1")
@pytest.mark.parametrize(
    ("language", "label"), [("en", "Sign the Call for Support"), ("es", "Firmar el llamado de apoyo")]
)
@pytest.mark.parametrize("path", ["summary/", "decision/", "rights/", "contact/", "privacy/", "treaty/", "ratify/"])
def test_every_page_ends_in_a_way_to_sign(client: Client, language: str, label: str, path: str) -> None:
    main = client.get(f"/{language}/{path}").content.decode().partition("<main")[2].partition("</main>")[0]
    end = main[-1500:]
    assert re.search(rf'<a class="pledge-button[^"]*" href="(\S*/{language}/ratify/(#sign)?|#sign)">', end), end
    # The treaty page is the package's own, with its own label
    if path not in {"ratify/", "treaty/"}:
        assert label in end


@pytest.mark.requirement("X1")
@pytest.mark.parametrize(("language", "label"), [("en", "Sign"), ("es", "Firmar")])
def test_every_page_has_the_navigation_and_a_button_to_sign_in_its_header(
    client: Client, language: str, label: str
) -> None:
    paths = ("", "summary/", "decision/", "rights/", "contact/", "privacy/", "treaty/", "ratify/", "ratify/individual/")
    for path in paths:
        header = client.get(f"/{language}/{path}").content.decode().partition("<header")[2].partition("</header>")[0]
        links = re.findall(r'<a (?:class="[^"]*" )?href="([^"]+)">([^<]+)</a>', header.partition('id="menu"')[2])
        assert links[-1] == (f"/{language}/ratify/#sign", label), path
        assert len(links) == 5
    for url, _label in links:
        assert client.get(url.partition("#")[0]).status_code == 200
