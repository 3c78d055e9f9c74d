"""What a browser makes of the form's fields: counters in words, nothing cut, links that move the focus."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE
from tests.campaign_fixtures import campaign, individual
from wagtail_pledge.blocks.questions import QuestionsBlock

__all__ = ["campaign", "individual"]

pytestmark = [pytest.mark.requirement("X1", "X3")]


@pytest.fixture
def question_page(individual: Any) -> Any:
    choices = {"choices": [{"label": "Work"}, {"label": "Home"}]}
    asked = [("long_text", "Your story", {}), ("choose_many", "Topics", choices), ("checkbox", "I am over 18", {})]
    individual.questions = QuestionsBlock().to_python(
        [{"type": name, "value": {"label": label, "required": True, **more}} for name, label, more in asked]
    )
    individual.full_clean()
    individual.save_revision().publish()
    return individual


def test_a_long_text_says_what_is_left_in_words_and_is_never_cut(phone: Page, question_page: Any) -> None:
    phone.goto(question_page.url)
    phone.get_by_text("Why are you signing? (optional)").first.click()
    for label, limit in (("Why are you signing? (optional)", 280), ("Your story", 500)):
        area = phone.get_by_label(label)
        counter = area.locator("xpath=following-sibling::p[@aria-live]")
        for length, words in (
            (0, f"{limit} characters left"),
            (limit - 40, "40 characters left"),
            (limit - 1, "1 character left"),
            (limit, "0 characters left"),
            (limit + 1, "1 character too many"),
            (limit + 21, "21 characters too many"),
        ):
            area.fill("é" * length)
            expect(counter).to_have_text(words)
            expect(area).to_have_value("é" * length)


def test_without_script_a_long_text_is_not_cut_either(phone_without_script: Page, question_page: Any) -> None:
    page = phone_without_script
    page.goto(question_page.url)
    page.get_by_label("Your story").click()
    page.keyboard.insert_text("x" * 501)
    expect(page.get_by_label("Your story")).to_have_value("x" * 501)


@pytest.mark.parametrize("script", [True, False])
def test_the_summary_moves_the_focus_to_the_first_of_a_group(
    open_page: Callable[..., Page], question_page: Any, assert_accessible: Callable[[Page], None], script: bool
) -> None:
    page = open_page(PHONE, java_script_enabled=script)
    page.goto(question_page.url)
    page.get_by_role("button", name="Add my name").click()
    summary = page.get_by_role("group", name="Your name has not been added yet")
    summary.get_by_role("link", name="Answer “Topics”").click()
    expect(page.get_by_label("Work")).to_be_focused()
    summary.get_by_role("link", name="Answer “I am over 18”").click()
    expect(page.get_by_label("I am over 18")).to_be_focused()
    if script:
        assert_accessible(page)


def test_a_checkbox_is_beside_its_label(phone: Page, question_page: Any) -> None:
    phone.goto(question_page.url)
    box = phone.get_by_label("I am over 18").bounding_box()
    words = phone.get_by_text("I am over 18").bounding_box()
    assert box
    assert words
    assert box["width"] == box["height"] < 24
    assert box["x"] + box["width"] < words["x"]
    assert words["y"] < box["y"] + box["height"] / 2 < words["y"] + words["height"]
