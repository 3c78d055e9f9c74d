"""Take the screenshots of the docs from a running demo.

``PLEDGE_DEMO_PASSWORD=… make demo`` in one terminal, ``PLEDGE_DEMO_PASSWORD=… make screenshots`` in another. The person
in the pictures signs the demo's call, so take them on a demo that nobody needs.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Page, expect, sync_playwright

HERE: Final = Path(__file__).resolve().parent
BASE: Final = f"http://127.0.0.1:{os.environ.get('PORT', '8000')}"
PHONE: Final = {"width": 390, "height": 844}
DESKTOP: Final = {"width": 1280, "height": 900}
FLAGS: Final = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


def shot(page: Page, name: str) -> None:
    """Write one picture of what the window shows."""
    page.screenshot(path=HERE / f"{name}.png")


def visitor(browser: Browser, viewport: dict[str, int]) -> Page:
    """Return a fresh visitor's page."""
    context = browser.new_context(base_url=BASE, viewport=viewport, locale="en-US", reduced_motion="reduce")
    return context.new_page()


def public_pages(browser: Browser) -> None:
    """The pages that anyone sees, on a phone and on a desk."""
    for device, viewport in (("phone", PHONE), ("desktop", DESKTOP)):
        page = visitor(browser, viewport)
        for name, path in (("pledge", "/en/ratify/"), ("treaty", "/en/treaty/")):
            page.goto(path)
            shot(page, f"{name}-{device}")


def signing(browser: Browser) -> None:
    """Errors, inbox, mail, button, thanks."""
    page = visitor(browser, PHONE)
    page.goto("/en/ratify/")
    page.get_by_label("Full name").fill("Ana María López")
    page.get_by_role("button", name="Add my name").click()
    expect(page.get_by_role("group", name="Your name is not added yet")).to_be_visible()
    shot(page, "form-with-errors")
    page.get_by_label("Email", exact=True).fill(f"ana{int(time.time())}@example.org")
    page.get_by_role("button", name="Add my name").click()
    expect(page.get_by_role("heading", name="One step left")).to_be_visible()
    shot(page, "check-your-inbox")
    page.goto(confirm_path(page))
    shot(page, "confirm")
    page.get_by_role("button", name="Confirm my name").click()
    page.wait_for_load_state()
    shot(page, "thank-you")


def confirm_path(page: Page) -> str:
    """Return the path of the link in the newest demo mail, waiting until the worker has written it."""
    for _attempt in range(60):
        page.goto("/demo/mail/")
        mail = page.get_by_role("link", name=re.compile("One step left")).first
        if mail.count():
            mail.click()
            page.wait_for_load_state()
            found = re.search(r"/pledge/confirm/[\w-]+/", page.content())
            if found:
                return found[0]
        page.wait_for_timeout(500)
    raise SystemExit("No mail came: does the demo's worker run?")


def editor(browser: Browser) -> None:
    """The editor's screen with the block picker open."""
    page = visitor(browser, {"width": 1366, "height": 768})
    page.goto("/admin/login/")
    page.get_by_label("Username").fill("editor")
    page.get_by_label("Password").fill(os.environ["PLEDGE_DEMO_PASSWORD"])
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(re.compile("/admin/$"))
    page.goto("/admin/pages/search/?q=Ratify+the+Migrant+Workers+Convention")
    page.get_by_role("link", name="Ratify the Migrant Workers Convention").first.click()
    page.get_by_role("tab", name="Story").click()
    page.get_by_role("button", name="Insert a block").first.click()
    expect(page.get_by_text("Proof", exact=True).first).to_be_visible()
    shot(page, "editor-block-picker")


def main() -> None:
    """Take them all."""
    path = os.environ.get("PLEDGE_CHROMIUM") or shutil.which("chromium")
    if not path:
        raise SystemExit("No Chromium: make system, or name one with PLEDGE_CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        for take in (public_pages, signing, editor):
            take(browser)
        browser.close()


if __name__ == "__main__":
    main()
