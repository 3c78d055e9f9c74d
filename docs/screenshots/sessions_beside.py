"""What stands around the call: other pages, mail, another website, paper, the editor's screen."""

from __future__ import annotations

import re
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from picture_demo import BASE, CALL
from playwright.sync_api import expect
from studio import DESK, PHONE, Studio, mail_to, shot

#: US Letter at 96 pixels an inch.
LETTER: Final = (816, 1056)
PARTNER: Final = """<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Riverside Mutual Aid</title>
<style>body { font: 18px/1.6 Georgia, serif; color: #24303a; max-width: 46rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-weight: 400; border-bottom: 3px double #24303a } iframe { border: 0 }</style>
<h1>Riverside Mutual Aid</h1><p>A made-up partner of the campaign. Its readers sign without leaving the page.</p>
<a href="{call}" data-pledge-embed="{form}">Sign the call</a><script async src="{script}"></script></html>"""


def other_pages(studio: Studio) -> None:
    """Home, summary, an update, the list of calls."""
    shot(studio.at("/en/", (1440, 900)), "home-desktop", whole=True)
    shot(studio.at("/en/", PHONE), "home-phone")
    shot(studio.at("/en/summary/", DESK), "summary-desktop")
    shot(studio.at("/en/ratify/anniversary/", DESK), "update", whole=True)
    shot(studio.at("/en/calls/", DESK), "calls", whole=True)


def mail(studio: Studio) -> None:
    """The message that asks to confirm, as mail programs show it."""
    page = studio.at(CALL, DESK)
    page.get_by_label("Full name").fill("Ana María López")
    address = f"{secrets.token_hex(4)}@example.org"
    page.get_by_label("Email", exact=True).fill(address)
    page.get_by_role("button", name="Add my name").click()
    expect(page.get_by_role("heading", name="One step left")).to_be_visible()
    path = f"{mail_to(page, address)}html/"
    for width, light, dark in ((360, "mail-360", "mail-360-dark"), (640, "mail-640", "mail-640-dark")):
        shot(studio.at(path, (width, 640)), light, whole=True)
        shot(studio.at(path, (width, 640), dark=True), dark, whole=True)


@contextmanager
def _serving(html: str) -> Iterator[str]:
    """Serve one page at an origin of its own."""

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


def embed(studio: Studio) -> None:
    """The form on a partner's page."""
    page = studio.at(CALL, DESK)
    action = page.locator("form.pledge-form").get_attribute("action") or ""
    form = f"{BASE}{action.partition('sign/')[0]}embed/?lang=en"
    html = PARTNER.replace("{call}", BASE + CALL).replace("{form}", form)
    with _serving(html.replace("{script}", f"{BASE}/pledge/embed.js")) as origin:
        studio.stage("embed", origin)
        page.goto(origin)
        expect(page.frame_locator("iframe").get_by_role("heading", level=1)).to_be_visible()
        page.wait_for_function("document.querySelector('iframe').getBoundingClientRect().height > 700")
        shot(page, "embed-partner", whole=True)


def on_paper(studio: Studio) -> None:
    """The call as it prints."""
    page = studio.visitor(LETTER)
    page.emulate_media(media="print")
    page.goto(CALL)
    page.evaluate("document.body.style.margin = '0.6in'")  # which the printer adds
    shot(page, "print", whole=True)


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
