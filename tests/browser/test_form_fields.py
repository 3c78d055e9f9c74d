"""Form fields in a browser: character counters, no truncation, links from the error summary."""

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


@pytest.mark.parametrize(("label", "limit"), [("Why are you signing? (optional)", 280), ("Your story", 500)])
def test_the_counter_shows_the_remaining_characters_and_input_is_not_truncated(
    phone: Page, question_page: Any, label: str, limit: int
) -> None:
    phone.goto(question_page.url)
    phone.get_by_text("Why are you signing? (optional)").first.click()
    area = phone.get_by_label(label)
    counter = area.locator("xpath=following-sibling::p[@aria-live]")
    for length, text in (
        (0, f"{limit} characters left"),
        (limit - 40, "40 characters left"),
        (limit - 1, "1 character left"),
        (limit, "0 characters left"),
        (limit + 1, "1 character too many"),
        (limit + 21, "21 characters too many"),
    ):
        area.fill("é" * length)
        expect(counter).to_have_text(text)
        expect(area).to_have_value("é" * length)


def test_without_javascript_input_is_not_truncated(phone_without_script: Page, question_page: Any) -> None:
    page = phone_without_script
    page.goto(question_page.url)
    page.get_by_label("Your story").click()
    page.keyboard.insert_text("x" * 501)
    expect(page.get_by_label("Your story")).to_have_value("x" * 501)


@pytest.mark.parametrize("script", [True, False])
def test_the_error_summary_links_to_the_first_field_of_a_group(
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
    label = phone.get_by_text("I am over 18").bounding_box()
    assert box
    assert label
    assert box["width"] == box["height"] < 24
    assert box["x"] + box["width"] < label["x"]
    assert label["y"] < box["y"] + box["height"] / 2 < label["y"] + label["height"]
