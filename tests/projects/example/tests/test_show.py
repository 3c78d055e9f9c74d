"""What the demo shows of the package: its blocks in both languages, and the pages of what goes wrong."""

from __future__ import annotations

import re

import pytest
from django.test import Client, RequestFactory
from django.utils import translation
from django.views.defaults import server_error
from pytest_django import DjangoAssertNumQueries
from wagtail.models import Page

from wagtail_pledge.signing.models import Pledge

pytestmark = pytest.mark.django_db

CALL = ["rights_explainer", "endorsement", "facts_timeline", "progress", "share", "document", "faq"]


def main_of(client: Client, path: str) -> str:
    return client.get(path).content.decode().partition("<main")[2].partition("</main>")[0]


@pytest.mark.requirement("CP9")
@pytest.mark.parametrize("language", ["en", "es"])
def test_the_call_shows_the_blocks_for_stories_proof_and_sharing(client: Client, language: str) -> None:
    shown = re.findall(r'[" ]block-(\w+)"', main_of(client, f"/{language}/ratify/"))
    assert [name for name in CALL if name not in shown] == []
    assert 'block-call_to_action"' in main_of(client, f"/{language}/")


@pytest.mark.requirement("CP9")
@pytest.mark.parametrize(("language", "made_up"), [("en", "made up for this demo"), ("es", "inventada para esta")])
def test_nobody_real_is_quoted(client: Client, language: str, made_up: str) -> None:
    quoted = re.findall(r"<figcaption>.*?</figcaption>", main_of(client, f"/{language}/ratify/"), re.DOTALL)
    assert len(quoted) == 1
    assert made_up in quoted[0]


@pytest.mark.requirement("CP8")
def test_the_goal_has_steps(client: Client) -> None:
    ladder = main_of(client, "/en/ratify/").partition('<ol class="pledge-ladder">')[2].partition("</ol>")[0]
    assert re.findall(r'"pledge-number">([\d,]+)<', ladder) == ["500", "1,000", "2,500", "5,000", "10,000"]
    assert ladder.count("pledge-ladder__next") == 1


@pytest.mark.requirement("CP12")
def test_the_call_has_a_code_for_posters(client: Client) -> None:
    assert "pledge-qr" in main_of(client, "/en/ratify/")


@pytest.mark.requirement("SG9")
@pytest.mark.parametrize(("language", "asked"), [("en", "How many people do you"), ("es", "cuántas personas habla")])
def test_organizations_are_asked_a_question_and_people_are_not(client: Client, language: str, asked: str) -> None:
    assert asked in main_of(client, f"/{language}/ratify/organization/")
    assert asked not in main_of(client, f"/{language}/ratify/individual/")


@pytest.mark.requirement("CP6")
@pytest.mark.parametrize("state", ["paused", "closed", "delivered", "won"])
@pytest.mark.parametrize("language", ["en", "es"])
def test_each_state_has_words(client: Client, pledge: Pledge, language: str, state: str) -> None:
    Pledge.objects.filter(pk=pledge.pk).update(state=state)
    page = Page.objects.get(slug="ratify", locale__language_code=language).specific
    own = {block.value["state"]: block.value for block in page.body if block.block_type == "state_words"}
    shown = main_of(client, f"/{language}/ratify/")
    assert own[state]["heading"] in shown
    assert f"pledge-state--{state}" in shown


@pytest.mark.parametrize(("path", "words"), [("/en/no/", "There is no such page"), ("/es/no/", 'lang="es"')])
def test_a_page_that_is_not_there_looks_like_the_others(client: Client, path: str, words: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert words in answer.content.decode()
    assert "pledge-moment" in answer.content.decode()


def test_a_failure_is_told_without_the_database(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0), translation.override("en"):
        answer = server_error(RequestFactory().get("/"))
    assert answer.status_code == 500
    assert "Something went wrong on our side" in answer.content.decode()
    assert "pledge.css" in answer.content.decode()
