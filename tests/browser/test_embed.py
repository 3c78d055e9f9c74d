"""The form in an iframe on another website, served from another port."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Frame, Page, expect

from tests.browser.conftest import DESKTOP, PHONE, PageErrors
from tests.browser.test_signing import fill_person
from tests.campaign_fixtures import campaign, individual
from tests.journey import confirm_path, signatures, submissions, work
from wagtail_pledge.signing.models import EmbedOrigin

__all__ = ["campaign", "individual"]

pytestmark = pytest.mark.requirement("RE2", "I57")

PAGE = """<!DOCTYPE html><html lang="en"><title>Partner</title><body><main><h1>Partner</h1>
<a href="{call}" data-pledge-embed="{form}">Sign the call</a>
<script async src="{script}"></script></main></body></html>"""
PLAIN = '<!DOCTYPE html><html lang="en"><title>Partner</title><iframe title="Sign" src="{form}" height="1400"></iframe>'
HEIGHT = "document.querySelector('iframe').getBoundingClientRect().height"

Sites = Callable[..., str]


@contextmanager
def serving(html: str) -> Iterator[str]:
    """Serve one page at its own origin."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/" else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(html.encode() if self.path == "/" else b"")

        def log_message(self, *_args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def partner(live_server: Any, campaign: Any, individual: Any) -> Iterator[Sites]:
    """``partner(template, allowed=…)``: the origin of a website that embeds the form."""
    form = f"{live_server.url}/pledge/{campaign.pledge.uuid}/embed/?lang=en"
    urls = {"form": form, "call": live_server.url + campaign.url, "script": f"{live_server.url}/pledge/embed.js"}
    open_sites = []

    def start(template: str = PAGE, *, allowed: bool) -> str:
        site = serving(template.format(**urls))
        origin = site.__enter__()
        open_sites.append(site)
        if allowed:
            EmbedOrigin.objects.create(pledge=campaign.pledge, origin=origin)
        return origin

    yield start
    for site in open_sites:
        site.__exit__(None, None, None)


def frame_of(page: Page) -> Frame:
    """Return the frame once its page has loaded."""
    expect(page.frame_locator("iframe").get_by_role("heading", level=1)).to_be_visible()
    return page.frames[1]


def sign_in(frame: Any) -> None:
    fill_person(frame)
    frame.get_by_role("button", name="Add my name").click()


@pytest.mark.requirement("C6")
def test_signing_on_an_allowed_website(phone: Page, partner: Sites, assert_accessible: Callable[[Page], None]) -> None:
    origin = partner(allowed=True)
    phone.goto(origin)
    direct = str(phone.locator("iframe").get_attribute("src"))
    assert_accessible(phone)
    phone.goto(direct)
    assert_accessible(phone)
    phone.goto(origin)
    frame = frame_of(phone)
    expect(phone.locator("iframe")).to_have_attribute("title", "Sign the call")
    # The iframe is as high as its content: no scrolling, no empty space
    phone.wait_for_function(f"{HEIGHT} > 700")
    assert frame.evaluate("document.documentElement.scrollHeight - innerHeight") == 0
    before = phone.evaluate(HEIGHT)
    sign_in(frame)
    expect(phone.frame_locator("iframe").get_by_role("heading", level=1)).to_have_text("One step left")
    phone.wait_for_function(f"{HEIGHT} < {before}")
    work()
    assert submissions().count() == 1
    assert phone.context.cookies() == []
    phone.goto(confirm_path("ana@example.org"))
    phone.get_by_role("button", name="Confirm my name").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Thank you so much")
    assert signatures().get().is_counted


@pytest.mark.requirement("C6")
def test_the_form_is_not_shown_on_other_websites(phone: Page, partner: Sites, page_errors: PageErrors) -> None:
    partner(allowed=True)
    phone.goto(partner(allowed=False))
    expect(phone.locator("iframe")).to_be_attached()
    with phone.expect_event("console", lambda message: "frame-ancestors" in message.text):
        phone.reload()
    assert phone.frame_locator("iframe").get_by_role("button", name="Add my name").count() == 0
    assert phone.frames[1].url == "chrome-error://chromewebdata/"
    refused = [text for text in page_errors.problems if "frame-ancestors" in text]
    assert refused
    assert refused == page_errors.problems
    page_errors.problems.clear()


def test_links_in_the_form_open_in_a_new_window(phone: Page, partner: Sites, campaign: Any) -> None:
    campaign.privacy_note = f'<p>Never shown. <a href="{campaign.url}">Details</a></p>'
    campaign.save_revision().publish()
    phone.goto(partner(allowed=True))
    frame = frame_of(phone)
    with phone.expect_popup() as opened:
        frame.get_by_role("link", name="Details").click()
    expect(opened.value).to_have_url(re.compile(f"{campaign.url}$"))
    assert "/embed/" in frame.url


def test_a_plain_iframe_works_without_javascript(open_page: Callable[..., Page], partner: Sites) -> None:
    page = open_page(DESKTOP, java_script_enabled=False)
    page.goto(partner(PLAIN, allowed=True))
    frame = page.frame_locator("iframe")
    sign_in(frame)
    expect(frame.get_by_role("heading", level=1)).to_contain_text("Check your details and sign")
    frame.get_by_role("button", name="Add my name").click()
    expect(frame.get_by_role("heading", level=1)).to_have_text("One step left")
    assert submissions().count() == 1


def test_without_javascript_a_link_to_the_campaign_is_shown(
    open_page: Callable[..., Page], partner: Sites, campaign: Any
) -> None:
    page = open_page(PHONE, java_script_enabled=False)
    page.goto(partner(allowed=True))
    page.get_by_role("link", name="Sign the call").click()
    expect(page).to_have_url(re.compile(f"{campaign.url}$"))


def test_invalid_messages_and_messages_of_other_origins_are_ignored(desktop: Page, partner: Sites) -> None:
    desktop.goto(partner(allowed=True))
    frame = frame_of(desktop)
    desktop.wait_for_function(f"{HEIGHT} != 768")
    height = desktop.evaluate(HEIGHT)

    def settled_height() -> float:
        # Messages arrive in order: when this one arrives, earlier ones have been handled
        arrived = "new Promise((done) => addEventListener('message', ({data}) => data === 'last' && done()))"
        waiting = desktop.evaluate_handle(f"({{ arrived: {arrived} }})")
        frame.evaluate("parent.postMessage('last', '*')")
        desktop.evaluate("({ arrived }) => arrived", waiting)
        return float(desktop.evaluate(HEIGHT))

    desktop.evaluate("postMessage('pledge:height:2000', '*')")
    for message in ("'pledge:height:' + '9'.repeat(1_000_000)", "'pledge:height:-2'", "['pledge:height:2000']", "{}"):
        frame.evaluate(f"parent.postMessage({message}, '*')")
    assert settled_height() == height
    frame.evaluate("parent.postMessage('pledge:height:2000', '*')")
    assert settled_height() == 2000


def test_the_frame_sends_its_height_only_to_allowed_websites(
    desktop: Page, live_server: Any, partner: Sites, campaign: Any
) -> None:
    origin = partner(allowed=True)
    desktop.goto(origin)
    frame_of(desktop)
    # Opened directly, the page is its own parent, which is not an allowed website
    direct = desktop.context.new_page()
    direct.goto(f"{live_server.url}/pledge/{campaign.pledge.uuid}/embed/")
    received = (
        "new Promise((done) => { const all = []; addEventListener('message', ({data}) => { all.push(data); "
        "if (data === 'last') done(all); }); })"
    )
    waiting = direct.evaluate_handle(f"({{ received: {received} }})")
    direct.evaluate("postMessage('pledge:hello', '*'); dispatchEvent(new Event('resize')); postMessage('last', '*')")
    assert direct.evaluate("({ received }) => received", waiting) == ["pledge:hello", "last"]
    # A large message from an allowed website is ignored too; its hello is answered
    waiting = desktop.evaluate_handle(f"({{ received: {received} }})")
    to_frame = "document.querySelector('iframe').contentWindow.postMessage"
    desktop.evaluate(f"{to_frame}('pledge:hello' + ' '.repeat(1_000_000), '*'); {to_frame}('pledge:hello', '*')")
    desktop.wait_for_function("true")
    desktop.frames[1].evaluate("parent.postMessage('last', '*')")
    texts = desktop.evaluate("({ received }) => received", waiting)
    assert [text[:14] for text in texts] == ["pledge:height:", "last"]
