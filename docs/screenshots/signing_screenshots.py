"""Screenshots of the campaign page, the form, the signer's pages, the treaty page, and every status."""

from __future__ import annotations

import secrets
import unicodedata
from typing import Final

from browser import DESKTOP, PHONE, DemoBrowser, confirm_path, link_in, mail_to, save_screenshot
from demo_site import CAMPAIGN_PATH
from playwright.sync_api import Page, expect

STATES: Final = {
    "not_yet": "state-not-yet",
    "paused": "state-paused",
    "closed": "state-closed",
    "delivered": "state-delivered",
    "won": "state-won",
}


def campaign(demo: DemoBrowser) -> None:
    """1, 2, 6 and 7: the campaign page."""
    save_screenshot(demo.open(CAMPAIGN_PATH, PHONE), "01-call-phone")
    save_screenshot(demo.open("/es/ratify/", PHONE, locale="es-US"), "call-spanish-phone")
    page = demo.open(CAMPAIGN_PATH, (320, 640))
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    page.get_by_role("button", name="Sign the Call for Support").scroll_into_view_if_needed()
    page.wait_for_timeout(300)  # the bar hides when the form is visible
    wide = page.evaluate("document.documentElement.scrollWidth")
    if wide > 320:
        raise SystemExit(f"The campaign page scrolls horizontally: it is {wide} px wide in a window of 320 px.")
    save_screenshot(page, "02-call-large-text")
    page = demo.open(CAMPAIGN_PATH, DESKTOP)
    save_screenshot(page, "06-call-desktop")
    page.locator(".pledge-bar").evaluate_all("bars => bars.forEach(bar => bar.remove())")
    save_screenshot(page, "06-call-whole", full_page=True)
    page = demo.open("/ar/ratify/", DESKTOP, locale="ar")
    save_screenshot(page, "07-call-arabic")
    names = page.locator(".block-recent_signers")
    names.scroll_into_view_if_needed()
    _expect_three_scripts(names.locator("li").all_inner_texts())
    save_screenshot(page, "07-names-arabic")


def _expect_three_scripts(names: list[str]) -> None:
    letters = [letter for letter in "".join(names) if letter.isalpha()]
    scripts = {unicodedata.name(letter).split()[0] for letter in letters}
    if not {"LATIN", "ARABIC"} < scripts:
        raise SystemExit(f"The names are not in three scripts: {sorted(scripts)}.")


def errors(demo: DemoBrowser) -> None:
    """3 and 8: forms with errors."""
    page = demo.open(CAMPAIGN_PATH, PHONE)
    page.get_by_label("Full name").fill("Ana María López")
    page.get_by_role("button", name="Sign the Call for Support").click()
    expect(page.locator(".pledge-summary")).to_be_visible()
    save_screenshot(page, "03-errors")
    page = demo.open("/ar/ratify/", PHONE, dark=True, locale="ar")
    page.locator("#sign-name").fill("نور الهدى حداد")
    page.locator("#sign button[type=submit]").click()
    expect(page.locator(".pledge-summary")).to_be_visible()
    save_screenshot(page, "03-errors-arabic-dark")
    page = demo.open("/en/ratify/organization/", DESKTOP)
    _fill_organization(page, "luis@valley.example")
    page.get_by_role("button", name="Sign for our organization").click()
    expect(page.locator(".pledge-summary")).to_be_visible()
    save_screenshot(page, "08-organization-error", full_page=True)


def _fill_organization(page: Page, address: str) -> None:
    page.get_by_role("textbox", name="Organization").fill("Valley Tenants Union")
    page.get_by_label("Full name").fill("Luis Mora")
    page.get_by_role("textbox", name="role").fill("Coordinator")
    page.get_by_label("Work email").fill(address)


def logo(demo: DemoBrowser) -> None:
    """8: an organization uploads a logo that is not a raster image."""
    page = demo.open("/en/ratify/organization/", DESKTOP)
    address = f"{secrets.token_hex(4)}@valley.example"
    _fill_organization(page, address)
    page.get_by_label("I am authorized").check()
    page.get_by_role("button", name="Sign for our organization").click()
    expect(page.get_by_role("heading", name="One step left")).to_be_visible()
    page.goto(confirm_path(page.context.new_page(), address))
    page.locator("main button[type=submit]").first.click()
    page.wait_for_load_state()
    page.goto(page.locator('a[href*="/pledge/manage/"]').first.get_attribute("href") or "/")
    drawing = {"name": "logo.svg", "mimeType": "image/svg+xml", "buffer": b"<svg/>"}
    page.locator("#logo-file").set_input_files(drawing)  # type: ignore[arg-type]
    page.get_by_role("button", name="Send the logo").click()
    expect(page.get_by_role("group", name="The logo was not sent")).to_be_visible()
    save_screenshot(page, "08-logo-error", full_page=True)


