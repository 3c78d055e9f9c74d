"""The pictures that are checked as far as they show a visitor, and every state of the call and of a signature."""

from __future__ import annotations

import secrets
import unicodedata
from typing import Final

from picture_demo import CALL
from playwright.sync_api import Page, expect
from studio import DESK, PHONE, Studio, confirm_path, shot

STATES: Final = {
    "not_yet": "state-not-yet",
    "paused": "state-paused",
    "closed": "state-closed",
    "delivered": "state-delivered",
    "won": "state-won",
}


def campaign(studio: Studio) -> None:
    """1, 2, 6 and 7: the call."""
    shot(studio.at(CALL, PHONE), "01-call-phone")
    shot(studio.at("/es/ratify/", PHONE, locale="es-US"), "call-spanish-phone")
    page = studio.at(CALL, (320, 640))
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    page.get_by_role("button", name="Add my name").scroll_into_view_if_needed()
    page.wait_for_timeout(300)  # the bar leaves when it sees the form
    wide = page.evaluate("document.documentElement.scrollWidth")
    if wide > 320:
        raise SystemExit(f"The call scrolls sideways: {wide} px on a window of 320.")
    shot(page, "02-call-large-text")
    page = studio.at(CALL, DESK)
    shot(page, "06-call-desktop")
    page.locator(".pledge-bar").evaluate_all("bars => bars.forEach(bar => bar.remove())")
    shot(page, "06-call-whole", whole=True)
    page = studio.at("/ar/ratify/", DESK, locale="ar")
    shot(page, "07-call-arabic")
    names = page.locator(".block-recent_signers")
    names.scroll_into_view_if_needed()
    _expect_three_scripts(names.locator("li").all_inner_texts())
    shot(page, "07-names-arabic")


def _expect_three_scripts(names: list[str]) -> None:
    letters = [letter for letter in "".join(names) if letter.isalpha()]
    scripts = {unicodedata.name(letter).split()[0] for letter in letters}
    if not {"LATIN", "ARABIC"} < scripts:
        raise SystemExit(f"The names are not in three scripts: {sorted(scripts)}.")


def errors(studio: Studio) -> None:
    """3 and 8: what is wrong, said at the top and at the field."""
    page = studio.at(CALL, PHONE)
    page.get_by_label("Full name").fill("Ana María López")
    page.get_by_role("button", name="Add my name").click()
    expect(page.locator(".pledge-summary")).to_be_visible()
    shot(page, "03-errors")
    page = studio.at("/ar/ratify/", PHONE, dark=True, locale="ar")
    page.locator("#sign-name").fill("نور الهدى حداد")
    page.locator("#sign button[type=submit]").click()
    expect(page.locator(".pledge-summary")).to_be_visible()
    shot(page, "03-errors-arabic-dark")
    page = studio.at("/en/ratify/organization/", DESK)
    _fill_organization(page, "luis@valley.example")
    page.get_by_role("button", name="Sign for the organization").click()
    expect(page.locator(".pledge-summary")).to_be_visible()
    shot(page, "08-organization-error", whole=True)


def _fill_organization(page: Page, address: str) -> None:
    page.get_by_role("textbox", name="Organization").fill("Valley Tenants Union")
    page.get_by_label("Full name").fill("Luis Mora")
    page.get_by_role("textbox", name="role").fill("Coordinator")
    page.get_by_label("Work email").fill(address)


def logo(studio: Studio) -> None:
    """8: a file that is no picture, sent as the logo of an organization that has confirmed."""
    page = studio.at("/en/ratify/organization/", DESK)
    address = f"{secrets.token_hex(4)}@valley.example"
    _fill_organization(page, address)
    page.get_by_label("I am authorized").check()
    page.get_by_role("button", name="Sign for the organization").click()
    expect(page.get_by_role("heading", name="One step left")).to_be_visible()
    page.goto(confirm_path(page.context.new_page(), address))
    page.locator("main button[type=submit]").first.click()
    page.wait_for_load_state()
    page.goto(page.locator('a[href*="/pledge/manage/"]').first.get_attribute("href") or "/")
    drawing = {"name": "logo.svg", "mimeType": "image/svg+xml", "buffer": b"<svg/>"}
    page.locator("#logo-file").set_input_files(drawing)  # type: ignore[arg-type]
    page.get_by_role("button", name="Send the logo").click()
    expect(page.get_by_role("group", name="The logo was not sent")).to_be_visible()
    shot(page, "08-logo-error", whole=True)


def signing(studio: Studio) -> None:
    """4 and 5, and the other moments of one signer."""
    page = studio.visitor(PHONE, dark=True)
    path = studio.signed(page, "Ana María López")
    page.get_by_text("No message?").click()
    shot(page, "04-inbox-dark", whole=True)
    page.get_by_role("button", name="Send it again").click()
    page.wait_for_load_state()
    shot(page, "state-resent", whole=True)
    page = studio.at(path, PHONE)
    shot(page, "state-confirm")
    page.get_by_role("button", name="Confirm my name").click()
    page.wait_for_load_state()
    shot(page, "05-thank-you", whole=True)
    manage = page.locator('a[href*="/pledge/manage/"]').first.get_attribute("href")
    page.goto(path)
    shot(page, "state-already-confirmed")
    page.goto(manage or "/")
    shot(page, "state-manage")
    page.get_by_text("Withdraw my signature").first.click()
    page.get_by_role("button", name="Withdraw my signature").click()
    page.wait_for_load_state()
    shot(page, "state-withdrawn")
    late = studio.signed(studio.visitor(PHONE), "Rosa Hernández")
    studio.stage("age")
    shot(studio.at(late, PHONE), "state-expired")


def treaty(studio: Studio) -> None:
    """9 and 10: where the States stand."""
    page = studio.at("/en/treaty/?sort=consent&dir=desc", (1440, 900), dark=True)
    page.locator(".pledge-treaty-map").evaluate("element => element.scrollIntoView()")
    shot(page, "09-treaty-dark")
    page.locator(".pledge-treaty-table").evaluate("element => element.scrollIntoView()")
    shot(page, "09-treaty-table-dark")
    page = studio.at("/en/treaty/", PHONE)
    shot(page, "10-treaty-phone")
    page.locator(".pledge-treaty-table").evaluate("element => element.scrollIntoView()")
    shot(page, "10-treaty-table-phone")


def failures(studio: Studio) -> None:
    """Nothing there, something broke, signing stopped for a moment."""
    shot(studio.at("/en/nothing/", PHONE), "state-not-found")
    shot(studio.at("/failure/", PHONE), "state-failure")
    page = studio.at(CALL, PHONE)
    page.get_by_label("Full name").fill("Ana María López")
    page.get_by_label("Email", exact=True).fill("ana@example.org")
    studio.stage("pause", "on")
    page.get_by_role("button", name="Add my name").click()
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    shot(page, "state-throttled")
    studio.stage("pause", "off")


def states(studio: Studio) -> None:
    """The call while nobody can sign."""
    for state, name in STATES.items():
        studio.stage("state", state)
        shot(studio.at(CALL, PHONE), name)
    studio.stage("state", "open")
