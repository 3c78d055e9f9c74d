"""Fixtures for browser tests: Chromium with the live server; script errors and CSP violations fail the test."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

HERE: Final = Path(__file__).resolve().parent
PICTURES: Final = HERE.parent.parent / ".cache" / "browser"
PHONE: Final = {"width": 390, "height": 844}
DESKTOP: Final = {"width": 1280, "height": 900}
ARGUMENTS: Final = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
#: Chromium logs every response with an error status, also expected ones (422 for form errors, 503 when paused)
REFUSALS: Final = re.compile(r"Failed to load resource: the server responded with a status of (4\d\d|503)")
FAILED: Final = pytest.StashKey[bool]()

#: Long enough for a busy machine
expect.set_options(timeout=30_000)
#: Playwright's synchronous API runs an event loop in this thread, which Django takes for an async context
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[Any]:
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    # The headless shell renders the same without the browser's user interface, at a third of the CPU time
    path = os.environ.get("PLEDGE_CHROMIUM") or shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if not path:
        pytest.fail("No Chromium: run make system, or name one with PLEDGE_CHROMIUM")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield chromium
        chromium.close()


#: Reports violations of a page's CSP. Runs before all scripts of the page and is exempt from its CSP
LISTENER: Final = """
addEventListener("securitypolicyviolation", (event) => {
  const what = `${event.effectiveDirective} ${event.blockedURI} (${event.sourceFile}:${event.lineNumber})`;
  if (!location.pathname.startsWith("/admin/")) pledgePolicyViolated(`policy violation: ${what}`);
}, true);
"""


@pytest.fixture(autouse=True)
def _no_autosave(settings: Any) -> None:
    """Switch autosave off: Wagtail refuses a form that is sent while it autosaves, so tests would depend on speed."""
    settings.WAGTAIL_AUTOSAVE_INTERVAL = 0


class PageErrors:
    """Collects script errors and violations of the Content Security Policy."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def listen(self, context: BrowserContext) -> None:
        context.expose_function("pledgePolicyViolated", self._on_violation)
        context.add_init_script(LISTENER)
        context.on("console", self._on_console)
        context.on("weberror", lambda error: self.problems.append(f"script error: {error.error}"))

    def _on_violation(self, what: str) -> None:
        self.problems.append(what)

    def _on_console(self, message: ConsoleMessage) -> None:
        in_admin = message.page is not None and "/admin/" in message.page.url
        if message.type == "error" and not in_admin and not REFUSALS.match(message.text):
            self.problems.append(message.text)


@pytest.fixture
def page_errors() -> Iterator[PageErrors]:
    """Fail the test on page errors. A test that expects errors clears ``page_errors.problems``."""
    errors = PageErrors()
    yield errors
    assert errors.problems == []


@pytest.fixture
def open_page(
    request: pytest.FixtureRequest, browser: Browser, live_server: Any, page_errors: PageErrors
) -> Iterator[Callable[..., Page]]:
    """Return ``open_page(viewport, **options)``: a page in a new browser context with the live server as base URL."""
    contexts: list[BrowserContext] = []

    def make(viewport: dict[str, int], **options: Any) -> Page:
        usual = {"base_url": live_server.url, "locale": "en-US", "reduced_motion": "reduce"}
        context = browser.new_context(viewport=viewport, **{**usual, **options})
        context.set_default_timeout(60_000)
        page_errors.listen(context)
        contexts.append(context)
        return context.new_page()

    yield make
    for number, context in enumerate(contexts):
        if request.node.stash.get(FAILED, False) and context.pages:
            name = re.sub(r"[^\w.-]+", "-", request.node.name)
            context.pages[-1].screenshot(path=PICTURES / f"{name}-{number}.png", full_page=True)
        context.close()


@pytest.fixture
def phone(open_page: Callable[..., Page]) -> Page:
    """A page on a phone."""
    return open_page(PHONE, has_touch=True, is_mobile=True, device_scale_factor=2)


@pytest.fixture
def phone_without_script(open_page: Callable[..., Page]) -> Page:
    """A page on a phone with JavaScript disabled."""
    return open_page(PHONE, has_touch=True, is_mobile=True, java_script_enabled=False)


@pytest.fixture
def desktop(open_page: Callable[..., Page]) -> Page:
    """A page on a large screen."""
    return open_page(DESKTOP)


@pytest.fixture
def assert_accessible() -> Callable[[Page], None]:
    """Return a check that axe finds no violation on the current page."""

    def check(page: Page) -> None:
        result = Axe().run(page)
        assert result.violations_count == 0, result.generate_report()

    return check
