"""Take the pictures of the docs: ``make screenshots``.

It sets up a demo of its own in a directory that it throws away, and serves it on ``PORT``.
``docs/editors/pictures.md`` shows them; ``take.py signing treaty`` takes only what those two take.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from picture_demo import BASE, CALL, demo
from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

HERE: Final = Path(__file__).resolve().parent
PHONE: Final = (390, 844)
DESK: Final = (1280, 900)
COLOURS: Final = 128
#: Pixels; a taller picture is shown at half its size.
TALL: Final = 3_000
FLAGS: Final = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


class Studio:
    """A browser before the demo, and the demo's stage."""

    def __init__(self, browser: Browser, environment: dict[str, str]) -> None:
        self.browser = browser
        self.environment = environment

    def visitor(self, size: tuple[int, int], *, dark: bool = False, locale: str = "en-US") -> Page:
        """Return a fresh visitor's page."""
        viewport: Any = {"width": size[0], "height": size[1]}
        scheme: Any = "dark" if dark else "light"
        context = self.browser.new_context(
            base_url=BASE, viewport=viewport, color_scheme=scheme, locale=locale, reduced_motion="reduce"
        )
        return context.new_page()

    def stage(self, *words: str) -> None:
        """Bring the database into another state (``stage.py``)."""
        subprocess.run([sys.executable, str(HERE / "stage.py"), *words], env=self.environment, check=True)

    def signed(self, page: Page, name: str) -> str:
        """Sign as somebody new and return the path that the mail leads to; the page shows the inbox."""
        page.goto(CALL)
        page.get_by_label("Full name").fill(name)
        address = f"{secrets.token_hex(4)}@example.org"
        page.get_by_label("Email", exact=True).fill(address)
        page.get_by_role("button", name="Add my name").click()
        expect(page.get_by_role("heading", name="One step left")).to_be_visible()
        return confirm_path(page.context.new_page(), address)


def shot(page: Page, name: str, *, whole: bool = False) -> None:
    """Write one picture of what the window shows, or of the whole page, in few colours: the docs stay small."""
    path = HERE / f"{name}.png"
    page.screenshot(path=path, full_page=whole)
    with Image.open(path) as taken:
        drawn = taken.convert("RGB")
    if drawn.height > TALL:
        drawn = drawn.reduce(2)
    drawn.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    sys.stdout.write(f"{path.name} {path.stat().st_size // 1024} kB\n")


def confirm_path(page: Page, address: str) -> str:
    """Return the path of the link in the mail to ``address``, waiting until the worker has written it."""
    for _attempt in range(120):
        page.goto("/demo/mail/")
        mail = page.get_by_role("listitem").filter(has_text=address).get_by_role("link").first
        if mail.count():
            mail.click()
            page.wait_for_load_state()
            found = re.search(r"/pledge/confirm/[\w-]+/", page.content())
            page.close()
            if found:
                return found[0]
        page.wait_for_timeout(500)
    raise SystemExit("No mail came: does the demo's worker run?")


def campaign(studio: Studio) -> None:
    """1, 2, 6 and 7: the call."""
    page = studio.visitor(PHONE)
    page.goto(CALL)
    shot(page, "01-call-phone")
    page = studio.visitor((320, 640))
    page.goto(CALL)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    page.get_by_role("button", name="Add my name").scroll_into_view_if_needed()
    page.wait_for_timeout(300)  # the bar leaves when it sees the form
    wide = page.evaluate("document.documentElement.scrollWidth")
    if wide > 320:
        raise SystemExit(f"The call scrolls sideways: {wide} px on a window of 320.")
    shot(page, "02-call-large-text")
    page = studio.visitor(DESK)
    page.goto(CALL)
    shot(page, "06-call-desktop")
    page.locator(".pledge-bar").evaluate_all("bars => bars.forEach(bar => bar.remove())")
    shot(page, "06-call-whole", whole=True)
    page = studio.visitor(DESK, locale="ar")
    page.goto("/ar/ratify/")
    shot(page, "07-call-arabic")
    names = page.locator(".block-recent_signers")
    if names.count():
        names.scroll_into_view_if_needed()
        shot(page, "07-names-arabic")


def errors(studio: Studio) -> None:
    """3 and 8: what is wrong, said at the top and at the field."""
    page = studio.visitor(PHONE)
    page.goto(CALL)
    page.get_by_label("Full name").fill("Ana María López")
    page.get_by_role("button", name="Add my name").click()
    expect(page.get_by_role("group", name="Your name is not added yet")).to_be_visible()
    shot(page, "03-errors")
    page = studio.visitor(DESK)
    page.goto("/en/ratify/organization/")
    page.get_by_role("textbox", name="Organization").fill("Valley Tenants Union")
    page.get_by_label("Full name").fill("Luis Mora")
    page.get_by_role("textbox", name="role").fill("Coordinator")
    page.get_by_label("Work email").fill("luis@valley.example")
    page.get_by_role("button", name="Sign for the organization").click()
    expect(page.get_by_role("group", name="Your name is not added yet")).to_be_visible()
    shot(page, "08-organization-error", whole=True)


