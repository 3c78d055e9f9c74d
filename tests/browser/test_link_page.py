"""``<pledge>/link/``: somebody gets the link to their signature by mail again."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.owner import EVERYWHERE, fits, in_language, path_of, sent
from tests.browser.test_keyboard import press_enter, tab_to
from tests.campaign_fixtures import campaign, individual
from tests.journey import work
from wagtail_pledge.signing.models import LinkRequest
from wagtail_pledge.testing.factories import SignatureFactory

__all__ = ["campaign", "individual"]

pytestmark = [pytest.mark.requirement("SG5", "E20", "X1"), pytest.mark.django_db]


@pytest.fixture
def signature(campaign: Any, individual: Any) -> Any:
    return SignatureFactory(pledge=campaign.pledge, name="Ana María López", email="ana@example.org")


def link_path(campaign: Any, query: str = "") -> str:
    return f"/pledge/{campaign.pledge.uuid}/link/{query}"


def manage_path() -> str:
    found = re.search(r"https?://\S+/manage/[^\s?]+", str(mail.outbox[-1].body))
    assert found, mail.outbox[-1].body
    return path_of(found[0])


@EVERYWHERE
def test_a_signer_gets_the_link(
    open_page: Callable[..., Page], campaign, signature, assert_accessible, viewport: dict[str, int], script: bool
) -> None:
    page = open_page(viewport, java_script_enabled=script)
    page.goto(link_path(campaign))
    expect(page.get_by_role("heading", level=1)).to_have_text("Get the link to your signature")
    if script:
        assert_accessible(page)
    assert fits(page)
    field = page.get_by_label("Your email address")
    field.fill("ana@")
    page.get_by_role("button", name="Email me the link").click()
    expect(page).to_have_title(re.compile("^Error:"))
    expect(field).to_be_focused()
    expect(field).to_have_value("ana@")
    expect(field).to_have_accessible_description(re.compile("email address"))
    if script:
        assert_accessible(page)
    assert fits(page)
    field.fill("ana@example.org")
    page.get_by_role("button", name="Email me the link").click()
    expect(page.get_by_role("status")).to_contain_text("If this address has signed, we will email its link")
    if script:
        assert_accessible(page)
    assert fits(page)
    page.reload()
    assert LinkRequest.objects.count() == 1
    work()
    assert [message.to for message in mail.outbox] == [["ana@example.org"]]
    page.goto(manage_path())
    expect(page.get_by_role("heading", level=1)).to_have_text("Your signature")
    expect(page.locator("main")).to_contain_text("Ana María López")


@pytest.mark.requirement("B1", "SG4")
def test_the_page_and_its_answer_are_the_same_for_everybody(phone: Page, campaign, individual, signature) -> None:
    sent(individual, is_mailed=False, email="waiting@example.org")
    seen = set()
    for address in ("ana@example.org", "waiting@example.org", "stranger@example.org"):
        phone.goto(link_path(campaign))
        phone.get_by_label("Your email address").fill(address)
        phone.get_by_role("button", name="Email me the link").click()
        expect(phone.get_by_role("status")).to_be_visible()
        seen.add((phone.url, phone.content()))
    assert len(seen) == 1
    assert phone.context.cookies() == []


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_by_keyboard(open_page: Callable[..., Page], campaign, signature, script: bool) -> None:
    page = open_page(DESKTOP, java_script_enabled=script)
    page.goto(link_path(campaign))
    tab_to(page, "main [name=email]")
    page.keyboard.type("ana@example.org")
    press_enter(page, "main [type=submit]")
    expect(page.get_by_role("status")).to_be_visible()


@pytest.mark.requirement("X4")
@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["390", "1280"])
@pytest.mark.parametrize(
    ("code", "title", "button"),
    [
        ("es", "Recibir el enlace a su firma", "Enviarme el enlace"),
        ("ar", "الحصول على رابط توقيعك", "أرسلوا إليّ الرابط"),
    ],
)
def test_other_languages(
    open_page: Callable[..., Page], campaign, signature, assert_accessible, *, viewport, code: str, title: str, button
) -> None:
    in_language(code, campaign)
    page = open_page(viewport)
    page.goto(link_path(campaign, f"?lang={code}"))
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    assert page.evaluate("getComputedStyle(document.body).direction") == ("rtl" if code == "ar" else "ltr")
    assert_accessible(page)
    page.locator("main [name=email]").fill("ana@example.org")
    page.get_by_role("button", name=button).click()
    expect(page.get_by_role("status")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    assert_accessible(page)
    assert fits(page)
