"""The first screen in a browser: who asks whom for what, and a form that is short until more is needed."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE
from tests.campaign_fixtures import campaign, individual, organization
from tests.projects.campaign import publish
from wagtail_pledge.pages.models import UpdatePage

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


BUTTON = "form[data-stamp-url] button[type=submit]"


@pytest.mark.parametrize(("width", "height", "most"), [(390, 844, 1.2 * 844), (1280, 800, 700)], ids=["390", "1280"])
@pytest.mark.parametrize("place", ["campaign", "individual"])
def test_the_button_is_within_the_first_screens(
    open_page: Callable[..., Page], long_call: Any, individual: Any, place: str, width: int, height: int, most: float
) -> None:
    """Asker, addressee, ask, count and the beginning of the statement are above it."""
    page = open_page({"width": width, "height": height}, has_touch=width < 600, is_mobile=width < 600)
    page.goto({"campaign": long_call, "individual": individual}[place].url)
    expect(page.locator(".pledge-hero .pledge-progress, .pledge-call")).to_have_count(2)
    assert bottom(page, BUTTON) <= most


@pytest.fixture
def long_story(long_call: Any, individual: Any) -> Any:
    """The campaign with a story of several screens."""
    long_call.body = [("rich_text", "<p>One more line.</p>" * 80)]
    long_call.save_revision().publish()
    return long_call


@pytest.mark.parametrize("script", [True, False])
def test_a_way_to_sign_stays_beside_a_long_story(open_page: Callable[..., Page], long_story: Any, script: bool) -> None:
    page = open_page({"width": 1280, "height": 800}, java_script_enabled=script)
    page.goto(long_story.url)
    page.locator(".pledge-story p").nth(70).scroll_into_view_if_needed()
    side = page.locator(".pledge-side")
    expect(side).to_be_in_viewport(ratio=1)
    side.get_by_role("link", name="Add my name").click()
    expect(page.locator(BUTTON)).to_be_in_viewport(ratio=1)
    # So the button at the lower edge, which leads to the form too, is not needed
    expect(page.locator("[data-sign-bar]")).to_be_hidden()


def test_the_column_is_seen_to_its_end_in_a_low_window(open_page: Callable[..., Page], long_story: Any) -> None:
    publish(long_story, UpdatePage(title="The newest update has a title of several lines beside the story", slug="new"))
    page = open_page({"width": 1280, "height": 200})
    page.goto(long_story.url)
    page.locator(".pledge-side h2").scroll_into_view_if_needed()
    link = page.locator(".pledge-side a").last
    expect(link).not_to_be_in_viewport(ratio=1)
    page.mouse.wheel(0, 150)
    expect(link).to_be_in_viewport(ratio=1)


def test_the_form_stays_too_in_a_window_that_it_fits_into(open_page: Callable[..., Page], long_story: Any) -> None:
    page = open_page({"width": 1280, "height": 1400})
    page.goto(long_story.url)
    expect(page.locator(".pledge-stage__side[data-sticky]")).to_have_count(1)
    page.locator(".pledge-story p").nth(60).scroll_into_view_if_needed()
    expect(page.locator(BUTTON)).to_be_in_viewport(ratio=1)


def test_phones_have_the_button_below_and_no_column(open_page: Callable[..., Page], long_story: Any) -> None:
    page = open_page(PHONE)
    page.goto(long_story.url)
    expect(page.locator(".pledge-side")).to_be_hidden()
    page.locator(".pledge-story p").nth(70).scroll_into_view_if_needed()
    expect(page.locator("[data-sign-bar]")).to_be_in_viewport()


@pytest.mark.requirement("SG1")
@pytest.mark.parametrize("script", [True, False])
def test_the_place_is_asked_for_when_it_is_to_be_shown(
    open_page: Callable[..., Page], individual: Any, script: bool
) -> None:
    page = open_page(PHONE, java_script_enabled=script)
    page.goto(individual.url)
    city, choice = page.get_by_label("City or town (optional)"), page.get_by_label("Public name")
    expect(city).to_be_hidden()
    choice.select_option("My name and place")
    city.fill("Oakland")
    expect(page.get_by_label("ZIP or postal code (optional)")).to_be_visible()
    choice.select_option("My name")
    expect(city).to_be_hidden()


@pytest.mark.requirement("SG1")
def test_the_choice_shows_how_the_typed_name_will_appear(open_page: Callable[..., Page], individual: Any) -> None:
    """As ``Individual.public_name`` has it."""
    page = open_page(DESKTOP)
    page.goto(individual.url)
    choice, shown = page.get_by_label("Public name"), page.locator(".pledge-field--display + [role=status]")
    expect(shown).to_be_empty()
    choice.select_option("My initials and country")
    expect(shown).to_be_empty()
    page.get_by_label("Full name").fill("  E\u0301lodie  de la  Vega ")
    page.get_by_label("Country").select_option("MX")
    expect(shown).to_have_text("Shown as “E\u0301. V., Mexico”")
    choice.select_option("My name")
    expect(shown).to_have_text("Shown as “E\u0301lodie de la Vega”")
    choice.select_option("My name and place")
    expect(shown).to_have_text("Shown as “E\u0301lodie de la Vega, Mexico”")
    page.get_by_label("City or town (optional)").fill("Puebla")
    page.get_by_label("City or town (optional)").blur()
    expect(shown).to_have_text("Shown as “E\u0301lodie de la Vega, Puebla”")
    choice.select_option("Not shown")
    expect(shown).to_be_empty()


@pytest.mark.requirement("X1")
def test_the_owner_of_a_reason_knows_who_reads_it(open_page: Callable[..., Page], individual: Any) -> None:
    page = open_page(PHONE)
    page.goto(individual.url)
    page.get_by_text("Why are you signing? (optional)", exact=True).first.click()
    expect(page.get_by_role("textbox", name="Why are you signing?")).to_have_accessible_description(
        re.compile("Only the campaign’s team reads this.")
    )


def test_the_consent_to_represent_comes_before_the_organizations_form(
    open_page: Callable[..., Page], organization: Any
) -> None:
    page = open_page(PHONE)
    page.goto(organization.url)
    assert bottom(page, "[name=authorized]") < bottom(page, "[name=organization]")
