"""The pages that the owner of a mailbox opens: forms that were sent, their links, and how the pages are checked."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page
from wagtail.models import Locale

from tests.browser.conftest import DESKTOP, PHONE
from tests.projects.campaign import home
from wagtail_pledge.core.db import database_now
from wagtail_pledge.signing.services import CONFIRM, token_for
from wagtail_pledge.testing.factories import SubmissionFactory

#: Each combination of width and scripting that visitors have.
EVERYWHERE: Final = pytest.mark.parametrize(
    ("viewport", "script"),
    [(PHONE, True), (PHONE, False), (DESKTOP, True), (DESKTOP, False)],
    ids=["390", "390 no script", "1280", "1280 no script"],
)
#: On a phone without JavaScript, the menu of Wagtail's admin covers its pages.
IN_ADMIN: Final = pytest.mark.parametrize(
    ("viewport", "script"),
    [(PHONE, True), (DESKTOP, True), (DESKTOP, False)],
    ids=["390", "1280", "1280 no script"],
)
WIDTHS: Final = pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["390", "1280"])


def sent(way: Any, *, is_mailed: bool = True, **values: Any) -> Any:
    """Store a form for the signer type of a page; with ``is_mailed``, its mail has left and was opened."""
    signer_type = way.signer_type
    known = {"pledge": signer_type.pledge, "signer_type": signer_type, "email": "ana@example.org", **values}
    if is_mailed:
        known |= {"mailed_at": database_now(), "used_at": database_now()}
    return SubmissionFactory(**known)


def confirm_path_of(submission: Any) -> str:
    """Return the path of the confirm link of the submission's mail."""
    return f"/pledge/confirm/{token_for(CONFIRM, submission)}/"


def details_on(page: Page) -> dict[str, str]:
    """Return the visible pairs of label and value."""
    pairs = page.locator("main dl > div:visible").all()
    return {pair.locator("dt").inner_text(): pair.locator("dd").inner_text() for pair in pairs}


def fits(page: Page) -> bool:
    """Return whether the page does not scroll sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def in_language(code: str, *pages: Any) -> None:
    """Publish the pages in another language, below the translated home page."""
    locale, _made = Locale.objects.get_or_create(language_code=code)
    for page in (home(), *pages):
        page.copy_for_translation(locale).save_revision().publish()


def path_of(url: str) -> str:
    """Return the path of an absolute URL in a mail."""
    return urlsplit(url).path
