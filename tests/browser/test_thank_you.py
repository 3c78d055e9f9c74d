"""The thank-you page: in full for an hour in the browser that confirmed, and never in another one."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

import pytest
from django.core import mail
from django.db.models import F
from playwright.sync_api import Page, expect

from tests.browser.owner import EVERYWHERE, confirm_path_of, fits, in_language, path_of, sent
from tests.campaign_fixtures import campaign, individual
from tests.journey import signatures, work

__all__ = ["campaign", "individual"]

pytestmark = [pytest.mark.requirement("E16", "SG2", "SG8"), pytest.mark.django_db]

NAME = "Ana María López"
MANAGE = "main a[href*='/pledge/manage/']"


def heading(page: Page) -> str:
    return page.get_by_role("heading", level=1).inner_text()


def assert_full(page: Page) -> None:
    assert heading(page) == "Thank you so much"
    expect(page.locator("main")).to_contain_text(f"Thank you, {NAME}.")
    expect(page.locator(MANAGE).first).to_be_attached()


def assert_anonymous(page: Page) -> None:
    """Assert that the page says that somebody confirmed, but neither who nor how to reach the signature."""
    assert heading(page) == "Already confirmed, thank you"
    expect(page.locator("main")).to_contain_text("This email address has already been used to sign.")
    expect(page.locator(MANAGE)).to_have_count(0)
    for secret in (NAME, "ana@example.org", "own-link", "/manage/"):
        assert secret not in page.content()
    expect(page.get_by_role("link", name="Get the link to your signature")).to_be_visible()


@EVERYWHERE
def test_it_belongs_to_the_browser_that_confirmed_for_an_hour(
    open_page: Callable[..., Page], campaign, individual, assert_accessible, viewport: dict[str, int], script: bool
) -> None:
    path = confirm_path_of(sent(individual, name=NAME))
    page, other = (open_page(viewport, java_script_enabled=script) for _browser in range(2))
    page.goto(path)
    page.get_by_role("button", name="Confirm my name").click()
    assert_full(page)
    assert page.url.endswith(path)
    [cookie] = page.context.cookies()
    assert (cookie["path"], cookie["httpOnly"], cookie["sameSite"]) == (path, True, "Strict")
    if script:
        assert_accessible(page)
    assert fits(page)
    page.reload()
    assert_full(page)
    page.goto(campaign.url)
    page.goto(path)
    assert_full(page)

    # Somebody to whom the address of the page was sent
    other.goto(page.url)
    assert_anonymous(other)
    assert other.context.cookies() == []
    if script:
        assert_accessible(other)
    assert fits(other)
    expect(other.get_by_role("link", name="Add my name")).to_have_attribute("href", f"{campaign.full_url}#sign")

    signatures().update(confirmed_at=F("confirmed_at") - dt.timedelta(minutes=61))
    page.goto(path)
    assert_anonymous(page)


@pytest.mark.requirement("E20")
def test_the_mail_after_it_has_the_link_to_the_signature(phone: Page, campaign, individual) -> None:
    phone.goto(confirm_path_of(sent(individual, name=NAME)))
    phone.get_by_role("button", name="Confirm my name").click()
    assert_full(phone)
    work()
    [message] = mail.outbox
    assert message.to == ["ana@example.org"]
    found = re.search(r"https?://\S+/manage/[^\s?]+", str(message.body))
    assert found
    phone.goto(path_of(found[0]))
    assert heading(phone) == "Your signature"
    expect(phone.locator("main")).to_contain_text(NAME)


@pytest.mark.requirement("X4")
@pytest.mark.parametrize(
    ("code", "button", "title"),
    [
        ("es", "Confirmar mi nombre", "Su firma ya está confirmada, gracias"),
        ("ar", "تأكيد اسمي", "تم التأكيد من قبل، شكرًا"),
    ],
)
def test_other_languages(
    open_page: Callable[..., Page], campaign, individual, assert_accessible, *, code: str, button: str, title: str
) -> None:
    in_language(code, campaign, individual)
    path = confirm_path_of(sent(individual, name=NAME, locale=code))
    for viewport in ({"width": 390, "height": 844}, {"width": 1280, "height": 900}):
        page = open_page(viewport)
        page.goto(path)
        if viewport["width"] == 390:
            page.get_by_role("button", name=button).click()
            expect(page.locator("main")).to_contain_text(NAME)
        else:
            assert heading(page) == title
        assert page.evaluate("getComputedStyle(document.body).direction") == ("rtl" if code == "ar" else "ltr")
        assert_accessible(page)
        assert fits(page)
