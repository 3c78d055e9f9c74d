"""Campaign updates: reading and editing."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_editor import editor, log_in, publish
from tests.campaign_fixtures import campaign, individual
from tests.projects.campaign import publish as put
from wagtail_pledge.pages.models import PledgePage, UpdatePage

__all__ = ["campaign", "editor", "individual"]

pytestmark = pytest.mark.requirement("CP11")


@pytest.fixture
def update_page(campaign: Any, individual: Any) -> Any:
    for day, title in ((1, "What happened first"), (3, "The committee has set a date")):
        page = UpdatePage(
            title=title, slug=f"update-{day}", day=dt.date(2026, 2, day), lead="It meets in March, in the open."
        )
        page.body = UpdatePage._meta.get_field("body").to_python(
            [{"type": "rich_text", "value": "<h2>What it means</h2><p>Names count now more than ever.</p>"}]
        )
        made = put(campaign, page)
    campaign.refresh_from_db()
    blocks = [{"type": "updates", "value": {"heading": "What is new", "count": 3}}]
    campaign.body = PledgePage._meta.get_field("body").to_python(blocks)
    campaign.save_revision().publish()
    return made


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_a_reader_opens_an_update_and_returns_to_the_form(
    open_page: Callable[..., Page], campaign, update_page, assert_accessible, viewport, scheme
) -> None:
    page = open_page(viewport, color_scheme=scheme)
    page.goto(campaign.url)
    assert_accessible(page)
    page.locator(".pledge-story").get_by_role("link", name="The committee has set a date").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The committee has set a date")
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    expect(page.get_by_role("link", name="What happened first")).to_be_visible()
    # Beside the story, and at its end
    expect(page.get_by_role("link", name="Add my name")).to_have_count(2)
    page.locator(".pledge-story").get_by_role("link", name="Add my name").click()
    expect(page).to_have_url(re.compile(r"/ratify/#sign$"))


def test_an_editor_creates_an_update(desktop: Page, client: Any, editor: Any, campaign: Any, individual: Any) -> None:
    log_in(desktop)
    desktop.goto(f"/admin/pages/{campaign.pk}/add_subpage/")
    desktop.get_by_role("link", name="Update", exact=False).first.click()
    desktop.get_by_role("textbox", name="Title").first.press_sequentially("Heard at last")
    desktop.get_by_role("textbox", name="Introduction").fill("The committee listened.")
    publish(desktop)
    page = UpdatePage.objects.get()
    html = client.get(page.url).content.decode()
    assert "The committee listened." in html
    assert f'<time datetime="{page.day.isoformat()}">' in html


@pytest.mark.requirement("CP7")
def test_the_mail_preview_shows_the_editors_text(desktop: Page, editor: Any, campaign: Any, individual: Any) -> None:
    problems: list[str] = []
    desktop.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    desktop.on("pageerror", lambda error: problems.append(str(error)))
    log_in(desktop)
    desktop.goto(f"/admin/pages/{individual.pk}/edit/")
    desktop.get_by_role("tab", name="After signing").click()
    desktop.get_by_role("textbox", name="Introduction of the confirmation email").fill("We go to the Senate in March.")
    desktop.get_by_role("button", name="Toggle preview").click()
    # Wagtail keeps the last preview until the next one has loaded
    panel = desktop.frame_locator("iframe[title='Preview']").last
    expect(panel.get_by_role("heading", level=1)).to_have_text("As an individual")
    desktop.get_by_label("Preview mode").select_option("mail_confirm")
    expect(panel.get_by_role("heading", level=1)).to_have_text("Confirm your signature on “Ratify now”")
    email_frame = panel.frame_locator("iframe")
    expect(email_frame.get_by_role("heading", level=1)).to_have_text("One step left")
    expect(email_frame.get_by_text("We go to the Senate in March.")).to_be_visible()
    expect(panel.locator("pre")).to_contain_text("We go to the Senate in March.")
    # The mail's own styles apply in the frame
    assert email_frame.locator(".head").evaluate("e => getComputedStyle(e).backgroundColor") == "rgb(59, 18, 69)"
    assert problems == []
