"""The list "Waiting for confirmation" in the admin, with a moderator's permissions."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import Group, Permission, User
from django.core import mail
from playwright.sync_api import Page, expect
from wagtail.models import Collection, GroupCollectionPermission
from wagtail.users.models import UserProfile

from tests.browser.conftest import DESKTOP
from tests.browser.owner import IN_ADMIN, WIDTHS, fits, sent
from tests.browser.test_editor import log_in
from tests.campaign_fixtures import campaign, individual
from tests.journey import submissions, work

__all__ = ["campaign", "individual"]

pytestmark = [pytest.mark.requirement("ED2", "E20"), pytest.mark.django_db]

LIST = "/admin/pledge-submissions/"


@pytest.fixture
def moderator(campaign: Any) -> User:
    group = Group.objects.create(name="Our moderators")
    group.permissions.add(Permission.objects.get(codename="access_admin"))
    for codename in ("view_pledge", "moderate_pledge", "view_contact_data"):
        right = Permission.objects.get(codename=codename, content_type__app_label="wagtail_pledge")
        root = Collection.get_first_root_node()
        GroupCollectionPermission.objects.create(group=group, collection=root, permission=right)
    user = User.objects.create_user("ed", password="ed", first_name="Ed", last_name="Ng")
    user.groups.add(group)
    return user


def assert_accessible(page: Page, context: str) -> None:
    """Check our part of the page; the rest is Wagtail's."""
    page.wait_for_load_state("load")
    expect(page.locator(context).first).to_be_visible()
    result = Axe().run(page, context=context)
    assert result.violations_count == 0, result.generate_report()


@IN_ADMIN
def test_a_moderator_finds_a_form_sends_its_mail_again_and_removes_it(
    open_page: Callable[..., Page], moderator: User, individual: Any, viewport: dict[str, int], script: bool
) -> None:
    sent(individual, is_mailed=False, name="Ana María López", details={"city": "Oakland"})
    sent(individual, is_mailed=False, name="Eva", email="eva@example.org")
    work()
    page = open_page(viewport, java_script_enabled=script)
    log_in(page)
    page.goto(LIST)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Waiting for confirmation")
    rows = page.locator("table.listing tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("Sent")
    if script:
        assert_accessible(page, "table.listing")
    assert fits(page)

    page.goto(f"{LIST}?address=ANA@example.org")
    expect(rows).to_have_count(1)
    page.get_by_role("link", name="Ana María López").click()
    expect(page.locator("main")).to_contain_text("ana@example.org")
    expect(page.locator("main")).to_contain_text("Oakland")
    expect(page.get_by_text("This is not a signature yet.")).to_be_visible()
    if script:
        assert_accessible(page, "#who-content")
        assert_accessible(page, "#facts-content")
    assert fits(page)

    mail.outbox.clear()
    page.get_by_role("button", name="Send the email again").click()
    expect(page.get_by_text("The email is queued. It is sent only if")).to_be_visible()
    work()
    assert [message.to for message in mail.outbox] == [["ana@example.org"]]
    page.get_by_role("link", name="Ana María López").click()
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_text("Removed. Its link no longer works")).to_be_visible()
    expect(rows).to_have_count(1)
    assert submissions().filter(ended_at=None).count() == 1


def test_by_keyboard(open_page: Callable[..., Page], moderator: User, individual: Any) -> None:
    sent(individual, is_mailed=False)
    page = open_page(DESKTOP)
    log_in(page)
    page.goto(LIST)
    link = page.locator("table.listing tbody a").first
    link.focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/inspect/"))
    button = page.get_by_role("button", name="Send the email again")
    for _press in range(60):
        page.keyboard.press("Tab")
        if button.evaluate("button => button === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(page.get_by_text("The email is queued.")).to_be_visible()


@WIDTHS
@pytest.mark.parametrize(("code", "title"), [("es", "Pendiente de confirmar"), ("ar", "")])
def test_in_other_languages(
    open_page: Callable[..., Page],
    moderator: User,
    individual: Any,
    *,
    viewport: dict[str, int],
    code: str,
    title: str,
) -> None:
    """Wagtail's admin is right to left in Arabic; its own texts are translated, ours are in Spanish."""
    UserProfile.objects.create(user=moderator, preferred_language=code)
    sent(individual, is_mailed=False, name="نور الهدى حداد")
    page = open_page(viewport)
    log_in_by_name(page)
    page.goto(LIST)
    if title:
        expect(page.get_by_role("heading", level=1)).to_contain_text(title)
    assert page.evaluate("getComputedStyle(document.body).direction") == ("rtl" if code == "ar" else "ltr")
    assert_accessible(page, "table.listing")
    assert fits(page)
    page.get_by_role("link", name="نور الهدى حداد").click()
    assert_accessible(page, "#facts-content")
    assert fits(page)


def log_in_by_name(page: Page) -> None:
    page.goto("/admin/login/")
    page.locator("[name=username]").fill("ed")
    page.locator("[name=password]").fill("ed")
    page.locator("main [type=submit]").click()
    page.wait_for_url(re.compile("/admin/$"))
