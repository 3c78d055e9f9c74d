"""The navigation in the header, as the guide on theming has it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import DESKTOP, PHONE
from tests.campaign_fixtures import campaign, individual

__all__ = ["campaign", "individual"]

pytestmark = [pytest.mark.requirement("CP11", "X4"), pytest.mark.django_db]

LINKS: Final = "".join(f'<li><a href="/{number}/">Page {number}</a></li>' for number in range(6))
NAVIGATION: Final = (
    '<button class="pledge-menu" type="button" popovertarget="menu">Menu</button>'
    f'<nav class="pledge-nav" id="menu" popover aria-label="Menu"><ul>{LINKS}'
    '<li><a class="pledge-button" href="#sign">Sign</a></li></ul></nav>'
)


@pytest.fixture
def open_site(open_page: Callable[..., Page], campaign: Any, individual: Any) -> Callable[..., Page]:
    """Open the campaign's page with a navigation, in a window of the given size."""

    def with_navigation(route: Route) -> None:
        answer = route.fetch()
        html = answer.text().replace("</div></header>", f"{NAVIGATION}</div></header>")
        route.fulfill(response=answer, body=html)

    def site(viewport: dict[str, int], **options: Any) -> Page:
        page = open_page(viewport, **options)
        page.route(f"**{campaign.url}", with_navigation)
        page.goto(campaign.url)
        return page

    return site


@pytest.mark.parametrize("script", [True, False])
def test_the_button_opens_the_menu_below_itself_and_closes_it(open_site: Callable[..., Page], script: bool) -> None:
    page = open_site(PHONE, java_script_enabled=script)
    button, menu = page.get_by_role("button", name="Menu"), page.locator("#menu")
    expect(menu).to_be_hidden()
    button.click()
    expect(menu).to_be_visible()
    # Playwright refuses to click on an element that something covers
    button.click(timeout=5_000)
    expect(menu).to_be_hidden()
    button.click()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(button).to_be_focused()


def test_a_link_to_the_form_on_the_same_page_closes_the_menu(open_site: Callable[..., Page]) -> None:
    page = open_site(PHONE)
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("link", name="Sign", exact=True).click()
    expect(page.locator("#menu")).to_be_hidden()
    expect(page.get_by_label("Full name")).to_be_in_viewport()


def test_the_end_of_the_menu_is_reached_in_a_low_window(open_site: Callable[..., Page]) -> None:
    page = open_site({"width": 700, "height": 320})
    page.get_by_role("button", name="Menu").click()
    link = page.locator("#menu").get_by_role("link", name="Sign", exact=True)
    link.scroll_into_view_if_needed()
    expect(link).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["390", "1280"])
def test_the_menu_is_not_printed(open_site: Callable[..., Page], viewport: dict[str, int]) -> None:
    page = open_site(viewport)
    page.emulate_media(media="print")
    expect(page.locator("header .pledge-site")).to_be_visible()
    expect(page.locator("header :is(a, button):not(.pledge-site)").locator("visible=true")).to_have_count(0)
