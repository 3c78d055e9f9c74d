"""The campaign's pages as visitors see them."""

from __future__ import annotations

import re
from io import StringIO

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from wagtail.models import Page

from tests import journey
from wagtail_pledge.signing.models import Pledge

pytestmark = pytest.mark.django_db

PATHS = [
    *("", "ratify/", "ratify/individual/", "ratify/organization/", "ratify/official/"),
    *("ratify/anniversary/", "treaty/", "summary/", "decision/", "rights/"),
    *("contact/", "privacy/"),
]
MAX_QUERIES = 15
BOTH = [f"/{language}/{path}" for language in ("en", "es") for path in PATHS]


def text_of(html: bytes) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html.decode()))


@pytest.mark.parametrize("path", BOTH)
def test_every_page_is_served_in_its_language(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert f'<html lang="{path[1:3]}"' in answer.content.decode()


@pytest.mark.parametrize("path", BOTH)
def test_pages_set_no_cookies_and_do_not_vary_on_them(client: Client, path: str) -> None:
    answer = client.get(path)
    assert not answer.cookies
    assert "Cookie" not in answer.get("Vary", "")
    assert "public" in answer["Cache-Control"]


@pytest.mark.parametrize("path", BOTH)
def test_pages_have_no_inline_scripts_or_styles_and_a_strict_policy(client: Client, path: str) -> None:
    answer = client.get(path)
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    html = answer.content.decode()
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*(?:\ssrc=|type=.application/ld))", html)


def test_the_admin_policy_allows_inline_scripts(client: Client) -> None:
    assert "unsafe-inline" in client.get("/admin/login/")["Content-Security-Policy"]


@pytest.mark.requirement("P3")
@pytest.mark.parametrize("path", ["", "ratify/"])
@pytest.mark.parametrize("language", ["en", "es"])
def test_number_of_queries_of_home_and_campaign_page(
    client: Client, language: str, path: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    call_command("pledge_demo", signatures=40, stdout=StringIO())
    client.get("/en/summary/")  # Wagtail caches the paths of root pages for an hour
    with django_assert_max_num_queries(MAX_QUERIES):
        assert client.get(f"/{language}/{path}").status_code == 200


def test_languages_link_to_each_other(client: Client) -> None:
    assert 'href="/es/ratify/"' in client.get("/en/ratify/").content.decode()
    assert 'href="/en/summary/"' in client.get("/es/summary/").content.decode()


@pytest.mark.requirement("CP1")
def test_both_languages_share_one_pledge_and_one_count(client: Client, pledge: Pledge) -> None:
    pages = [page.specific for page in Page.objects.filter(slug="ratify")]
    assert {page.pledge for page in pages} == {pledge}
    call_command("pledge_demo", signatures=37, stdout=StringIO())
    for page in pages:
        assert re.search(r'"pledge-number">37<', client.get(page.url).content.decode())


@pytest.mark.requirement("SG1", "SG2")
def test_a_person_who_signs_in_spanish_counts_in_english(client: Client, pledge: Pledge) -> None:
    person = {"name": "Rosa Hernández", "email": "rosa@example.org", "country": "US"}
    assert journey.sign(client, "/es/ratify/", **person).status_code == 303
    assert journey.counted(client, pledge)["total"] == 0
    journey.work()
    assert journey.confirm(client, "rosa@example.org").status_code == 303
    assert journey.counted(client, pledge)["kinds"]["individual"] == 1
    assert '"pledge-number">1<' in client.get("/en/ratify/").content.decode()


def test_an_organization_waits_for_approval(client: Client, pledge: Pledge) -> None:
    organization = {
        "organization": "Casa del Valle",
        "country": "US",
        "name": "Luis Mora",
        "role": "director",
        "email": "luis@casadelvalle.example",
        "authorized": "on",
    }
    assert journey.sign(client, "/en/ratify/organization/", **organization).status_code == 303
    journey.work()
    assert journey.confirm(client, "luis@casadelvalle.example").status_code == 303
    assert journey.counted(client, pledge)["total"] == 0


@pytest.mark.requirement("TR2")
@pytest.mark.parametrize("path", ["/en/", "/en/ratify/", "/en/treaty/"])
def test_figures_come_from_the_treaty_data(client: Client, path: str) -> None:
    status = client.get("/pledge/treaties/cmw/status.json").json()
    text = text_of(client.get(path).content)
    assert f"{status['parties']} States are party" in text
    assert f"{status['signed_only']} more have signed but are not party" in text
    assert "3 February 2026" in text


def test_the_treaty_page_shows_a_past_day(client: Client) -> None:
    assert "49 States are party" in text_of(client.get("/en/treaty/?as_of=2016-12-18").content)


def test_the_treaty_page_highlights_the_united_states(client: Client) -> None:
    assert "United States of America" in text_of(client.get("/en/treaty/").content)


def test_the_decision_path_is_explained_in_both_languages(client: Client) -> None:
    assert "Senate Foreign Relations Committee" in text_of(client.get("/en/").content)
    assert "Comisión de Relaciones Exteriores del Senado" in text_of(client.get("/es/").content)


@pytest.mark.parametrize("path", ["/", "/nothing/"])
def test_a_path_without_language_is_redirected(client: Client, path: str) -> None:
    assert client.get(path)["Location"] == f"/en{path}"


def test_an_editor_can_open_the_edit_view_of_every_page(client: Client) -> None:
    client.force_login(get_user_model()._default_manager.get(username="editor"))
    for page in Page.objects.filter(depth__gt=1):
        assert client.get(f"/admin/pages/{page.pk}/edit/").status_code == 200
