"""Checks a page for accessibility and overflow: two widths, light and dark, and a narrow screen at 200 % text size."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, Request
from wagtail.models import Locale

from tests.browser.conftest import PHONE
from tests.projects.campaign import home

LANGUAGES: Final = ("en", "ar")

#: With the two directions of writing, each pair of (direction, width, scheme) comes up once.
VIEWS: Final = {"ltr": ((390, "light"), (1280, "dark")), "rtl": ((1280, "light"), (390, "dark"))}
RUN: Final = "axe.run(document, {resultTypes: ['violations']})"
NARROW: Final = 320
#: The first elements that stick out, by tag and class.
WIDEST: Final = """width => [...document.querySelectorAll("body *:not(.pledge-trap, .pledge-trap *, .pledge-hidden)")]
    .filter(e => e.getBoundingClientRect().right > width + 1 || e.getBoundingClientRect().left < -1)
    .filter(e => !e.closest("[tabindex='0'], svg"))
    .slice(0, 4).map(e => `${e.tagName}.${e.className} “${e.textContent.trim().slice(0, 20)}”`).join(" ")"""


class Look:
    """A call checks the current page and notes what is wrong; the fixture fails the test with all of it."""

    def __init__(self, page: Page, origin: str) -> None:
        self.page = page
        self.origin = origin
        self.problems: list[str] = []
        self.seen: list[str] = []
        page.context.on("request", self._asked)

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.origin, "data:", "blob:")):
            self.problems.append(f"asked elsewhere: {request.url}")

    def __call__(self, name: str) -> None:
        """Note what is wrong with the page, under ``name``."""
        direction = self.page.evaluate("getComputedStyle(document.documentElement).direction")
        self.seen.append(f"{name} {direction}")
        self.page.evaluate(AXE_SCRIPT)
        for width, scheme in VIEWS[direction]:
            self.page.set_viewport_size({"width": width, "height": 900})
            self.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            where = f"{name}, {direction}, {width}, {scheme}"
            self._accessible(where)
            self._fits(where, width)
        self._headed(name)
        self._narrow(f"{name}, {direction}, {NARROW} at 200 %")

    def _accessible(self, where: str) -> None:
        for violation in self.page.evaluate(RUN)["violations"]:
            places = [node["html"][:120] for node in violation["nodes"][:3]]
            self.problems.append(f"{where}: {violation['id']}: {violation['help']}: {places}")

    def _fits(self, where: str, width: int) -> None:
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            self.problems.append(f"{where}: {wide} px wide: {self.page.evaluate(WIDEST, width)}")

    def _headed(self, name: str) -> None:
        headings = self.page.locator("h1").all_inner_texts()
        if len(headings) != 1 or not headings[0].strip():
            self.problems.append(f"{name}: first headings {headings}")
        if not self.page.title().strip():
            self.problems.append(f"{name}: no title")

    def _narrow(self, where: str) -> None:
        self.page.set_viewport_size({"width": NARROW, "height": 640})
        self.page.evaluate("document.documentElement.style.fontSize = '200%'")
        self._fits(where, NARROW)
        self.page.evaluate("document.documentElement.style.fontSize = ''")

    def fail(self) -> None:
        """Fail for everything noted, also for a cookie."""
        found = [*self.problems, *(f"cookie {cookie['name']}" for cookie in self.page.context.cookies())]
        if found:
            raise AssertionError("\n".join(found))


@pytest.fixture
def visitor(open_page: Callable[..., Page]) -> Page:
    """Somebody who looks at many pages."""
    return open_page(PHONE)


@pytest.fixture
def look(visitor: Page, live_server: Any) -> Iterator[Look]:
    """``look("name")`` notes what is wrong with the visitor's page; the test fails for all of it at its end."""
    looking = Look(visitor, live_server.url)
    yield looking
    looking.fail()


def translated(*pages: Any) -> None:
    """Publish each page in Arabic as well, below its parent's Arabic page."""
    arabic, _made = Locale.objects.get_or_create(language_code="ar")
    for page in (home(), *pages):
        copy = page.copy_for_translation(arabic)
        copy.save_revision().publish()


def in_language(page: Any, code: str) -> str:
    """Return the address of the page in this language."""
    own = page if code == "en" else page.get_translation(Locale.objects.get(language_code=code))
    return str(own.url)
