"""Opens pages of the demo site in a browser, and saves screenshots."""

from __future__ import annotations

import re
import secrets
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from demo_site import BASE, CAMPAIGN_PATH
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from sizes import WIDTHS

HERE: Final = Path(__file__).resolve().parent
PHONE: Final = (390, 844)
DESKTOP: Final = (1280, 900)
#: Lazy images would be missing from a screenshot of the full page.
EAGER: Final = "document.querySelectorAll('img[loading]').forEach(image => { image.loading = 'eager' })"
LOADED: Final = """Promise.all([...document.images].filter(image => !image.complete).map(
    image => new Promise(done => { image.onload = image.onerror = done })))"""

#: A palette image has one byte per pixel.
COLOURS: Final = 256

Size = tuple[int, int]
Colour = tuple[int, ...]


class DemoBrowser:
    """Opens pages of the demo site, and changes the state of its database."""

    def __init__(self, browser: Browser, environment: dict[str, str]) -> None:
        self.browser = browser
        self.environment = environment

    def new_page(self, size: Size, *, dark: bool = False, locale: str = "en-US") -> Page:
        """Return an empty page in a new browser context, without cookies."""
        viewport: Any = {"width": size[0], "height": size[1]}
        scheme: Any = "dark" if dark else "light"
        context = self.browser.new_context(
            base_url=BASE, viewport=viewport, color_scheme=scheme, locale=locale, reduced_motion="reduce"
        )
        return context.new_page()

    def open(self, path: str, size: Size, *, dark: bool = False, locale: str = "en-US") -> Page:
        """Open ``path`` in a new browser context, without cookies."""
        page = self.new_page(size, dark=dark, locale=locale)
        page.goto(path)
        return page

    def set_state(self, *arguments: str) -> str:
        """Change the state of the demo site's database with ``demo_state.py``; return what it prints."""
        command = [sys.executable, str(HERE / "demo_state.py"), *arguments]
        done = subprocess.run(command, env=self.environment, check=True, stdout=subprocess.PIPE, encoding="utf-8")
        return done.stdout.strip()

    def log_in(self, page: Page, user: str) -> None:
        """Log in to the admin as one of the demo's users."""
        page.goto("/admin/login/")
        page.get_by_label("Username").fill(user)
        page.get_by_label("Password").fill(self.environment["PLEDGE_DEMO_PASSWORD"])
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(re.compile("/admin/$"))

    def sign(self, page: Page, name: str) -> str:
        """Sign with a new address and return the path of the confirm link; the page shows "check your inbox"."""
        page.goto(CAMPAIGN_PATH)
        page.get_by_label("Full name").fill(name)
        address = f"{secrets.token_hex(4)}@example.org"
        page.get_by_label("Email", exact=True).fill(address)
        page.get_by_role("button", name="Sign the Call for Support").click()
        expect(page.get_by_role("heading", name="One step left")).to_be_visible()
        return confirm_path(page.context.new_page(), address)


def mail_to(page: Page, address: str) -> str:
    """Wait for a mail to ``address``, open it and return its path."""
    for _attempt in range(120):
        page.goto("/demo/mail/")
        mail = page.get_by_role("listitem").filter(has_text=address).get_by_role("link").first
        if mail.count():
            mail.click()
            page.wait_for_load_state()
            return page.url.removeprefix(BASE)
        page.wait_for_timeout(500)
    raise SystemExit("No mail arrived. Is the demo site's worker running?")


def confirm_path(page: Page, address: str) -> str:
    """Return the path of the confirm link in the mail to ``address``."""
    mail_to(page, address)
    path = link_in(page.content(), "confirm")
    page.close()
    return path


def link_in(html: str, view: str) -> str:
    """Return the path of the link to a view in a mail."""
    found = re.search(rf"/pledge/{view}/[\w-]+/", html)
    if not found:
        raise SystemExit(f"The mail has no link to {view}.")
    return found[0]


def reduce_colours(drawn: Image.Image) -> Image.Image:
    """Return the image with a palette of its 256 most frequent colours; other colours become the nearest of them.

    Pillow's own quantization averages colours, which turned the amber of the brand into beige.
    """
    counted: Any = drawn.getcolors(drawn.width * drawn.height)
    common = [colour for _times, colour in sorted(counted, reverse=True)[:COLOURS]]
    place = {colour: number for number, colour in enumerate(common)}
    for _times, colour in counted:
        if colour not in place:
            place[colour] = min(range(len(common)), key=lambda number: _distance(common[number], colour))
    channels = drawn.tobytes()
    pixels = bytes(map(place.__getitem__, zip(channels[::3], channels[1::3], channels[2::3], strict=True)))
    palette_image = Image.frombytes("P", drawn.size, pixels)
    palette_image.putpalette([channel for colour in common for channel in colour])
    return palette_image


def _distance(one: Colour, other: Colour) -> int:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))


def save_screenshot(page: Page, name: str, *, full_page: bool = False) -> None:
    """Save a screenshot of the visible part of the page, or of the full page."""
    page.evaluate(EAGER)
    page.evaluate(LOADED)
    path = HERE / f"{name}.png"
    page.screenshot(path=path, full_page=full_page)
    with Image.open(path) as taken:
        drawn = taken.convert("RGB")
    if WIDTHS.get(name) != drawn.width:
        raise SystemExit(f"{name} is {drawn.width} pixels wide; sizes.py says {WIDTHS.get(name)}.")
    reduce_colours(drawn).save(path, optimize=True)
    sys.stdout.write(f"{path.name} {path.stat().st_size // 1024} kB\n")
