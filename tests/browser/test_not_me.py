"""The page of "Stop emailing me": it bars the mailbox, can be undone, and leads to a signature if there is one."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.core import mail
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.owner import EVERYWHERE, fits, in_language, path_of, sent
from tests.browser.test_keyboard import press_enter
from tests.campaign_fixtures import campaign, individual
from tests.journey import confirm_all, signatures, submissions, work
from wagtail_pledge.signing.models import Suppression
from wagtail_pledge.signing.services import token_for
from wagtail_pledge.signing.services.suppression import NOT_ME

__all__ = ["campaign", "individual"]

pytestmark = [pytest.mark.requirement("C5", "E20", "X1"), pytest.mark.django_db]


def not_me_path() -> str:
    """Return the path of the link in the last mail."""
    found = re.search(r"https?://\S+/not-me/[^\s?]+", str(mail.outbox[-1].body))
    assert found, mail.outbox[-1].body
    return path_of(found[0])


def heading(page: Page) -> str:
    return page.get_by_role("heading", level=1).inner_text()


@EVERYWHERE
def test_the_mailbox_is_barred_and_the_link_on_the_page_undoes_it(
    open_page: Callable[..., Page], campaign, individual, assert_accessible, viewport: dict[str, int], script: bool
) -> None:
    sent(individual, is_mailed=False)
    work()
    page = open_page(viewport, java_script_enabled=script)

    def check(title: str) -> None:
        assert heading(page) == title
        expect(page).to_have_title(re.compile(f"^{re.escape(title)}"))
        if script:
            assert_accessible(page)
        assert fits(page)

    page.goto(not_me_path())
    check("Stop emails to this address?")
    expect(page.get_by_role("link", name="Ratify now")).to_be_visible()
    assert not Suppression.objects.exists()
    page.get_by_role("button", name="Stop emailing me").click()
    check("We will not email you again")
    expect(page.get_by_role("status")).to_contain_text("within a year, we will not email you")
    assert Suppression.objects.count() == 1
    assert submissions().get().end_reason == "not_me"
    page.reload()
    check("We will not email you again")
    page.get_by_role("link", name="Undo it now").click()
    check("Allow emails to this address again?")
    assert Suppression.objects.count() == 1
    page.get_by_role("button", name="Allow emails again").click()
    check("We can email you again")
    assert not Suppression.objects.exists()
    assert submissions().get().end_reason == "not_me"
    expect(page.get_by_role("link", name="Go to the campaign")).to_have_attribute("href", campaign.full_url)


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_by_keyboard_and_undone_from_the_last_mail(
    open_page: Callable[..., Page], campaign, individual, script: bool
) -> None:
    sent(individual, is_mailed=False)
    work()
    page = open_page(DESKTOP, java_script_enabled=script)
    page.goto(not_me_path())
    press_enter(page, "main [type=submit]")
    work()
    assert mail.outbox[-1].subject == "We will not email you again"
    page.goto(not_me_path())
    assert heading(page) == "Allow emails to this address again?"
    press_enter(page, "main [type=submit]")
    assert heading(page) == "We can email you again"
    assert not Suppression.objects.exists()


@EVERYWHERE
def test_after_confirming_it_leads_to_the_signature(
    open_page: Callable[..., Page], campaign, individual, assert_accessible, viewport: dict[str, int], script: bool
) -> None:
    submission = sent(individual)
    confirm_all()
    page = open_page(viewport, java_script_enabled=script)
    page.goto(f"/pledge/not-me/{token_for(NOT_ME, submission)}/")
    assert heading(page) == "You have signed"
    expect(page.get_by_role("button")).to_have_count(0)
    if script:
        assert_accessible(page)
    assert fits(page)
    page.get_by_role("link", name="See or withdraw my signature").click()
    page.get_by_text("Withdraw my signature").first.click()
    page.get_by_role("button", name="Withdraw my signature").click()
    assert heading(page) == "Your signature has been withdrawn"
    assert signatures().get().state == "withdrawn"
    assert not Suppression.objects.exists()


@pytest.mark.requirement("X4")
@pytest.mark.parametrize(
    ("code", "viewport", "titles"),
    [
        ("es", PHONE, ["¿Dejar de enviar correos a esta dirección?", "No le enviaremos más correos"]),
        ("es", DESKTOP, ["¿Dejar de enviar correos a esta dirección?", "No le enviaremos más correos"]),
        ("ar", PHONE, ["إيقاف الرسائل إلى هذا العنوان؟", "لن نرسل إليك رسائل أخرى"]),
        ("ar", DESKTOP, ["إيقاف الرسائل إلى هذا العنوان؟", "لن نرسل إليك رسائل أخرى"]),
    ],
)
def test_other_languages(
    open_page: Callable[..., Page], campaign, individual, assert_accessible, *, code: str, viewport, titles: list[str]
) -> None:
    in_language(code, campaign, individual)
    sent(individual, is_mailed=False, locale=code)
    work()
    page = open_page(viewport)
    page.goto(not_me_path())
    for title in titles:
        assert heading(page) == title
        direction = page.evaluate("getComputedStyle(document.body).direction")
        assert direction == ("rtl" if code == "ar" else "ltr")
        assert_accessible(page)
        assert fits(page)
        if title != titles[-1]:
            page.locator("main [type=submit]").click()
    work()
    assert mail.outbox[-1].subject == titles[-1]
    page.locator("main a[href*='/not-me/']").click()
    expect(page.locator("html")).to_have_attribute("lang", code)
    page.locator("main [type=submit]").click()
    expect(page.get_by_role("status")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", code)
    assert_accessible(page)