def signing(demo: DemoBrowser) -> None:
    """4 and 5, and the other pages that a signer sees."""
    page = demo.new_page(PHONE, dark=True)
    path = demo.sign(page, "Ana María López")
    page.get_by_text("Did not get the email?").click()
    save_screenshot(page, "04-inbox-dark", full_page=True)
    page.get_by_role("button", name="Send the email again").click()
    page.wait_for_load_state()
    save_screenshot(page, "state-resent", full_page=True)
    page = demo.open(path, PHONE)
    save_screenshot(page, "state-confirm")
    page.get_by_role("button", name="Confirm my name").click()
    page.wait_for_load_state()
    save_screenshot(page, "05-thank-you", full_page=True)
    manage = page.locator('a[href*="/pledge/manage/"]').first.get_attribute("href")
    # Somebody else who got the address of the page
    save_screenshot(demo.open(path, PHONE), "state-already-confirmed")
    page.goto(manage or "/")
    save_screenshot(page, "state-manage")
    page.get_by_text("Withdraw my signature").first.click()
    page.get_by_role("button", name="Withdraw my signature").click()
    page.wait_for_load_state()
    save_screenshot(page, "state-withdrawn")
    page.goto(f"/pledge/{demo.set_state('uuid')}/link/")
    save_screenshot(page, "state-link")
    late = demo.sign(demo.new_page(PHONE), "Rosa Hernández")
    demo.set_state("expire")
    save_screenshot(demo.open(late, PHONE), "state-expired")


def several(demo: DemoBrowser) -> None:
    """The confirm page if several forms were sent with one address, and how its owner stops all emails."""
    address = f"{secrets.token_hex(4)}@example.org"
    demo.set_state("several", address)
    page = demo.new_page(PHONE)
    mail_to(page, address)
    html = page.content()
    page.goto(link_in(html, "confirm"))
    page.get_by_text("Other forms were sent with your address").click()
    save_screenshot(page, "state-confirm-several", full_page=True)
    page.goto(link_in(html, "not-me"))
    save_screenshot(page, "state-not-me")
    page.get_by_role("button", name="Stop emailing me").click()
    expect(page.get_by_role("link", name="Undo it now")).to_be_visible()
    save_screenshot(page, "state-stopped")


def treaty(demo: DemoBrowser) -> None:
    """9 and 10: the treaty status page."""
    page = demo.open("/en/treaty/?sort=consent&dir=desc", (1440, 900), dark=True)
    page.locator(".pledge-treaty-map").evaluate("element => element.scrollIntoView()")
    save_screenshot(page, "09-treaty-dark")
    page.locator(".pledge-treaty-table").evaluate("element => element.scrollIntoView()")
    save_screenshot(page, "09-treaty-table-dark")
    page = demo.open("/en/treaty/", PHONE)
    save_screenshot(page, "10-treaty-phone")
    page.locator(".pledge-treaty-table").evaluate("element => element.scrollIntoView()")
    save_screenshot(page, "10-treaty-table-phone")


def failures(demo: DemoBrowser) -> None:
    """Page not found, server error, and signing switched off."""
    save_screenshot(demo.open("/en/nothing/", PHONE), "state-not-found")
    save_screenshot(demo.open("/failure/", PHONE), "state-failure")
    page = demo.open(CAMPAIGN_PATH, PHONE)
    page.get_by_label("Full name").fill("Ana María López")
    page.get_by_label("Email", exact=True).fill("ana@example.org")
    demo.set_state("signing", "on")
    page.get_by_role("button", name="Sign the Call for Support").click()
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    save_screenshot(page, "state-throttled")
    demo.set_state("signing", "off")


def states(demo: DemoBrowser) -> None:
    """The campaign page in each status in which nobody can sign."""
    for state, name in STATES.items():
        demo.set_state("state", state)
        save_screenshot(demo.open(CAMPAIGN_PATH, PHONE), name)
    demo.set_state("state", "open")
