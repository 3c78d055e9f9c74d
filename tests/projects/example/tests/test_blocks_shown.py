"""The blocks on the demo's pages in both languages, and the package's error pages."""

from __future__ import annotations

import re

import pytest
from django.template.loader import get_template
from django.test import Client
from django.utils import translation
from pytest_django import DjangoAssertNumQueries
from wagtail.models import Page

from wagtail_pledge.signing.models import Pledge

pytestmark = pytest.mark.django_db

CAMPAIGN_BLOCKS = ["endorsement", "facts_timeline", "progress", "organizations", "recent_signers", "share", "faq"]
HOME_BLOCKS = [
    *("state_and_world", "updates", "rights_explainer", "decision_path", "document", "call_to_action"),
]


def main_of(client: Client, path: str) -> str:
    return client.get(path).content.decode().partition("<main")[2].partition("</main>")[0]


@pytest.mark.requirement("CP9")
@pytest.mark.parametrize("language", ["en", "es"])
def test_home_and_campaign_page_show_their_blocks(client: Client, language: str) -> None:
    shown = re.findall(r'[" ]block-(\w+)"', main_of(client, f"/{language}/ratify/"))
    assert [name for name in CAMPAIGN_BLOCKS if name not in shown] == []
    shown = re.findall(r'[" ]block-(\w+)"', main_of(client, f"/{language}/"))
    assert [name for name in HOME_BLOCKS if name not in shown] == []


@pytest.mark.parametrize(
    ("language", "banner"),
    [
        ("en", "Demo: the names and signatures are samples."),
        ("es", "Demostración: nombres y firmas de muestra."),
    ],
)
def test_one_banner_on_every_page_says_that_it_is_a_demo(client: Client, language: str, banner: str) -> None:
    for path in ("", "ratify/", "ratify/individual/", "treaty/", "decision/", "summary/", "contact/", "privacy/"):
        html = client.get(f"/{language}/{path}").content.decode()
        assert html.partition("<main")[0].count(banner) == 1, path
        assert not re.search("made.up|inventad[oa]s?( |-)para|de muestra\\)|samples\\)", html), path


@pytest.mark.requirement("TR4")
@pytest.mark.parametrize(("language", "month"), [("en", "December 2016"), ("es", "diciembre de 2016")])
def test_the_campaign_page_leads_to_the_status_as_of_december_2016(client: Client, language: str, month: str) -> None:
    """The numbers in its text are those of the page it leads to, which are counted from the data."""
    text = main_of(client, f"/{language}/ratify/")
    [url] = re.findall(rf'<a href="([^"]+)">{month}</a>', text)
    sentence = re.sub("<[^>]+>", "", text.partition(month)[2])[:80]
    assert re.findall(r"\d+", sentence) == ["49", "17"]
    numbers = re.findall(r'<dd class="pledge-number[^"]*">(\d+)<', main_of(client, url))
    assert numbers[:2] == ["49", "17"]


@pytest.mark.requirement("CP8")
def test_the_goal_has_steps(client: Client) -> None:
    ladder = main_of(client, "/en/ratify/").partition('<ol class="pledge-ladder">')[2].partition("</ol>")[0]
    assert re.findall(r'"pledge-number">([\d,]+)<', ladder) == ["500", "1,000", "2,500", "5,000", "10,000"]
    assert ladder.count("pledge-ladder__next") == 1


@pytest.mark.requirement("CP12")
def test_the_campaign_page_has_a_qr_code(client: Client) -> None:
    assert "pledge-qr" in main_of(client, "/en/ratify/")


@pytest.mark.requirement("SG9")
@pytest.mark.parametrize(
    ("language", "question"), [("en", "About how many people does"), ("es", "A cuántas personas representa")]
)
def test_only_the_organization_form_has_the_question(client: Client, language: str, question: str) -> None:
    assert question in main_of(client, f"/{language}/ratify/organization/")
    assert question not in main_of(client, f"/{language}/ratify/individual/")


@pytest.mark.requirement("CP6")
@pytest.mark.parametrize("state", ["paused", "closed", "delivered", "won"])
@pytest.mark.parametrize("language", ["en", "es"])
def test_each_state_has_its_own_notice(client: Client, pledge: Pledge, language: str, state: str) -> None:
    Pledge.objects.filter(pk=pledge.pk).update(state=state)
    page = Page.objects.get(slug="ratify", locale__language_code=language).specific
    own = {block.value["state"]: block.value for block in page.body if block.block_type == "state_words"}
    shown = main_of(client, f"/{language}/ratify/")
    assert own[state]["heading"] in shown
    assert f"pledge-state--{state}" in shown


@pytest.mark.requirement("X2")
@pytest.mark.parametrize(
    ("name", "heading"), [("not_found", "Page not found"), ("server_error", "Something went wrong on our side")]
)
def test_the_packages_error_pages_need_no_request_and_no_database(
    django_assert_num_queries: DjangoAssertNumQueries, name: str, heading: str
) -> None:
    with django_assert_num_queries(0), translation.override("en"):
        html = get_template(f"wagtail_pledge/pages/{name}.html").render({})
    assert f"<h1>{heading}</h1>" in html
    assert "pledge.css" in html
