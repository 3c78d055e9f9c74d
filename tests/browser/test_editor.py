"""Editing in the admin with an editor's permissions."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

import pytest
from django.contrib.auth.models import Group, Permission, User
from playwright.sync_api import Page, expect
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission

from tests.browser.conftest import PHONE
from tests.browser.test_signing import fill_person
from tests.campaign_fixtures import campaign, individual
from tests.journey import confirm_path, submitted, work
from tests.projects.campaign import home
from wagtail_pledge.pages.models import PledgePage
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


@pytest.fixture
def campaigner(editor: User) -> User:
    """An editor who may also edit pledges (dates, goal, steps) in one team's collection."""
    group = editor.groups.get()
    ours = Collection.get_first_root_node().add_child(name="Ours")
    for codename in ("view_pledge", "change_pledge"):
        right = Permission.objects.get(codename=codename, content_type__app_label="wagtail_pledge")
        GroupCollectionPermission.objects.create(group=group, collection=ours, permission=right)
    return editor


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


def type_rich_text(page: Page, text: str) -> None:
    """Type into the focused rich text field and wait until the editor has updated the form field."""
    page.keyboard.type(text)
    page.wait_for_function(
        "text => [...document.querySelectorAll('input[type=hidden], textarea')].some(f => f.value.includes(text))",
        arg=text,
    )


@pytest.mark.requirement("CP1", "CP10")
def test_publishing_a_change_updates_the_page_and_creates_a_statement(
    desktop: Page, client: Any, editor: User, campaign: Any, individual: Any
) -> None:
    log_in(desktop)
    desktop.goto(f"/admin/pages/{campaign.pk}/edit/")
    desktop.get_by_role("textbox", name="Whom you ask").fill("the Senate")
    desktop.locator("[data-contentpath=statement] [contenteditable=true]").click()
    desktop.keyboard.press("Control+a")
    type_rich_text(desktop, "We call for ratification, now.")
    publish(desktop)
    html = client.get(campaign.url).content.decode()
    assert "</b> asks the Senate" in html
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
    for group in ("Sign", "Story", "Evidence", "Progress", "Treaty data"):
        expect(desktop.get_by_text(group, exact=True).first).to_be_visible()
    desktop.get_by_role("option", name=re.compile("Questions and answers|FAQ|Frequent", re.IGNORECASE)).click()
    desktop.get_by_role("textbox", name="Question").first.fill("Does it open borders?")
    desktop.locator("[contenteditable=true]:visible").last.click()
    type_rich_text(desktop, "No. Article 79 says so.")
    publish(desktop)
    html = client.get(campaign.url).content.decode()
    assert "Does it open borders?" in html
    assert "No. Article 79 says so." in html


def start_page(page: Page, below: Any, kind: str) -> None:
    """Go from the explorer to the empty form of a new page."""
    page.goto(f"/admin/pages/{below.pk}/")
    with page.expect_navigation():
        page.get_by_role("link", name="Add child page").first.click()
    if page.url.endswith("/add_subpage/"):  # there is something to choose
        page.get_by_role("link", name=re.compile(f"^{kind}")).click()


def type_into(page: Page, field: str, text: str) -> None:
    page.locator(f"[data-contentpath={field}] [contenteditable=true]").click()
    type_rich_text(page, text)


def insert(page: Page, block: str) -> None:
    """Insert a block at the end of the visible stream with the picker."""
    buttons = page.get_by_role("button", name="Insert a block").locator("visible=true")
    before = buttons.count()
    buttons.last.click()
    page.get_by_role("option", name=block).click()
    # The new block has a button after it, which the next call has to find
    expect(buttons).not_to_have_count(before)


#: Preview modes and a text that only this mode shows.
PREVIEWS: Final = {
    "Page": "Who pays?",
    "Form with errors": "Your name has not been added yet",
    "Check your inbox": "One step left",
    "Check your inbox, sent again": (
        "If an email is due to this address, we will send it again, usually within minutes. "
        "We send only a few each day. Check your spam folder too."
    ),
    "Confirm": "Confirm my name",
    "Thank you": "You are in",
    "Already confirmed": "Already confirmed, thank you",
    "Withdrawn": "Your signature has been withdrawn",
    "Won": "Won",
}


