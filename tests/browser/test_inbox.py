"""The inbox page: confirmation code, correction of the address, and suggestions for typos."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from playwright.sync_api import Page, expect
from wagtail.models import Locale

from tests.browser.owner import EVERYWHERE, WIDTHS, in_language
from tests.campaign_fixtures import campaign, individual
from tests.journey import counted, work
from wagtail_pledge.signing.services.suppression import suppress
from wagtail_pledge.signing.services.switches import set_switch
from wagtail_pledge.testing.factories import SignatureFactory

__all__ = ["campaign", "individual"]

PHONE = {"width": 390, "height": 844}
TYPO = "ana@gmial.com"
CORRECTED = "ana@gmail.com"


def fill(page: Page, email: str = "ana@example.org") -> None:
    page.get_by_label("Full name").fill("Ana María López")
    page.get_by_label("Country", exact=True).select_option("US")
    page.get_by_label("Email", exact=True).fill(email)


def sign(page: Page, url: str, *, script: bool = True, email: str = "ana@example.org") -> None:
    """Sign; without JavaScript the form is shown once more to be checked."""
    page.goto(url)
    fill(page, email)
    page.get_by_role("button", name="Add my name").click()
    if not script:
        expect(page.get_by_role("heading", level=1)).to_contain_text("Check your details and sign")
        page.get_by_role("button", name="Add my name").click()
    expect(page).to_have_url(re.compile("/pledge/inbox/"))
    work()


def mailed_code() -> str:
    (code,) = re.findall(r"^ {4}(\d{6})$", str(mail.outbox[-1].body), re.MULTILINE)
    return str(code)


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the element matching ``selector`` has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    pytest.fail(f"the keyboard does not reach {selector}")


@pytest.mark.requirement("SG2", "X1")
@pytest.mark.parametrize("script", [True, False])
def test_a_code_confirms_the_signature(
    open_page: Callable[..., Page], client: Any, campaign: Any, individual: Any, assert_accessible: Any, script: bool
) -> None:
    page = open_page(PHONE, has_touch=True, is_mobile=True, java_script_enabled=script)
    sign(page, campaign.url, script=script)
    code, field = mailed_code(), page.get_by_label("Code from the email")
    expect(field).to_be_hidden()
    page.get_by_text("Enter the 6-digit code from the email").click()
    field.fill("12 34")
    page.get_by_role("button", name="Confirm with this code").click()
    expect(page).to_have_title(re.compile("^Error:"))
    expect(page.get_by_text("This code does not work.")).to_be_visible()
    expect(field).to_be_focused()
    expect(field).to_have_accessible_description(re.compile("This code does not work"))
    if script:
        assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    field.fill(f"{code[:3]} {code[3:]}")
    page.get_by_role("button", name="Confirm with this code").click()
    expect(page).to_have_url(re.compile("/pledge/confirm/"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you so much")
    assert counted(client, campaign.pledge)["total"] == 1


@pytest.mark.requirement("SG2")
def test_the_code_can_be_entered_and_confirmed_by_keyboard(desktop: Page, campaign: Any, individual: Any) -> None:
    sign(desktop, campaign.url)
    desktop.reload()
    tab_to(desktop, "summary:has(+ form [name=code])")
    desktop.keyboard.press("Enter")
    tab_to(desktop, "#inbox-code")
    desktop.keyboard.type(mailed_code())
    desktop.keyboard.press("Enter")
    expect(desktop).to_have_url(re.compile("/pledge/confirm/"))
    expect(desktop.get_by_role("heading", level=1)).to_have_text("Thank you so much")


@pytest.mark.requirement("SG2", "X1")
@pytest.mark.parametrize("script", [True, False])
def test_a_corrected_address_gets_a_new_mail_and_confirms(
    open_page: Callable[..., Page], client: Any, campaign: Any, individual: Any, assert_accessible: Any, script: bool
) -> None:
    page = open_page(PHONE, has_touch=True, is_mobile=True, java_script_enabled=script)
    sign(page, campaign.url, script=script)
    field = page.get_by_label("Corrected email address")
    expect(field).to_be_hidden()
    page.get_by_text("Change the email address").click()
    field.fill("eva@")
    page.get_by_role("button", name="Send to this address").click()
    expect(page).to_have_title(re.compile("^Error:"))
    expect(field).to_be_focused()
    expect(field).to_have_accessible_description(re.compile("Check the email address"))
    if script:
        assert_accessible(page)
        field.fill("eva@gmial.com")
        field.blur()
        page.get_by_role("button", name="Keep my address").click()
    field.fill("eva@example.net")
    page.get_by_role("button", name="Send to this address").click()
    expect(page.get_by_text("e…a@example.net")).to_be_visible()
    expect(page.get_by_role("status").first).to_contain_text("corrected address")
    if script:
        assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    work()
    assert mail.outbox[-1].to == ["eva@example.net"]
    page.get_by_text("Enter the 6-digit code from the email").click()
    page.get_by_label("Code from the email").fill(mailed_code())
    page.get_by_role("button", name="Confirm with this code").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you so much")
    assert counted(client, campaign.pledge)["total"] == 1


@pytest.mark.requirement("SG2", "X1")
@pytest.mark.parametrize("script", [True, False])
def test_an_address_can_be_corrected_three_times(
    open_page: Callable[..., Page], campaign: Any, individual: Any, script: bool
) -> None:
    page = open_page(PHONE, java_script_enabled=script)
    sign(page, campaign.url, script=script)
    for address in ("eva@example.net", "ida@example.net", "zoe@example.net"):
        page.get_by_text("Change the email address").click()
        page.get_by_label("Corrected email address").fill(address)
        page.get_by_role("button", name="Send to this address").click()
        expect(page.get_by_text(f"{address[0]}…{address[2]}@example.net")).to_be_visible()
    expect(page.get_by_text("Change the email address")).to_have_count(0)
    page.get_by_text("Did not get the email?").click()
    expect(page.get_by_role("link", name="Back to the form")).to_be_visible()
    work()
    assert mail.outbox[-1].to == ["zoe@example.net"]


@pytest.mark.requirement("B1", "OP4", "E20")
@EVERYWHERE
def test_it_says_what_will_happen_and_the_same_to_everybody(
    open_page: Callable[..., Page], campaign: Any, individual: Any, viewport: dict[str, int], script: bool
) -> None:
    """Also to a mailbox that has signed, to one that has stopped our mail, and while all mail is paused."""
    SignatureFactory(pledge=campaign.pledge, email="ana.signed.a@example.org")
    suppress("ana.barred.a@example.org")
    page = open_page(viewport, java_script_enabled=script)
    seen = set()

    def look(name: str) -> None:
        sign(page, campaign.url, script=script, email=f"ana.{name}.a@example.org")
        page.wait_for_load_state("load")  # after the script, which adds a button
        shown = [page.locator("main").inner_text()]
        page.get_by_text("Did not get the email?").click()
        page.get_by_role("button", name="Send the email again").click()
        expect(page.get_by_role("status").first).to_contain_text("If an email is due to this address")
        page.wait_for_load_state("load")
        shown.append(page.locator("main").inner_text())
        seen.add(tuple(shown))

    for name in ("new", "signed", "barred"):
        look(name)
    assert {message.to[0] for message in mail.outbox} == {"ana.new.a@example.org", "ana.signed.a@example.org"}
    set_switch("mail", on=True)
    mail.outbox.clear()
    look("paused")
    assert mail.outbox == []
    [(first, _again)] = seen
    lines = [line.strip() for line in first.splitlines() if line.strip()]
    at = lines.index("Open the email and select “Confirm my name”. Your signature does not count until you do.")
    assert lines[at + 1 : at + 4] == [
        "We will send an email to",
        "a…a@example.org",
        "It usually arrives within minutes. In a rush, or while our emails are paused, it can take longer.",
    ]
    assert "If you do not confirm within 14 days, we will delete your details." in lines
    assert "We sent" not in first
    assert "We wrote" not in first


@pytest.mark.requirement("X4")
@pytest.mark.parametrize(("code", "title"), [("es", "Falta un paso"), ("ar", "بقيت خطوة واحدة")])
@WIDTHS
def test_other_languages(
    open_page: Callable[..., Page],
    campaign: Any,
    individual: Any,
    assert_accessible: Any,
    *,
    viewport: dict[str, int],
    code: str,
    title: str,
) -> None:
    in_language(code, campaign, individual)
    page = open_page(viewport)
    page.goto(campaign.get_translation(Locale.objects.get(language_code=code)).url)
    page.locator("[name=name]").fill("Ana María López")
    page.locator("[name=email]").fill("ana@example.org")
    page.locator("[name=country]").select_option("US")
    page.locator("form[data-stamp-url] [type=submit]").click()
    expect(page).to_have_url(re.compile("/pledge/inbox/"))
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    assert page.evaluate("getComputedStyle(document.body).direction") == ("rtl" if code == "ar" else "ltr")
    for summary in page.locator("main summary").all():
        summary.click()
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


@pytest.mark.requirement("X4")
@pytest.mark.parametrize("width", [320, 390, 1280])
@pytest.mark.parametrize("options", [{"color_scheme": "dark"}, {}])
def test_the_inbox_page_is_accessible_at_every_width(
    open_page: Callable[..., Page],
    campaign: Any,
    individual: Any,
    assert_accessible: Any,
    width: int,
    options: dict[str, str],
) -> None:
    page = open_page({"width": width, "height": 844}, **options)
    sign(page, campaign.url)
    for address in (page.url, f"{page.url}?code=no"):
        page.goto(address)
        page.get_by_text("Did not get the email?").click()
        page.get_by_text("Change the email address").click()
        if "code=no" not in page.url:
            page.get_by_text("Enter the 6-digit code from the email").click()
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        box = page.get_by_label("Code from the email").bounding_box()
        assert box is not None
        assert box["height"] >= 48


@pytest.mark.requirement("SG1", "X3")
def test_a_typo_gets_a_suggestion_that_can_be_accepted(
    phone: Page, campaign: Any, individual: Any, assert_accessible: Any
) -> None:
    phone.goto(campaign.url)
    fill(phone, TYPO)
    suggestion = phone.locator(".pledge-suggestion")
    expect(suggestion).to_be_empty()
    phone.get_by_label("Email", exact=True).blur()
    expect(suggestion).to_have_text(f"Did you mean {CORRECTED}? Use this address Keep my address")
    expect(suggestion).to_have_role("status")
    assert_accessible(phone)
    for name in ("Use this address", "Keep my address"):
        box = phone.get_by_role("button", name=name).bounding_box()
        assert box is not None
        assert box["height"] >= 48
    phone.get_by_role("button", name="Use this address").click()
    expect(phone.get_by_label("Email", exact=True)).to_have_value(CORRECTED)
    expect(phone.get_by_label("Email", exact=True)).to_be_focused()
    expect(suggestion).to_be_empty()
    phone.get_by_role("button", name="Add my name").click()
    expect(phone.get_by_text("a…a@gmail.com")).to_be_visible()


@pytest.mark.requirement("SG1", "X3")
def test_a_rejected_suggestion_is_not_shown_again(phone: Page, campaign: Any, individual: Any) -> None:
    phone.goto(campaign.url)
    fill(phone, TYPO)
    email, suggestion = phone.get_by_label("Email", exact=True), phone.locator(".pledge-suggestion")
    email.blur()
    phone.get_by_role("button", name="Keep my address").click()
    expect(email).to_have_value(TYPO)
    expect(email).to_be_focused()
    expect(suggestion).to_be_empty()
    email.fill("ana@example.org")
    email.blur()
    email.fill(TYPO)
    email.blur()
    expect(suggestion).to_be_empty()
    email.fill("ana@hotmial.com")
    email.blur()
    expect(suggestion).to_contain_text("ana@hotmail.com")
    phone.get_by_role("button", name="Add my name").click()
    expect(phone.get_by_text("Your form is not sent yet.")).to_be_visible()
    phone.get_by_role("button", name="Add my name").click()
    expect(phone.get_by_text("a…a@hotmial.com")).to_be_visible()


@pytest.mark.requirement("SG1", "X3")
def test_the_suggestion_follows_the_field_in_the_tab_order(desktop: Page, campaign: Any, individual: Any) -> None:
    desktop.goto(campaign.url)
    tab_to(desktop, "[name=email]")
    desktop.keyboard.type(TYPO)
    desktop.keyboard.press("Tab")
    expect(desktop.locator(".pledge-suggestion")).to_contain_text(CORRECTED)
    desktop.get_by_label("Email", exact=True).focus()
    desktop.keyboard.press("Tab")
    expect(desktop.get_by_role("button", name="Use this address")).to_be_focused()
    desktop.keyboard.press("Tab")
    expect(desktop.get_by_role("button", name="Keep my address")).to_be_focused()
    desktop.keyboard.press("Shift+Tab")
    desktop.keyboard.press("Enter")
    expect(desktop.get_by_label("Email", exact=True)).to_have_value(CORRECTED)
    expect(desktop.get_by_label("Email", exact=True)).to_be_focused()
    expect(desktop).to_have_url(re.compile("/ratify/$"))


@pytest.mark.requirement("SG1", "X3")
def test_without_javascript_the_check_step_shows_the_suggestion(
    phone_without_script: Page, campaign: Any, individual: Any
) -> None:
    page = phone_without_script
    page.goto(campaign.url)
    fill(page, TYPO)
    expect(page.locator(".pledge-suggestion")).to_have_count(0)
    page.get_by_role("button", name="Add my name").click()
    expect(page.locator(".pledge-suggestion")).to_contain_text(f"Did you mean {CORRECTED}?")
    expect(page.get_by_label("Yes, use this address")).not_to_be_checked()
    page.get_by_role("button", name="Add my name").click()
    expect(page.get_by_text("a…a@gmial.com")).to_be_visible()


@pytest.mark.requirement("SG1", "X3")
def test_a_form_with_errors_shows_the_suggestion_once(phone: Page, campaign: Any, individual: Any) -> None:
    phone.goto(campaign.url)
    phone.get_by_label("Email", exact=True).fill(TYPO)
    phone.get_by_role("button", name="Add my name").click()
    expect(phone).to_have_title(re.compile("^Error:"))
    expect(phone.locator(".pledge-suggestion")).to_have_count(1)
    phone.get_by_role("button", name="Use this address").click()
    expect(phone.get_by_label("Email", exact=True)).to_have_value(CORRECTED)
