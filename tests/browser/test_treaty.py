"""The treaty page: phone, desktop, dark, Arabic, keyboard, print, without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any, Final

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE
from tests.projects.campaign import home, publish
from tests.treaties import treaty_data
from tests.waiting import wait_until
from wagtail_pledge.pages.models import TreatyStatusPage
from wagtail_pledge.treaties.models import State

pytestmark = pytest.mark.requirement("TR4")


@pytest.fixture
def treaty_page(db: None) -> TreatyStatusPage:
    """The Convention's page with all sections."""
    treaty_data.treaty("other")
    page = TreatyStatusPage(
        title="Where the world stands",
        slug="treaty",
        treaty=treaty_data.cmw(),
        spotlight=State.objects.get(key="USA"),
        missing_group="migrant_hosts",
        lead="Every State, every date.",
    )
    made: TreatyStatusPage = publish(home(), page)
    return made


def _top(page: Page, selector: str) -> float:
    box = page.locator(selector).bounding_box()
    assert box
    return box["y"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [PHONE, DESKTOP, {"width": 320, "height": 640}], ids=["390", "1280", "320"])
def test_the_page_is_accessible_and_fits(
    open_page: Callable[..., Page],
    treaty_page: TreatyStatusPage,
    assert_accessible: Callable[[Page], None],
    viewport: dict[str, int],
    scheme: str,
) -> None:
    page = open_page(viewport, color_scheme=scheme)
    page.goto(treaty_page.url)
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    for summary in page.locator(".pledge-treaty summary:visible").all():
        summary.click()
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


def test_arabic_is_right_to_left_and_the_map_is_not_mirrored(
    open_page: Callable[..., Page], treaty_page: TreatyStatusPage, assert_accessible: Callable[[Page], None]
) -> None:
    page = open_page(DESKTOP)
    page.goto(treaty_page.url)
    west = page.locator("#map-spotlight").bounding_box()
    page.evaluate("document.documentElement.dir = 'rtl'")
    page.evaluate("document.documentElement.lang = 'ar'")
    assert_accessible(page)
    mirrored = page.locator("#map-spotlight").bounding_box()
    assert west
    assert mirrored
    frame = page.locator(".pledge-map-svg").bounding_box()
    assert frame
    # America is in the left half of the map
    assert mirrored["x"] + mirrored["width"] / 2 < frame["x"] + frame["width"]
    assert page.locator("#treaty-table th").first.bounding_box()["x"] > DESKTOP["width"] / 2  # type: ignore[index]
    assert page.evaluate("document.documentElement.scrollWidth") <= DESKTOP["width"]


def test_on_a_phone_the_map_follows_card_numbers_and_table(phone: Page, treaty_page: TreatyStatusPage) -> None:
    phone.goto(treaty_page.url)
    order = ["#treaty-spotlight", ".pledge-numbers", "#treaty-table", ".pledge-map-svg", ".pledge-timeline"]
    tops = [_top(phone, selector) for selector in order]
    assert tops == sorted(tops)
    small = phone.locator(".pledge-map-svg").bounding_box()
    phone.get_by_text("Open large map").click()
    large = phone.locator(".pledge-map-svg").bounding_box()
    assert small
    assert large
    assert large["width"] > 2.5 * small["width"]
    expect(phone.locator(".pledge-map-label")).to_be_visible()


def test_on_a_phone_the_table_does_not_scroll_inside_the_page(
    phone_without_script: Page, treaty_page: TreatyStatusPage
) -> None:
    page = phone_without_script
    page.goto(treaty_page.url)
    table = page.locator("#treaty-table")
    fits = "table => table.scrollWidth <= table.clientWidth + 1 && table.scrollHeight <= table.clientHeight + 1"
    assert table.evaluate(fits)
    rows = table.locator("tbody tr").locator("visible=true")
    expect(rows).to_have_count(30)
    assert page.evaluate("document.documentElement.scrollHeight") < 12 * 844
    albania = table.locator("tbody tr", has_text="Albania")
    expect(albania).to_contain_text("5 June 2007")
    label = "cell => getComputedStyle(cell, '::before').content"
    assert albania.locator("td").nth(2).evaluate(label) == '"Consent to be bound:\xa0"'
    page.get_by_label("Show all 197 States").check()
    expect(rows).to_have_count(197)
    assert table.evaluate(fits)
    page.get_by_label("Find a State").fill("UK")
    page.get_by_role("button", name="Filter").click()
    expect(rows.first).to_contain_text("United Kingdom")
    expect(page.locator("#all-states")).to_have_count(0)


