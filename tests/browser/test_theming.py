"""Styles in edge cases: large text, narrow screens, forced colours, focus, sticky columns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP
from tests.browser.page_audit import in_language, translated
from tests.browser.test_every_state import fill_fields, submit_form
from tests.browser.test_treaty import treaty_page
from tests.campaign_fixtures import campaign, individual
from tests.treaties import treaty_data
from wagtail_pledge.pages.models import PledgePage, TreatyStatusPage
from wagtail_pledge.signing.models import Pledge, Tally

__all__ = ["campaign", "individual", "treaty_page"]

pytestmark = [pytest.mark.requirement("X4"), pytest.mark.django_db]

NARROW: Final = {"width": 320, "height": 640}
TABLET: Final = {"width": 768, "height": 900}
LONG: Final = "Protocol to Prevent, Suppress and Punish Trafficking in Persons, Especially Women and Children, " * 2
#: The distance of each text from the edges of the header and from what follows; negative: it overflows.
INSIDE: Final = """head => {
  const frame = head.getBoundingClientRect(), next = head.nextElementSibling.getBoundingClientRect();
  return [...head.querySelectorAll("a, li, h1")].map(text => {
    const range = document.createRange();
    range.selectNodeContents(text);
    const box = range.getBoundingClientRect();
    return Math.min(box.left - frame.left, frame.right - box.right, box.top - frame.top, next.top - box.bottom);
  });
}"""


def box(page: Page, selector: str) -> dict[str, float]:
    found: Any = page.locator(selector).first.bounding_box()
    assert found, f"{selector} is not drawn"
    return dict(found)


def style(page: Page, selector: str, name: str, pseudo: str = "") -> str:
    return str(
        page.locator(selector).first.evaluate(
            "(element, [name, pseudo]) => getComputedStyle(element, pseudo || null)[name]", [name, pseudo]
        )
    )


@pytest.mark.requirement("SG1")
@pytest.mark.parametrize("text_size", ["100%", "200%"])
def test_the_header_colour_covers_the_whole_header(
    open_page: Callable[..., Page], campaign: Any, individual: Any, text_size: str
) -> None:
    campaign.title = ("Ratify the Convention on the Rights of All Migrant Workers and Their Families " * 2)[:120]
    campaign.save_revision().publish()
    page = open_page(NARROW)
    page.goto(campaign.url)
    fill_fields(page, name="Ana", email="ana@example.org", country="US")
    submit_form(page)
    page.evaluate("size => { document.documentElement.style.fontSize = size }", text_size)
    head = page.locator(".pledge-moment__head")
    padding = head.evaluate(INSIDE)
    assert len(padding) == 4
    assert min(padding) > 0, padding
    assert style(page, ".pledge-moment__head", "backgroundColor") == style(page, ".pledge-header", "backgroundColor")
    assert box(page, ".pledge-moment__head")["width"] == NARROW["width"]
    tops = {step.bounding_box()["y"] for step in page.locator(".pledge-steps li").all()}  # type: ignore[index]
    assert len(tops) == (1 if text_size == "100%" else 3)


@pytest.mark.requirement("TR4")
def test_the_focus_is_not_hidden_behind_the_sticky_column(
    open_page: Callable[..., Page], treaty_page: TreatyStatusPage
) -> None:
    # Narrower, each State is a block of lines
    page = open_page({"width": 800, "height": 844})
    page.goto(treaty_page.url)
    links = page.locator("#treaty-table .pledge-sort")
    last = links.count() - 1
    links.nth(last).focus()
    for number in range(last - 1, 0, -1):
        page.keyboard.press("Shift+Tab")
        expect(links.nth(number)).to_be_focused()
        column, link = box(page, "#treaty-table thead th"), links.nth(number).bounding_box()
        assert link
        # A browser does not scroll a link that is partly visible
        seen = min(link["width"], link["x"] + link["width"] - column["x"] - column["width"])
        assert seen > 12, links.nth(number).inner_text()
    assert style(page, "#treaty-table tbody th", "borderInlineEndStyle") == "solid"


@pytest.mark.requirement("TR4", "CP9")
def test_a_table_fits_its_container(
    open_page: Callable[..., Page], treaty_page: TreatyStatusPage, campaign: Any
) -> None:
    treaty_data.treaty("palermo", title=LONG)
    campaign.body = PledgePage._meta.get_field("body").to_python([{"type": "treaty_table", "value": {"treaty": "cmw"}}])
    campaign.save_revision().publish()
    page = open_page(DESKTOP)
    page.goto(campaign.url)
    inner = page.locator(".pledge-scroll").evaluate("table => table.clientWidth")
    assert box(page, ".pledge-scroll caption")["width"] <= inner < DESKTOP["width"] / 1.5
    page.goto(treaty_page.url)
    assert box(page, "#treaty-table thead th:nth-child(3)")["width"] < 220
    page.set_viewport_size(TABLET)  # type: ignore[arg-type]
    related = page.locator("#treaty-related")
    assert related.evaluate("table => table.scrollWidth <= table.clientWidth")
    assert box(page, "#treaty-related tr:has-text('PALERMO')")["height"] < 180
    expect(related).to_contain_text("Women and Children, Protocol to Prevent, Suppress and …")


@pytest.mark.requirement("TR4")
def test_sizes_and_colours_on_the_treaty_page(
    open_page: Callable[..., Page], treaty_page: TreatyStatusPage, campaign
) -> None:
    treaty_page.campaign = campaign.pledge
    treaty_page.save_revision().publish()
    page = open_page(DESKTOP)
    page.goto(treaty_page.url)
    assert box(page, ".pledge-spotlight")["height"] == box(page, ".pledge-treaty-now")["height"]
    assert box(page, ".pledge-treaty-rest > .pledge-button--wide")["width"] <= 400
    shown = style(page, "#map-spotlight", "fill")
    assert shown == style(page, ".pledge-map-ground", "fill")
    assert shown != style(page, ".pledge-map-none > path:not([id])", "fill")
    page.set_viewport_size(TABLET)  # type: ignore[arg-type]
    text_size = page.locator(".pledge-map-label").evaluate(
        "label => parseFloat(getComputedStyle(label).fontSize) * label.getScreenCTM().a"
    )
    assert text_size >= 11.5
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    tops = {number.bounding_box()["y"] for number in page.locator(".pledge-numbers dd").all()}  # type: ignore[index]
    assert len(tops) == 1


@pytest.mark.requirement("TR4")
def test_a_spotlighted_party_keeps_the_colour_of_parties(desktop: Page, treaty_page: TreatyStatusPage) -> None:
    treaty_page.spotlight = type(treaty_page.spotlight).objects.get(key="MEX")
    treaty_page.save_revision().publish()
    desktop.goto(treaty_page.url)
    assert style(desktop, "#map-spotlight", "fill") == style(desktop, ".pledge-map-party > path:not([id])", "fill")


@pytest.mark.requirement("CP7")
@pytest.mark.parametrize("code", ["en", "ar"])
def test_the_goal_steps_are_on_one_line(phone: Page, campaign: Any, individual: Any, code: str) -> None:
    campaign.body = PledgePage._meta.get_field("body").to_python([{"type": "progress", "value": {}}])
    campaign.save_revision().publish()
    translated(campaign, individual)
    Pledge.objects.filter(pk=campaign.pledge_id).update(goal=5000, goal_steps="1000 2000")
    Tally.objects.create(pledge=campaign.pledge, day="2026-01-01", kind="individual", country="US", count=1234)
    phone.goto(in_language(campaign, code))
    numbers = phone.locator(".pledge-ladder .pledge-number").all()
    assert len(numbers) == 3
    assert len({number.bounding_box()["y"] for number in numbers}) == 1  # type: ignore[index]


def test_the_focus_ring_overlaps_no_text_and_the_summary_is_symmetric(
    phone: Page, campaign: Any, individual: Any
) -> None:
    phone.goto(campaign.url)
    submit_form(phone)
    expect(phone.locator("#sign-errors")).to_be_focused()
    # The width of the ring is the last length of the shadow
    ring = phone.locator("#sign-errors").evaluate(
        "summary => parseFloat(getComputedStyle(summary).boxShadow.match(/([\\d.]+)px$/)[1])"
    )
    gap = phone.locator("[name=email]").evaluate(
        "input => input.getBoundingClientRect().top - input.previousElementSibling.getBoundingClientRect().bottom"
    )
    assert 0 < ring <= gap
    above, below = phone.locator("#sign-errors").evaluate(
        """summary => {
            const edges = summary.getBoundingClientRect();
            const links = [...summary.querySelectorAll("a")];
            const [first, last] = [summary.querySelector("h3"), links.at(-1)].map(text => {
                const range = document.createRange();
                range.selectNodeContents(text);
                return range.getBoundingClientRect();
            });
            return [first.top - edges.top, edges.bottom - last.bottom];
        }"""
    )
    assert abs(above - below) < 3


@pytest.mark.requirement("CP9")
def test_forced_colours_show_quotation_marks_and_hide_the_last_line(
    open_page: Callable[..., Page], campaign: Any, individual: Any
) -> None:
    quote = {"quote": "I looked after them.", "name": "Somebody"}
    facts = [
        {"type": "item", "id": str(year), "value": {"when": str(year), "text": "Something"}} for year in (1990, 2003)
    ]
    body = [{"type": "endorsement", "value": quote}, {"type": "facts_timeline", "value": {"facts": facts}}]
    campaign.body = PledgePage._meta.get_field("body").to_python(body)
    campaign.save_revision().publish()
    page = open_page(DESKTOP, forced_colors="active")
    page.goto(campaign.url)
    ground = style(page, "body", "backgroundColor")
    assert style(page, ".pledge-quote", "backgroundColor", "::before") != ground
    assert style(page, ".pledge-dates li:last-child", "borderInlineStartColor") == ground
    assert style(page, ".pledge-dates li:first-child", "borderInlineStartColor") != ground
