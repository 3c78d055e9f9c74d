"""Screenshots of other pages, the confirmation mail, the embedded form, the print view and the editor."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from browser import DESKTOP, PHONE, DemoBrowser, mail_to, save_screenshot
from demo_site import BASE, CAMPAIGN_PATH
from playwright.sync_api import expect

LAPTOP: Final = (1366, 768)
#: US Letter at 96 pixels an inch.
US_LETTER: Final = (816, 1056)
PARTNER: Final = """<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Riverside Mutual Aid</title>
<style>body { font: 18px/1.6 Georgia, serif; color: #24303a; max-width: 46rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-weight: 400; border-bottom: 3px double #24303a } iframe { border: 0 }</style>
<h1>Riverside Mutual Aid</h1><p>A made-up partner of the campaign. Its readers sign without leaving the page.</p>
<a href="{campaign}" data-pledge-embed="{form}">Sign the campaign</a><script async src="{script}"></script></html>"""


def other_pages(demo: DemoBrowser) -> None:
    """Home page, summary, an update and the list of campaigns."""
    save_screenshot(demo.open("/en/", (1440, 900)), "home-desktop", full_page=True)
    save_screenshot(demo.open("/en/", PHONE), "home-phone")
    save_screenshot(demo.open("/en/summary/", DESKTOP), "summary-desktop")
    save_screenshot(demo.open("/en/ratify/anniversary/", DESKTOP), "update", full_page=True)
    save_screenshot(demo.open("/en/calls/", DESKTOP), "calls", full_page=True)


def mail(demo: DemoBrowser) -> None:
    """The confirmation mail, as mail programs show it."""
    page = demo.open(CAMPAIGN_PATH, DESKTOP)
    page.get_by_label("Full name").fill("Ana María López")
    address = f"{secrets.token_hex(4)}@example.org"
    page.get_by_label("Email", exact=True).fill(address)
    page.get_by_role("button", name="Sign the Call for Support").click()
    expect(page.get_by_role("heading", name="One step left")).to_be_visible()
    path = f"{mail_to(page, address)}html/"
    for width, light, dark in ((360, "mail-360", "mail-360-dark"), (640, "mail-640", "mail-640-dark")):
        save_screenshot(demo.open(path, (width, 640)), light, full_page=True)
        save_screenshot(demo.open(path, (width, 640), dark=True), dark, full_page=True)


@contextmanager
def _serving(html: str) -> Iterator[str]:
    """Serve one page at another origin."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, *_args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def embed(demo: DemoBrowser) -> None:
    """The form on a partner's website."""
    page = demo.open(CAMPAIGN_PATH, DESKTOP)
    action = page.locator("form.pledge-form").get_attribute("action") or ""
    form = f"{BASE}{action.partition('sign/')[0]}embed/?lang=en"
    html = PARTNER.replace("{campaign}", BASE + CAMPAIGN_PATH).replace("{form}", form)
    with _serving(html.replace("{script}", f"{BASE}/pledge/embed.js")) as origin:
        demo.set_state("embed", origin)
        page.goto(origin)
        expect(page.frame_locator("iframe").get_by_role("heading", level=1)).to_be_visible()
        page.wait_for_function("document.querySelector('iframe').getBoundingClientRect().height > 700")
        save_screenshot(page, "embed-partner", full_page=True)


def print_view(demo: DemoBrowser) -> None:
    """The campaign page as it prints."""
    page = demo.new_page(US_LETTER)
    page.emulate_media(media="print")
    page.goto(CAMPAIGN_PATH)
    page.evaluate("document.body.style.margin = '0.6in'")  # as a printer's margin
    save_screenshot(page, "print", full_page=True)


def staff(demo: DemoBrowser) -> None:
    """The list of forms that wait for confirmation, and the page that sets up a second factor."""
    demo.set_state("several", f"{secrets.token_hex(4)}@example.org")
    page = demo.new_page(LAPTOP)
    demo.log_in(page, "moderator")
    page.goto("/admin/pledge-submissions/")
    save_screenshot(page, "admin-waiting")
    page.goto("/admin/account/second-factor/")
    save_screenshot(page, "admin-second-factor", full_page=True)


def editor(demo: DemoBrowser) -> None:
    """The page editor with the block picker open."""
    page = demo.new_page(LAPTOP)
    demo.log_in(page, "editor")
    page.goto("/admin/pages/search/?q=Ratify+the+Migrant+Workers+Convention")
    page.get_by_role("link", name="Ratify the Migrant Workers Convention").first.click()
    page.get_by_role("tab", name="Story").click()
    page.get_by_role("button", name="Insert a block").first.click()
    expect(page.get_by_text("Evidence", exact=True).first).to_be_visible()
    row = page.locator(".w-combobox__option-row").filter(has_text="Right in daily life")
    row.locator(".w-combobox__option-preview").first.click()
    # The picker fades in, and the preview loads a page of its own
    page.wait_for_timeout(2_000)
    save_screenshot(page, "editor-block-picker")
