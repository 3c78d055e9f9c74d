"""Print styles: no buttons, no breaks in the wrong places, and the page's URL."""

from __future__ import annotations

import io
from typing import Any, Final

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from tests.browser.owner import confirm_path_of, sent
from tests.browser.test_theming import style
from tests.browser.test_treaty import treaty_page
from tests.campaign_fixtures import campaign, individual
from tests.treaties import treaty_data
from wagtail_pledge.pages.models import PledgePage, TreatyStatusPage
from wagtail_pledge.treaties.importing.reference_data import load_declarations, load_treaties
from wagtail_pledge.treaties.models import State

__all__ = ["campaign", "individual", "treaty_page"]

pytestmark = [pytest.mark.requirement("X4"), pytest.mark.django_db]

BODY: Final = [
    {
        "type": "rich_text",
        "value": '<h2>Why</h2><p><a href="/en/treaty/">See who joined</a> or <a href="#sign">sign</a></p>',
    },
    {"type": "rights_explainer", "value": {"article": "Article 25", "title": "Equal pay", "text": "No less."}},
    {
        "type": "facts_timeline",
        "value": {"facts": [{"type": "item", "id": "1", "value": {"when": "1990", "text": "x"}}]},
    },
    {"type": "sign_buttons", "value": {"heading": "Add your name"}},
]
QR: Final = "/qr.svg?lang=en"


@pytest.fixture
def campaign_with_story(campaign: Any, individual: Any) -> Any:
    """A campaign with a story and without a share block."""
    campaign.body = PledgePage._meta.get_field("body").to_python(BODY)
    campaign.save_revision().publish()
    return campaign


@pytest.mark.requirement("RE1")
def test_the_url_and_qr_code_are_loaded_and_shown_only_in_print(desktop: Page, campaign_with_story: Any) -> None:
    requested_urls: list[str] = []
    desktop.on("request", lambda request: requested_urls.append(request.url))
    desktop.goto(campaign_with_story.url, wait_until="networkidle")
    line = desktop.locator(".pledge-print")
    expect(line).to_be_hidden()
    assert not [url for url in requested_urls if url.endswith(QR)]
    with desktop.expect_response(lambda answer: answer.url.endswith(QR)) as code:
        desktop.emulate_media(media="print")
    assert code.value.ok
    expect(line).to_be_visible()
    expect(line).to_have_text(campaign_with_story.full_url)
    assert desktop.locator(".pledge-print img").evaluate("code => code.decode().then(() => code.clientWidth)") > 80


@pytest.mark.requirement("CP9")
def test_the_qr_code_of_a_share_block_is_not_printed_twice(desktop: Page, campaign_with_story: Any) -> None:
    share = {"type": "share", "value": {"heading": "Pass it on", "qr": True}}
    campaign_with_story.body = PledgePage._meta.get_field("body").to_python([share])
    campaign_with_story.save_revision().publish()
    desktop.goto(campaign_with_story.url)
    desktop.emulate_media(media="print")
    expect(desktop.locator(".pledge-qr")).to_be_visible()
    expect(desktop.locator(".pledge-print")).to_be_visible()
    expect(desktop.locator(".pledge-print img")).to_be_hidden()


def test_buttons_are_hidden_and_blocks_are_not_split(desktop: Page, campaign_with_story: Any) -> None:
    desktop.goto(campaign_with_story.url)
    desktop.emulate_media(media="print")
    expect(desktop.locator(".pledge-button").locator("visible=true")).to_have_count(0)
    expect(desktop.get_by_role("heading", name="Add your name")).to_be_visible()
    for selector in ("h1", "h2", "h3"):
        if desktop.locator(selector).count():
            assert style(desktop, selector, "breakAfter") == "avoid", selector
    for selector in (".pledge-right", ".pledge-panel", ".pledge-dates li"):
        assert style(desktop, selector, "breakInside") == "avoid", selector
    dot = desktop.locator(".pledge-dates li").evaluate(
        "item => item.getBoundingClientRect().left + item.clientLeft"
        " + parseFloat(getComputedStyle(item, '::before').left)"
    )
    assert dot >= 0
    assert style(desktop, ".pledge-text a[href^='/']", "content", "::after") == '" (/en/treaty/)"'
    assert style(desktop, ".pledge-text a[href^='#']", "content", "::after") == "none"


