"""A browser before the demo, and how a picture is kept."""

from __future__ import annotations

import re
import secrets
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from picture_demo import BASE, CALL
from pictures import PICTURES
from PIL import Image
from playwright.sync_api import Browser, Page, expect

HERE: Final = Path(__file__).resolve().parent
PHONE: Final = (390, 844)
DESK: Final = (1280, 900)
#: A picture that waits for the window to come near would be missing from one of the whole page.
EAGER: Final = "document.querySelectorAll('img[loading]').forEach(image => { image.loading = 'eager' })"
LOADED: Final = """Promise.all([...document.images].filter(image => !image.complete).map(
    image => new Promise(done => { image.onload = image.onerror = done })))"""

#: As many as one byte a pixel can name.
COLOURS: Final = 256

Size = tuple[int, int]
Colour = tuple[int, ...]


class Studio:
    """A browser before the demo, and the demo's stage."""

    def __init__(self, browser: Browser, environment: dict[str, str]) -> None:
        self.browser = browser
        self.environment = environment

    def visitor(self, size: Size, *, dark: bool = False, locale: str = "en-US") -> Page:
        """Return a fresh visitor's page."""
        viewport: Any = {"width": size[0], "height": size[1]}
        scheme: Any = "dark" if dark else "light"
        context = self.browser.new_context(
            base_url=BASE, viewport=viewport, color_scheme=scheme, locale=locale, reduced_motion="reduce"
        )
        return context.new_page()

    def at(self, path: str, size: Size, *, dark: bool = False, locale: str = "en-US") -> Page:
        """Return a fresh visitor's page that shows ``path``."""
        page = self.visitor(size, dark=dark, locale=locale)
        page.goto(path)
        return page

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


def mail_to(page: Page, address: str) -> str:
    """Return the path of the newest mail to ``address``, waiting until the worker has written it; the page shows it."""
    for _attempt in range(120):
        page.goto("/demo/mail/")
        mail = page.get_by_role("listitem").filter(has_text=address).get_by_role("link").first
        if mail.count():
            mail.click()
            page.wait_for_load_state()
            return page.url.removeprefix(BASE)
        page.wait_for_timeout(500)
    raise SystemExit("No mail came: does the demo's worker run?")


def confirm_path(page: Page, address: str) -> str:
    """Return the path of the link in the mail to ``address``."""
    mail_to(page, address)
    found = re.search(r"/pledge/confirm/[\w-]+/", page.content())
    page.close()
    if not found:
        raise SystemExit("The mail holds no link to confirm.")
    return found[0]


def reduced(drawn: Image.Image) -> Image.Image:
    """Return the picture in its 256 most frequent colours, exactly, and each other as the nearest of them.

    Pillow's own way mixes colours: the brand's amber came out beige.
    """
    counted: Any = drawn.getcolors(drawn.width * drawn.height)
    common = [colour for _times, colour in sorted(counted, reverse=True)[:COLOURS]]
    place = {colour: number for number, colour in enumerate(common)}
    for _times, colour in counted:
        if colour not in place:
            place[colour] = min(range(len(common)), key=lambda number: _distance(common[number], colour))
    channels = drawn.tobytes()
    pixels = bytes(map(place.__getitem__, zip(channels[::3], channels[1::3], channels[2::3], strict=True)))
    picture = Image.frombytes("P", drawn.size, pixels)
    picture.putpalette([channel for colour in common for channel in colour])
    return picture


def _distance(one: Colour, other: Colour) -> int:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))


def shot(page: Page, name: str, *, whole: bool = False) -> None:
    """Write one picture of what the window shows, or of the whole page."""
    page.evaluate(EAGER)
    page.evaluate(LOADED)
    path = HERE / f"{name}.png"
    page.screenshot(path=path, full_page=whole)
    with Image.open(path) as taken:
        drawn = taken.convert("RGB")
    if PICTURES.get(name) != drawn.width:
        raise SystemExit(f"{name} is {drawn.width} pixels wide; pictures.py says {PICTURES.get(name)}.")
    reduced(drawn).save(path, optimize=True)
    sys.stdout.write(f"{path.name} {path.stat().st_size // 1024} kB\n")
