"""Accessibility and overflow checks of a page: two widths, light and dark, and a narrow screen at 200 % text size."""

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

#: Over both text directions, each combination of width and colour scheme is checked once.
VIEWS: Final = {"ltr": ((390, "light"), (1280, "dark")), "rtl": ((1280, "light"), (390, "dark"))}
#: Only what is shown here leaves the browser: the whole result has hundreds of elements.
VIOLATIONS: Final = "axe.run(document, {resultTypes: ['violations']}).then((result) => result.violations)"
NARROW: Final = 320
#: The first elements that overflow, by tag and class.
WIDEST: Final = """width => [...document.querySelectorAll("body *:not(.pledge-trap, .pledge-trap *, .pledge-hidden)")]
    .filter(e => e.getBoundingClientRect().right > width + 1 || e.getBoundingClientRect().left < -1)
    .filter(e => !e.closest("[tabindex='0'], svg"))
    .slice(0, 4).map(e => `${e.tagName}.${e.className} “${e.textContent.trim().slice(0, 20)}”`).join(" ")"""


class PageAudit:
    """Calling it checks the current page and records problems; the fixture fails the test with all of them."""

    def __init__(self, page: Page, origin: str) -> None:
        self.page = page
        self.origin = origin
        self.problems: list[str] = []
        self.seen: list[str] = []
        page.context.on("request", self._on_request)

    def _on_request(self, request: Request) -> None:
        if not request.url.startswith((self.origin, "data:", "blob:")):
            self.problems.append(f"asked elsewhere: {request.url}")

    def __call__(self, name: str) -> None:
        """Record problems of the current page under ``name``."""
        direction = self.page.evaluate("getComputedStyle(document.documentElement).direction")
        self.seen.append(f"{name} {direction}")
        self.page.evaluate(AXE_SCRIPT)
        for width, scheme in VIEWS[direction]:
            self.page.set_viewport_size({"width": width, "height": 900})
            self.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            where = f"{name}, {direction}, {width}, {scheme}"
            self._check_accessibility(where)
            self._check_width(where, width)
        self._check_headings(name)
        self._check_narrow(f"{name}, {direction}, {NARROW} at 200 %")

    def _check_accessibility(self, where: str) -> None:
        for violation in self.page.evaluate(VIOLATIONS):
            places = [node["html"][:120] for node in violation["nodes"][:3]]
            self.problems.append(f"{where}: {violation['id']}: {violation['help']}: {places}")

    def _check_width(self, where: str, width: int) -> None:
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            self.problems.append(f"{where}: {wide} px wide: {self.page.evaluate(WIDEST, width)}")

    def _check_headings(self, name: str) -> None:
        headings = self.page.locator("h1").all_inner_texts()
        if len(headings) != 1 or not headings[0].strip():
            self.problems.append(f"{name}: first headings {headings}")
        if not self.page.title().strip():
            self.problems.append(f"{name}: no title")

    def _check_narrow(self, where: str) -> None:
        self.page.set_viewport_size({"width": NARROW, "height": 640})
        self.page.evaluate("document.documentElement.style.fontSize = '200%'")
        self._check_width(where, NARROW)
        self.page.evaluate("document.documentElement.style.fontSize = ''")

    def fail(self) -> None:
        """Fail with all recorded problems and cookies."""
        found = [*self.problems, *(f"cookie {cookie['name']}" for cookie in self.page.context.cookies())]
        if found:
            raise AssertionError("\n".join(found))


@pytest.fixture
def visitor(open_page: Callable[..., Page]) -> Page:
    """A page that visits many URLs."""
    return open_page(PHONE)


@pytest.fixture
def audit(visitor: Page, live_server: Any) -> Iterator[PageAudit]:
    """``audit("name")`` records problems of the visitor's page; the test fails at its end with all of them."""
    page_audit = PageAudit(visitor, live_server.url)
    yield page_audit
    page_audit.fail()


def translated(*pages: Any) -> None:
    """Publish each page in Arabic too, below its parent's Arabic page."""
    arabic, _made = Locale.objects.get_or_create(language_code="ar")
    for page in (home(), *pages):
        copy = page.copy_for_translation(arabic)
        copy.save_revision().publish()


def in_language(page: Any, code: str) -> str:
    """Return the URL of the page in this language."""
    own = page if code == "en" else page.get_translation(Locale.objects.get(language_code=code))
    return str(own.url)