def test_date_filter_and_sorting_work_without_javascript(
    phone_without_script: Page, treaty_page: TreatyStatusPage
) -> None:
    page = phone_without_script
    page.goto(treaty_page.url)
    page.get_by_label("Day", exact=True).fill("18")
    page.get_by_label("Month", exact=True).select_option(label="December")
    page.get_by_label("Year", exact=True).fill("2016")
    page.get_by_role("button", name="Show that day").click()
    expect(page.locator(".pledge-treaty-sentence")).to_contain_text("49 States are party")
    expect(page.locator(".pledge-treaty-sentence")).to_contain_text("17 more have signed but are not party")
    page.get_by_label("Show", exact=True).select_option(label="Signed only")
    page.get_by_label("Region").select_option(label="Africa")
    with page.expect_navigation(url=re.compile(r"region=.*as_of=2016-12-18")):
        page.get_by_role("button", name="Filter").click()
    rows = page.locator("#treaty-table tbody tr")
    shown = rows.count()
    assert 0 < shown < 17
    with page.expect_navigation(url=re.compile("sort=")):
        page.get_by_role("link", name="Signed", exact=True).click()
    assert rows.count() == shown
    assert page.locator("#treaty-table th[aria-sort]").count() == 1
    page.get_by_role("link", name="Clear filters").click()
    expect(rows).to_have_count(197)
    expect(page.locator(".pledge-treaty-sentence")).to_contain_text("49 States are party")


def test_all_controls_are_in_the_tab_order_and_the_map_is_one_stop(
    desktop: Page, treaty_page: TreatyStatusPage
) -> None:
    desktop.goto(treaty_page.url)
    stops = []
    for _number in range(60):
        desktop.keyboard.press("Tab")
        stop = desktop.evaluate(
            "[document.activeElement.id || document.activeElement.className || document.activeElement.tagName,"
            " !!document.activeElement.closest('svg')]"
        )
        if stops and stop == stops[0]:
            break
        stops.append(stop)
    names = [str(name) for name, _inside in stops]
    assert not any(inside for _name, inside in stops)
    for wanted in ("as-of-day", "filter-status", "filter-region", "filter-q", "treaty-table", "treaty-related"):
        assert wanted in names
    assert names.count("pledge-map-frame") == 1
    table = desktop.locator("#treaty-table")
    table.focus()

    def is_scrolled() -> bool:
        # A busy browser has lost the first key
        desktop.keyboard.press("PageDown")
        return bool(table.evaluate("table => table.scrollTop") > 100)

    assert wait_until(is_scrolled, 30, partial(desktop.wait_for_timeout, 50))


def test_print_shows_the_whole_table_and_no_forms(desktop: Page, treaty_page: TreatyStatusPage) -> None:
    desktop.goto(treaty_page.url)
    desktop.emulate_media(media="print")
    expect(desktop.locator(".pledge-as-of")).to_be_hidden()
    expect(desktop.locator(".pledge-filter")).to_be_hidden()
    table = desktop.locator("#treaty-table")
    assert table.evaluate("table => table.scrollHeight <= table.clientHeight + 2")
    assert desktop.locator(".pledge-map-svg").is_visible()
    assert desktop.locator(".pledge-decades li").first.evaluate("item => item.getBoundingClientRect().height > 0")


def test_forced_colours_distinguish_statuses(open_page: Callable[..., Page], treaty_page: TreatyStatusPage) -> None:
    page = open_page(DESKTOP, forced_colors="active")
    page.goto(treaty_page.url)
    fill = "element => getComputedStyle(element).fill"
    party = page.locator(".pledge-map-svg .pledge-map-party").evaluate(fill)
    none = page.locator(".pledge-map-svg .pledge-map-none").evaluate(fill)
    signed = page.locator(".pledge-map-svg .pledge-map-signed").evaluate(fill)
    assert len({party, none, signed}) == 3
    assert "hatch" in signed


#: Whether a hidden field of the form contains this text.
FORM_FIELD_CONTAINS: Final = (
    "text => [...document.querySelectorAll('input[type=hidden]')].some(field => field.value.includes(text))"
)


@pytest.mark.requirement("TR5")
def test_an_editor_inserts_a_live_fact(
    desktop: Page, treaty_page: TreatyStatusPage, client: Any, live_server: Any
) -> None:
    treaty_page.body = [("rich_text", "<p>So far </p>")]
    treaty_page.save_revision().publish()
    client.force_login(User.objects.create_superuser("root", "root@example.org", "x"))
    cookie = client.cookies["sessionid"].value
    desktop.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    desktop.goto(f"/admin/pages/{treaty_page.pk}/edit/")
    editor = desktop.locator(
        "[data-contentpath=body] [contenteditable=true], #panel-child-content-body-content "
        "[contenteditable=true], .public-DraftEditor-content"
    ).last
    editor.click()
    desktop.keyboard.press("End")
    desktop.keyboard.type("exactly ")
    desktop.keyboard.type("/treaty")
    desktop.get_by_role("option", name="Live treaty fact").click()
    dialog = desktop.locator(".modal.in, .modal.show, .modal").last
    dialog.get_by_label(re.compile("^\\s*Treaty")).first.select_option(value="cmw")
    dialog.get_by_label(re.compile("What it says")).select_option(value="number_parties")
    dialog.get_by_role("button", name="Insert").click()
    expect(editor).to_contain_text("exactly 60")
    # The rich text editor updates the form field a while after the last change
    pause = partial(desktop.wait_for_timeout, 50)
    assert wait_until(lambda: desktop.evaluate(FORM_FIELD_CONTAINS, "number_parties"), 30, pause)
    desktop.get_by_role("button", name="Save draft").click()

    def stored() -> str:
        return str(TreatyStatusPage.objects.get().get_latest_revision_as_object().body.raw_data[0]["value"])

    assert wait_until(lambda: 'embedtype="pledge-treaty-fact"' in stored(), 30, pause), stored()
    assert "60" not in stored()
