"""Signing, confirming and withdrawing by keyboard only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import pytest
from playwright.sync_api import Page
from wagtail.models import Locale

from tests.browser.conftest import DESKTOP
from tests.browser.test_every_page import questions
from tests.campaign_fixtures import campaign, individual, organization
from tests.journey import confirm_path, signatures, work
from tests.projects.campaign import home
from wagtail_pledge.signing.enums import SignatureState
from wagtail_pledge.signing.services import MANAGE, token_for

__all__ = ["campaign", "individual", "organization"]

pytestmark = [pytest.mark.requirement("X4", "SG9", "RE5"), pytest.mark.django_db]

OUTLINED: Final = "getComputedStyle(document.activeElement).outlineStyle !== 'none'"
SEND: Final = "form[data-stamp-url] button[type=submit]"
PERSON: Final = {"name": "Ana María López", "email": "ana@example.org", "country": "U"}
OFFICER: Final = {**PERSON, "organization": "Casa del Pueblo", "role": "Directora", "authorized": " "}
#: What is typed into each type of question; a choice is ticked with the space bar.
ANSWERS: Final = {
    "short_text": "UFW",
    "long_text": "Because.",
    "number": "3",
    "date": "12181990",
    "country": "M",
    "postal_code": "94612",
}


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the element has the focus, and check that the focus is visible."""
    for _press in range(90):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            assert page.evaluate(OUTLINED), f"the focus does not show on {selector}"
            return
    pytest.fail(f"Tab does not reach {selector}")


def press_enter(page: Page, selector: str) -> None:
    tab_to(page, selector)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def in_spanish(*pages: Any) -> None:
    spanish, _made = Locale.objects.get_or_create(language_code="es")
    for page in (home(), *pages):
        page.copy_for_translation(spanish).save_revision().publish()


def fill(page: Page, values: dict[str, str]) -> None:
    """Fill in the form in the order of its fields."""
    names = page.evaluate("[...document.querySelectorAll('form[data-stamp-url] [name]')].map(e => e.name)")
    for name in dict.fromkeys(names):
        text = values.get(name, "")
        if name.startswith("q_"):
            text = ANSWERS.get(name.removeprefix("q_"), " ")
        if text:
            tab_to(page, f"[name={name}]")
            page.keyboard.type(text)


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
@pytest.mark.parametrize(("kind", "code"), [("individual", "en"), ("individual", "es"), ("organization", "es")])
def test_signing_confirming_and_withdrawing_by_keyboard(
    open_page: Callable[..., Page], campaign, individual, organization, kind: str, code: str, script: bool
) -> None:
    own = {"individual": individual, "organization": organization}[kind]
    own.questions = own._meta.get_field("questions").to_python(questions())
    own.save_revision().publish()
    if code == "es":
        in_spanish(campaign, individual, organization)
        own = own.get_translation(Locale.objects.get(language_code="es"))
    page = open_page(DESKTOP, java_script_enabled=script)
    page.goto(own.url)
    fill(page, OFFICER if kind == "organization" else PERSON)
    press_enter(page, SEND)
    if not script:
        press_enter(page, SEND)
    assert "/pledge/inbox/" in page.url, page.locator("main").inner_text()
    work()
    page.goto(confirm_path("ana@example.org"))
    press_enter(page, "main form button")
    signature = signatures().get()
    assert (signature.state, signature.locale) == (SignatureState.CONFIRMED, code)
    assert set(signature.answers) == {child.block_type for child in own.questions}
    page.goto(f"/pledge/manage/{token_for(MANAGE, signature)}/")
    tab_to(page, "details:has(form) > summary")
    page.keyboard.press("Enter")
    press_enter(page, "main form button")
    signature.refresh_from_db()
    assert signature.state == SignatureState.WITHDRAWN