@pytest.mark.requirement("CP1", "CP7", "CP8", "CP9", "SG9")
def test_an_editor_creates_a_campaign_and_a_visitor_signs_it(
    desktop: Page, open_page: Callable[..., Page], campaigner: User, settings: Any
) -> None:
    """The whole tutorial, tab by tab, and the first signature."""
    settings.WAGTAIL_AUTOSAVE_INTERVAL = 500  # Wagtail's default
    log_in(desktop)
    start_page(desktop, home(), "Campaign page")
    desktop.get_by_role("textbox", name=re.compile("^Title")).fill("Fair pay for pickers")
    desktop.get_by_role("textbox", name="Who asks").fill("Pickers United")
    desktop.get_by_role("textbox", name="Whom you ask").fill("the Assembly")
    desktop.get_by_role("textbox", name="Introduction").fill(
        "Half of them earn too little. The Assembly can change it."
    )
    type_into(desktop, "statement", "We call for a fair wage.")

    expect(desktop.get_by_text("57 characters. Best up to 140; more is allowed.", exact=True)).to_be_visible()

    desktop.get_by_role("tab", name="Story").click()
    expect(desktop.get_by_role("textbox", name="Quotation")).to_be_empty()
    insert(desktop, "Progress")
    insert(desktop, "Questions and answers")
    desktop.get_by_role("textbox", name="Question").first.fill("Who pays?")
    desktop.locator("[contenteditable=true]:visible").last.click()
    type_rich_text(desktop, "Those who sell the fruit.")
    desktop.get_by_role("tab", name="Form").click()
    desktop.get_by_role("textbox", name="Button").fill("Count me in")
    desktop.get_by_role("tab", name="After signing").click()
    desktop.get_by_role("textbox", name="Thank-you heading").fill("You are in")

    # The first automatic save turns the add form into the edit form
    expect(desktop).to_have_url(re.compile(r"/edit/(#[\w-]+)?$"))
    expect(desktop.get_by_text("Saved", exact=True).first).to_be_visible(timeout=20_000)
    desktop.get_by_role("button", name="Toggle preview").click()
    for mode, text in PREVIEWS.items():
        desktop.get_by_label("Preview mode").select_option(label=mode)
        shown = desktop.frame_locator("iframe[title=Preview]").first
        expect(shown.get_by_text(text, exact=True).first).to_be_visible(timeout=20_000)
    publish(desktop)
    settings.WAGTAIL_AUTOSAVE_INTERVAL = 0
    call = PledgePage.objects.get(title="Fair pay for pickers")
    assert [block.block_type for block in call.body] == ["progress", "faq"]
    assert (call.pledge.state, call.pledge.title) == ("open", "Fair pay for pickers")

    desktop.goto(f"/admin/pages/{call.pk}/edit/")
    desktop.get_by_role("button", name="Actions", exact=True).first.click()
    desktop.get_by_role("link", name="Campaign: dates, goal, signatures").click()
    desktop.get_by_role("spinbutton", name="Goal").fill("1000")
    desktop.get_by_role("textbox", name="Steps to the goal").fill("10 100 1000")
    desktop.get_by_role("button", name="Save").click()
    expect(desktop).to_have_url(re.compile("/pledges/$"))

    start_page(desktop, call, "Way to sign")
    desktop.get_by_role("textbox", name=re.compile("^Title")).fill("As a person")
    insert(desktop, "Short text")
    desktop.get_by_role("textbox", name="Question").fill("Your union")
    publish(desktop)

    desktop.goto("about:blank")

    visitor = open_page(PHONE)
    visitor.goto(call.url)
    fill_person(visitor)
    visitor.get_by_label("Your union").fill("UFW")
    visitor.get_by_role("button", name="Count me in").click()
    expect(visitor).to_have_url(re.compile("/pledge/inbox/"))
    work()
    visitor.goto(confirm_path("ana@example.org"))
    visitor.get_by_role("button", name="Confirm my name").click()
    expect(visitor.get_by_role("heading", level=1)).to_have_text("You are in")
    work()
    visitor.goto(f"{call.url}?counted")
    expect(visitor.get_by_text("1 signed").first).to_be_visible()
    assert submitted().answers == {"your_union": "UFW"}


@pytest.mark.requirement("CP9")
def test_errors_mark_their_tab_and_untouched_blocks_do_not(desktop: Page, editor: User, campaign: Any) -> None:
    log_in(desktop)
    desktop.goto(f"/admin/pages/{campaign.pk}/edit/")
    desktop.get_by_role("tab", name="Story").click()
    insert(desktop, "Endorsement")
    insert(desktop, "Timeline of facts")
    desktop.get_by_role("textbox", name="Quotation").fill("We pick it.")
    desktop.get_by_role("tab", name="Campaign").click()
    desktop.get_by_role("button", name="More actions").click()
    desktop.get_by_role("button", name="Publish").click()
    expect(desktop.get_by_role("tab", name="Story (1 error)")).to_be_visible()
    for tab in ("Campaign", "Form", "After signing", "Promote"):
        expect(desktop.get_by_role("tab", name=tab, exact=True)).to_be_visible()
    desktop.get_by_role("button", name="Go to the first error").click()
    expect(desktop.get_by_text("This field is required.", exact=True)).to_be_visible()
