"""Setting up a second factor and logging in with it."""

from __future__ import annotations

import re
import time
from base64 import b32decode
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth import get_user_model
from django_otp.oath import TOTP
from playwright.sync_api import Page, expect
from wagtail.users.models import UserProfile

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.owner import EVERYWHERE, IN_ADMIN, fits

pytestmark = [pytest.mark.requirement("PV5"), pytest.mark.django_db]

NAME, PASSWORD = "rosa", "rainy-harbour-lantern"
SETUP = "/admin/account/second-factor/"


@pytest.fixture(autouse=True)
def _is_required(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = True


@pytest.fixture
def user(db: None) -> Any:
    return get_user_model().objects.create_superuser(
        NAME, "rosa@example.org", PASSWORD, first_name="Rosa", last_name="Ruiz"
    )


def code_for(key: str) -> str:
    """Return what an authenticator app shows for the key that the page shows."""
    totp = TOTP(b32decode(key))
    totp.time = time.time()
    return f"{totp.token():06}"


def log_in(page: Page, code: str = "") -> None:
    page.goto("/admin/login/")
    page.locator("[name=username]").fill(NAME)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=otp_token]").fill(code)
    with page.expect_navigation():
        page.locator("main [type=submit]").click()


def log_out(page: Page) -> None:
    page.context.clear_cookies()


def assert_accessible(page: Page, context: str = "#main .nice-padding") -> None:
    """Check this project's part of the page; the rest is Wagtail's."""
    page.wait_for_load_state("load")
    expect(page.locator(context)).to_be_visible()
    result = Axe().run(page, context=context)
    assert result.violations_count == 0, result.generate_report()


@IN_ADMIN
def test_a_user_sets_it_up_and_logs_in_with_it(
    open_page: Callable[..., Page], user: Any, viewport: dict[str, int], script: bool
) -> None:
    page = open_page(viewport, java_script_enabled=script)
    log_in(page)
    page.goto("/admin/")
    # Nothing else works until it is set up
    expect(page).to_have_url(re.compile(f"{SETUP}$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Second factor")
    picture = page.get_by_role("img", name="QR code with the key below")
    assert picture.evaluate("picture => picture.complete && picture.naturalWidth") > 150
    box = picture.bounding_box()
    assert box is not None
    assert box["width"] == pytest.approx(box["height"], abs=1)
    key = page.locator("#second-factor-key").inner_text()
    if script:
        assert_accessible(page)
    assert fits(page)

    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Set up").click()
    expect(page.get_by_text("That code is not right, or was used before.")).to_be_visible()
    if script:
        assert_accessible(page)
    assert page.locator("#second-factor-key").inner_text() == key
    # django-otp lets nobody try again within a second of a wrong code
    user.totpdevice_set.update(throttling_failure_timestamp=None, throttling_failure_count=0)

    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_label("Code").fill(code_for(key))
    page.get_by_role("button", name="Set up").click()
    expect(page.get_by_text("not shown again")).to_be_visible()
    recovery = page.locator("#recovery-codes li").all_inner_texts()
    assert len(set(recovery)) == 10
    if script:
        assert_accessible(page)
    assert fits(page)
    page.get_by_role("link", name="I have saved them").click()
    expect(page).to_have_url(re.compile("/admin/$"))

    log_out(page)
    log_in(page)
    expect(page.get_by_text("Enter the code from your app, or a recovery code.")).to_be_visible()
    log_in(page, recovery[0])
    expect(page).to_have_url(re.compile("/admin/$"))
    page.goto(SETUP)
    expect(page.get_by_text("You have a second factor.")).to_be_visible()
    if script:
        assert_accessible(page)
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_label("Code").fill(recovery[1])
    page.get_by_role("button", name="New recovery codes").click()
    expect(page.locator("#recovery-codes li")).to_have_count(10)
    fresh = page.locator("#recovery-codes li").all_inner_texts()
    assert set(fresh).isdisjoint(recovery)


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_by_keyboard(open_page: Callable[..., Page], user: Any, script: bool) -> None:
    page = open_page(DESKTOP, java_script_enabled=script)
    log_in(page)
    page.goto(SETUP)
    key = page.locator("#second-factor-key").inner_text()
    for name, typed in (("password", PASSWORD), ("code", code_for(key))):
        for _press in range(90):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.name") == name:
                break
        page.keyboard.type(typed)
    page.keyboard.press("Enter")
    expect(page.locator("#recovery-codes li")).to_have_count(10)


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["390", "1280"])
def test_in_spanish(open_page: Callable[..., Page], user: Any, viewport: dict[str, int]) -> None:
    UserProfile.objects.create(user=user, preferred_language="es")
    page = open_page(viewport, locale="es-US")
    log_in(page)
    page.goto(SETUP)
    expect(page.get_by_role("heading", level=1)).to_have_text("Segundo factor")
    expect(page.get_by_text("Escanee esta imagen con ella o escriba la clave.")).to_be_visible()
    expect(page.get_by_role("button", name="Configurar")).to_be_visible()
    assert_accessible(page)
    assert fits(page)


@EVERYWHERE
def test_after_five_failed_logins_the_page_says_what_to_do(
    open_page: Callable[..., Page], user: Any, viewport: dict[str, int], script: bool
) -> None:
    page = open_page(viewport, java_script_enabled=script)
    for _attempt in range(5):
        page.goto("/admin/login/")
        page.locator("[name=username]").fill(NAME)
        page.locator("[name=password]").fill("wrong")
        with page.expect_navigation():
            page.locator("main [type=submit]").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Too many failed logins")
    expect(page.get_by_text("not possible for 15 minutes")).to_be_visible()
    if script:
        assert_accessible(page, "main")
    assert fits(page)
