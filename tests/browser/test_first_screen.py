"""The first screen in a browser: who asks whom for what, and a form that is short until more is needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE
from tests.campaign_fixtures import campaign, individual, organization

__all__ = ["campaign", "individual", "organization"]

pytestmark = [pytest.mark.requirement("CP1", "X1", "X3")]


@pytest.fixture
def long_call(campaign: Any, individual: Any, organization: Any) -> Any:
    """A campaign whose statement has two paragraphs."""
    campaign.statement = "<p>We call on the United States to ratify.</p><p>Everybody has rights.</p>"
    campaign.save_revision().publish()
    return campaign


def bottom(page: Page, selector: str) -> float:
    box = page.locator(selector).first.bounding_box()
    assert box
    return box["y"] + box["height"]


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["390", "1280"])
def test_the_first_screen_names_asker_addressee_and_ask(
    open_page: Callable[..., Page], long_call: Any, viewport: dict[str, int]
) -> None:
    page = open_page(viewport)
    page.goto(long_call.url)
    line = page.locator(".pledge-asker")
    expect(line).to_have_text("Bridge Street Workers asks the United States")
    assert bottom(page, ".pledge-asker") <= bottom(page, "h1") <= viewport["height"] / 2
    assert bottom(page, ".pledge-call p") <= viewport["height"]


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["390", "1280"])
def test_the_rest_of_the_statement_is_folded_on_phones_only(
    open_page: Callable[..., Page], long_call: Any, viewport: dict[str, int]
) -> None:
    page = open_page(viewport, java_script_enabled=False)
    page.goto(long_call.url)
    rest, summary = page.locator(".pledge-fold > p"), page.locator(".pledge-fold > summary")
    if viewport == DESKTOP:
        expect(rest).to_be_visible()
        expect(summary).to_be_hidden()
        return
    expect(rest).to_be_hidden()
    summary.click()
    expect(rest).to_be_visible()


def test_the_button_is_within_the_first_700_pixels(open_page: Callable[..., Page], long_call: Any) -> None:
    page = open_page({"width": 1280, "height": 800})
    page.goto(long_call.url)
    assert bottom(page, "form[data-stamp-url] button[type=submit]") <= 700


@pytest.mark.requirement("SG1")
@pytest.mark.parametrize("script", [True, False])
def test_the_place_is_asked_for_when_it_is_to_be_shown(
    open_page: Callable[..., Page], individual: Any, script: bool
) -> None:
    page = open_page(PHONE, java_script_enabled=script)
    page.goto(individual.url)
    city = page.get_by_label("City or town (optional)")
    expect(city).to_be_hidden()
    page.get_by_label("My name and place").check()
    city.fill("Oakland")
    expect(page.get_by_label("ZIP or postal code (optional)")).to_be_visible()
    page.get_by_label("My name", exact=True).check()
    expect(city).to_be_hidden()
