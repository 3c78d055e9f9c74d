"""What an editor does in the admin, with the rights of an editor."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from playwright.sync_api import Page, expect
from wagtail.models import GroupPagePermission

from tests.projects.campaign import home
from tests.published import campaign, individual
from wagtail_pledge.signing.models import Statement

__all__ = ["campaign", "individual"]


@pytest.fixture
def editor(db: None) -> User:
    group = Group.objects.create(name="Campaigners")
    group.permissions.add(Permission.objects.get(codename="access_admin"))
    for codename in ("add_page", "change_page", "publish_page"):
        permission = Permission.objects.get(codename=codename, content_type__app_label="wagtailcore")
        GroupPagePermission.objects.create(group=group, page=home(), permission=permission)
    user = User.objects.create_user("ed", password="ed")
    user.groups.add(group)
    return user


def log_in(page: Page) -> None:
    page.goto("/admin/login/")
    page.get_by_label("Username").fill("ed")
    page.get_by_label("Password").fill("ed")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(re.compile("/admin/$"))


def publish(page: Page) -> None:
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("button", name="Publish").click()
    expect(page).to_have_url(re.compile(r"/admin/pages/\d+/$"))


def type_rich_text(page: Page, words: str) -> None:
    """Type into the focused rich text field and wait until the editor has put it into its form field."""
    page.keyboard.type(words)
    page.wait_for_function(
        "words => [...document.querySelectorAll('input[type=hidden], textarea')].some(f => f.value.includes(words))",
        arg=words,
    )


@pytest.mark.requirement("CP1", "CP10")
def test_an_editor_publishes_a_change_and_the_page_and_the_statement_follow(
    desktop: Page, client: Any, editor: User, campaign: Any, individual: Any
) -> None:
    log_in(desktop)
    desktop.goto(f"/admin/pages/{campaign.pk}/edit/")
    desktop.get_by_role("textbox", name="Who is asked").fill("A call to the Senate")
    desktop.locator("[data-contentpath=statement] [contenteditable=true]").click()
    desktop.keyboard.press("Control+a")
    type_rich_text(desktop, "We call for ratification, now.")
    publish(desktop)
    html = client.get(campaign.url).content.decode()
    assert "A call to the Senate" in html
    assert "We call for ratification, now." in html
    newest = Statement.objects.order_by("-number").first()
    assert newest is not None
    assert (newest.number, "We call for ratification, now." in newest.text) == (2, True)


@pytest.mark.requirement("CP9")
def test_an_editor_finds_a_block_by_its_group_and_adds_it(
    desktop: Page, client: Any, editor: User, campaign: Any, individual: Any
) -> None:
    log_in(desktop)
    desktop.goto(f"/admin/pages/{campaign.pk}/edit/")
    desktop.get_by_role("tab", name="Story").click()
    desktop.get_by_role("button", name="Insert a block").first.click()
    for group in ("Ask", "Story", "Proof", "Progress", "Data"):
        expect(desktop.get_by_text(group, exact=True).first).to_be_visible()
    desktop.get_by_role("option", name=re.compile("Questions and answers|FAQ|Frequent", re.IGNORECASE)).click()
    desktop.get_by_role("textbox", name="Question").first.fill("Does it open borders?")
    desktop.locator("[contenteditable=true]:visible").last.click()
    type_rich_text(desktop, "No. Article 79 says so.")
    publish(desktop)
    html = client.get(campaign.url).content.decode()
    assert "Does it open borders?" in html
    assert "No. Article 79 says so." in html