def signing(studio: Studio) -> None:
    """4 and 5, and the other moments of one signer."""
    page = studio.visitor(PHONE, dark=True)
    path = studio.signed(page, "Ana María López")
    page.get_by_text("No message?").click()
    shot(page, "04-inbox-dark", whole=True)
    page.get_by_role("button", name="Send it again").click()
    page.wait_for_load_state()
    shot(page, "state-resent", whole=True)
    page = studio.visitor(PHONE)
    page.goto(path)
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
    page.goto(path)
    shot(page, "state-expired")


def treaty(studio: Studio) -> None:
    """9 and 10: where the States stand."""
    page = studio.visitor((1440, 900), dark=True)
    page.goto("/en/treaty/?sort=consent&dir=desc")
    page.locator(".pledge-treaty-map").evaluate("element => element.scrollIntoView()")
    shot(page, "09-treaty-dark")
    page.locator(".pledge-treaty-table").evaluate("element => element.scrollIntoView()")
    shot(page, "09-treaty-table-dark")
    page = studio.visitor(PHONE)
    page.goto("/en/treaty/")
    shot(page, "10-treaty-phone")
    page.locator(".pledge-treaty-table").evaluate("element => element.scrollIntoView()")
    shot(page, "10-treaty-table-phone")


def failures(studio: Studio) -> None:
    """Nothing there, something broke, signing stopped for a moment."""
    for name, path in (("not-found", "/en/nothing/"), ("failure", "/failure/")):
        page = studio.visitor(PHONE)
        page.goto(path)
        shot(page, f"state-{name}")
    page = studio.visitor(PHONE)
    page.goto(CALL)
    page.get_by_label("Full name").fill("Ana María López")
    page.get_by_label("Email", exact=True).fill("ana@example.org")
    studio.stage("pause", "on")
    page.get_by_role("button", name="Add my name").click()
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    shot(page, "state-throttled")
    studio.stage("pause", "off")


def states(studio: Studio) -> None:
    """The list of calls, and the call while nobody can sign."""
    page = studio.visitor(DESK)
    page.goto("/en/calls/")
    shot(page, "calls", whole=True)
    for state in ("not_yet", "paused", "closed", "delivered", "won"):
        studio.stage("state", state)
        page = studio.visitor(PHONE)
        page.goto(CALL)
        shot(page, f"state-{state.replace('_', '-')}")
    studio.stage("state", "open")


def editor(studio: Studio) -> None:
    """The editor's screen with the block picker open."""
    page = studio.visitor((1366, 768))
    page.goto("/admin/login/")
    page.get_by_label("Username").fill("editor")
    page.get_by_label("Password").fill(studio.environment["PLEDGE_DEMO_PASSWORD"])
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(re.compile("/admin/$"))
    page.goto("/admin/pages/search/?q=Ratify+the+Migrant+Workers+Convention")
    page.get_by_role("link", name="Ratify the Migrant Workers Convention").first.click()
    page.get_by_role("tab", name="Story").click()
    page.get_by_role("button", name="Insert a block").first.click()
    expect(page.get_by_text("Proof", exact=True).first).to_be_visible()
    row = page.locator(".w-combobox__option-row").filter(has_text="Right in daily life")
    row.locator(".w-combobox__option-preview").first.click()
    # What opens fades in, and the preview is a page of its own
    page.wait_for_timeout(2_000)
    shot(page, "editor-block-picker")


#: In this order: the states come last, for the call is open in all the others.
SESSIONS: Final[tuple[Callable[[Studio], None], ...]] = (
    campaign,
    errors,
    signing,
    treaty,
    editor,
    failures,
    states,
)


def chosen() -> list[Callable[[Studio], None]]:
    """Return the sessions named on the command line, by default all."""
    known = {session.__name__: session for session in SESSIONS}
    return [known[word] for word in sys.argv[1:]] or list(SESSIONS)


def main() -> None:
    """Take them all, or those of the sessions that are named."""
    path = os.environ.get("PLEDGE_CHROMIUM") or shutil.which("chromium")
    if not path:
        raise SystemExit("No Chromium: make system, or name one with PLEDGE_CHROMIUM")
    with demo() as environment, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        for session in chosen():
            session(Studio(browser, environment))
        browser.close()


if __name__ == "__main__":
    main()
