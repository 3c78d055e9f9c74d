"""Blocks that an editor fills by hand: endorsements, rights, facts, other things to do."""

from __future__ import annotations

import gc
import re
from typing import Any

import pytest
from wagtail.blocks import StructBlockValidationError
from wagtail.images import get_image_model
from wagtail.images.tests.utils import get_test_image_file
from wagtail.models import Page, PageViewRestriction

from tests.blocks.test_blocks import shown
from wagtail_pledge.blocks.action import ActionLinkBlock

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("CP9")]

ENDORSEMENT = {"quote": "We kept this town fed.", "name": "Rosa Díaz", "role": "Cook, Fresno", "photo": None}
RIGHT = {
    "article": "Article 25",
    "title": "Equal pay",
    "text": "No less pay for the same work.",
    "story_heading": "The second paycheck",
    "story": "<p>Two people lay the same roof.</p>",
    "image": None,
}
FACTS = {
    "heading": "How we got here",
    "facts": [
        {"when": "1990", "text": "Adopted.", "source": "https://example.org/1990"},
        {"when": "", "text": "Nothing happened.", "source": ""},
        {"when": "2003", "text": "", "source": ""},
    ],
}


def action(**link: Any) -> dict[str, Any]:
    """Return a call to action with one link."""
    return {"heading": "More", "text": "", "links": [{"label": "Write", "page": None, "url": "", **link}]}


def test_an_endorsement_is_a_quotation_with_its_speaker() -> None:
    html = shown("endorsement", ENDORSEMENT)
    assert re.search(
        r"<figure[^>]*><blockquote[^>]*><p>“We kept this town fed\.”</p></blockquote>\s*<figcaption>", html
    )
    assert "Rosa Díaz</b><br>Cook, Fresno" in html
    assert "<img" not in html


@pytest.mark.parametrize("missing", ["quote", "name"])
def test_words_without_a_speaker_are_not_shown(missing: str) -> None:
    assert shown("endorsement", {**ENDORSEMENT, missing: ""}) == ""


@pytest.mark.parametrize(
    ("name", "value", "field"), [("endorsement", ENDORSEMENT, "photo"), ("rights_explainer", RIGHT, "image")]
)
# Wagtail leaves the temporary file of a rendition to the garbage collector.
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_picture_keeps_its_alternative_text(name: str, value: dict[str, Any], field: str) -> None:
    image = get_image_model().objects.create(title="x.jpg", file=get_test_image_file(size=(900, 900)))
    chosen = {"image": image.pk, "alt_text": "Rosa at the stove", "decorative": False}
    html = shown(name, {**value, field: chosen})
    assert html.count('alt="Rosa at the stove"') == 1
    assert ' style="' not in html
    gc.collect()


def test_a_right_is_shown_beside_its_story() -> None:
    html = shown("rights_explainer", RIGHT)
    assert re.findall(r"<h(\d)>(.*?)</h\d>", html) == [("2", "Equal pay"), ("3", "The second paycheck")]
    assert html.index("Article 25") < html.index("Equal pay") < html.index("lay the same roof")


def test_a_right_is_shown_without_a_story() -> None:
    html = shown("rights_explainer", {**RIGHT, "story": "", "story_heading": ""})
    assert html.count("<div") == 1
    assert "<h3" not in html


def test_facts_come_in_the_editors_order_with_named_sources() -> None:
    html = shown("facts_timeline", FACTS)
    assert re.findall(r"<p>(\w+)", html) == ["Adopted", "Nothing"]
    assert html.count("<li>") == 2
    assert re.findall(r'href="([^"]*)" aria-label="([^"]*)">(\w+)<', html) == [
        ("https://example.org/1990", "Source for 1990", "Source")
    ]


def test_a_call_to_action_leads_to_pages_and_addresses() -> None:
    home = Page.objects.filter(depth=2).get()
    assert f'href="{home.url}"' in shown("call_to_action", action(page=home.pk))
    assert 'href="https://example.org/"' in shown("call_to_action", action(url="https://example.org/"))


def test_a_link_that_leads_nowhere_is_left_out() -> None:
    Page.objects.filter(depth=2).update(live=False)
    home = Page.objects.filter(depth=2).get()
    assert shown("call_to_action", action(page=home.pk)) == ""
    assert shown("call_to_action", action(page=987654)) == ""
    assert shown("call_to_action", action(url="https://example.org/", label="")) == ""


def test_a_document_offers_a_page_only_while_it_is_published() -> None:
    home = Page.objects.filter(depth=2).get()
    value = {"heading": "A summary", "text": "", "page": home.pk, "document": None, "read_label": ""}
    assert f'href="{home.url}"' in shown("document", value)
    Page.objects.filter(depth=2).update(live=False)
    html = shown("document", value)
    assert "A summary" in html
    assert "href" not in html


def test_a_page_behind_a_login_keeps_its_links() -> None:
    home = Page.objects.filter(depth=2).get()
    PageViewRestriction.objects.create(page=home, restriction_type=PageViewRestriction.LOGIN)
    document = {"heading": "A summary", "text": "", "page": home.pk, "document": None, "read_label": ""}
    for html in (shown("call_to_action", action(page=home.pk)), shown("document", document)):
        assert f'href="{home.url}"' in html


@pytest.mark.parametrize(("page", "url"), [(False, ""), (True, "https://example.org/")])
def test_a_link_needs_one_place_to_go_once_it_is_published(page: bool, url: str) -> None:
    home = Page.objects.filter(depth=2).get()
    block = ActionLinkBlock()
    value = block.to_python({"label": "Write", "page": home.pk if page else None, "url": url})
    with pytest.raises(StructBlockValidationError):
        block.clean(value)
    block.defer_required_validation()
    assert block.clean(value)["label"] == "Write"


@pytest.mark.parametrize(
    ("name", "value"), [("endorsement", ENDORSEMENT), ("rights_explainer", RIGHT), ("facts_timeline", FACTS)]
)
def test_words_cost_no_query(name: str, value: dict[str, Any], django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert shown(name, value)