@pytest.mark.requirement("CP1")
def test_the_asker_is_printed_in_black(desktop: Page, campaign: Any, individual: Any) -> None:
    desktop.goto(campaign.url)
    assert style(desktop, ".pledge-asker b", "color") != "rgb(0, 0, 0)"
    desktop.emulate_media(media="print")
    assert style(desktop, ".pledge-asker b", "color") == "rgb(0, 0, 0)"


@pytest.mark.requirement("TR4")
def test_the_tables_sticky_headings_are_static_in_print(desktop: Page, treaty_page: TreatyStatusPage) -> None:
    desktop.goto(treaty_page.url)
    assert style(desktop, "#treaty-table tbody th", "position") == "sticky"
    desktop.emulate_media(media="print")
    for cell in ("tbody th", "thead th"):
        assert style(desktop, f"#treaty-table {cell}", "position") == "static"
    assert style(desktop, "#treaty-table caption", "breakAfter") == "avoid"
    assert style(desktop, ".pledge-treaty-now", "breakInside") == "avoid"
    expect(desktop.locator(".pledge-print")).to_have_text(treaty_page.full_url)
    expect(desktop.locator(".pledge-print img")).to_have_count(0)


@pytest.mark.requirement("C8")
def test_links_into_a_signature_are_not_printed(desktop: Page, campaign: Any, individual: Any) -> None:
    desktop.goto(confirm_path_of(sent(individual)))
    desktop.get_by_role("button", name="Confirm my name").click()
    desktop.emulate_media(media="print")
    # The page is often printed for its QR code, and whoever has such a link can withdraw the signature
    printed = "links => links.filter(one => getComputedStyle(one, '::after').content !== 'none').map(one => one.href)"
    links = desktop.locator("main a")
    assert any("/manage/" in str(link.get_attribute("href")) for link in links.all())
    assert not [url for url in links.evaluate_all(printed) if "/pledge/" in url]
    for part in ("", "::before"):
        assert style(desktop, ".pledge-steps [aria-current]", "color", part) == "rgb(0, 0, 0)"


@pytest.mark.requirement("TR4")
@pytest.mark.parametrize("sheet", ["A4", "Letter"])
def test_the_treaty_page_prints_on_five_sheets(desktop: Page, treaty_page: TreatyStatusPage, sheet: str) -> None:
    # The related instruments and the declarations, as on a real site
    load_treaties(treaty_data.DATA)
    load_declarations(treaty_data.DATA, treaty_page.treaty)
    desktop.goto(treaty_page.url, wait_until="networkidle")
    names = desktop.locator(".pledge-in-print")
    expect(names).to_be_hidden()
    desktop.emulate_media(media="print")
    # The margins that browsers print with
    margin = {"top": "1cm", "right": "1cm", "bottom": "1cm", "left": "1cm"}
    sheets = PdfReader(io.BytesIO(desktop.pdf(format=sheet, margin=margin))).pages  # type: ignore[arg-type]
    assert len(sheets) <= 5
    printed = "".join(one.extract_text() for one in sheets)
    assert "23 September 2022" in printed
    expect(desktop.locator("#treaty-table tbody tr").locator("visible=true")).to_have_count(71)
    expect(names).to_contain_text("Neither signed nor party (126)")
    expect(names.locator("li")).to_have_count(126)
    size = "items => Math.min(...items.map(item => parseFloat(getComputedStyle(item).fontSize)))"
    assert (
        desktop.locator(":is(#main, footer) :is(p, li, dd, dt, td, th, small, h2, h3, strong)").evaluate_all(size)
        > 10.6
    )


@pytest.mark.requirement("TR4")
def test_texts_of_declarations_are_left_out_in_print(desktop: Page, treaty_page: TreatyStatusPage) -> None:
    treaty_page.treaty.declarations.create(
        party=State.objects.get(key="MEX"), kind="reservation", article="22(4)", text="A long text."
    )
    desktop.goto(treaty_page.url)
    desktop.locator(".pledge-declared summary").click()
    text, note = desktop.get_by_text("A long text."), desktop.get_by_text("The texts are on the web page")
    expect(text).to_be_visible()
    expect(note).to_be_hidden()
    desktop.emulate_media(media="print")
    expect(text).to_be_hidden()
    expect(note).to_be_visible()
