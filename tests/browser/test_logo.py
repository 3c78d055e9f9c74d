"""An organization uploads its logo."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import PICTURES
from tests.campaign_fixtures import campaign, individual, organization
from wagtail_pledge.signing.enums import Approval
from wagtail_pledge.signing.services import MANAGE, approve_logo, logo_digest, logo_of, token_for
from wagtail_pledge.testing.factories import SignatureFactory

__all__ = ["campaign", "individual", "organization"]

pytestmark = pytest.mark.requirement("SN2", "SN5")


def file(content: bytes, name: str) -> dict[str, Any]:
    return {"name": name, "mimeType": "image/png", "buffer": content}


def drawing() -> bytes:
    made = BytesIO()
    Image.new("RGB", (600, 200), "navy").save(made, "PNG")
    return made.getvalue()


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the control with this accessible name has the focus."""
    wanted = page.get_by_role("button", name=name).or_(page.get_by_label(name)).first
    for _ in range(40):
        page.keyboard.press("Tab")
        if wanted.evaluate("node => node === document.activeElement"):
            return
    pytest.fail(f"the tab key does not reach {name}")


@pytest.mark.parametrize("script", [True, False])
def test_an_organization_uploads_its_logo_by_keyboard(
    open_page: Callable[..., Page],
    campaign: Any,
    organization: Any,
    assert_accessible: Callable[[Page], None],
    script: bool,
) -> None:
    signature = SignatureFactory(
        pledge=campaign.pledge,
        kind="organization",
        organization="Casa del Pueblo",
        display="name",
        approval=Approval.APPROVED,
    )
    campaign.body = [{"type": "organizations", "value": {"heading": "They joined", "pledge": "", "layout": "wall"}}]
    campaign.save_revision().publish()
    page = open_page({"width": 390, "height": 844}, java_script_enabled=script)
    # With a listener, the browser reports every file chooser; without, only while one is expected
    page.on("filechooser", lambda _chooser: None)
    page.goto(f"/pledge/manage/{token_for(MANAGE, signature)}/")

    def choose(content: bytes, name: str, label: str) -> None:
        tab_to(page, label)
        with page.expect_file_chooser() as chooser:
            page.keyboard.press("Space")
        chooser.value.set_files(file(content, name))
        tab_to(page, "Send the logo")
        with page.expect_navigation():
            page.keyboard.press("Enter")

    if script:
        assert_accessible(page)
    choose(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "logo.svg", "Organization logo")
    problem = page.get_by_role("group", name="The logo was not sent")
    expect(problem).to_contain_text("Choose a PNG, JPEG or WebP image")
    expect(page).to_have_title(re.compile("^Error: Your signature"))
    if script:
        expect(problem).to_be_focused()
        assert_accessible(page)
    choose(drawing(), "logo.png", "Organization logo")
    expect(page.get_by_text("We received this logo")).to_be_visible()
    picture = page.get_by_role("img", name="The logo that you sent")
    assert picture.evaluate("node => node.complete && node.naturalWidth") == 480
    page.screenshot(path=PICTURES / "logo-manage.png", full_page=True)
    if script:
        assert_accessible(page)
    page.goto(campaign.url)
    expect(page.get_by_text("Casa del Pueblo")).to_be_visible()
    assert page.locator(".pledge-wall img").count() == 0
    approve_logo(signature, digest=logo_digest(bytes(logo_of(signature).content)))
    # The page may be cached for half a minute
    page.reload()
    tile = page.get_by_role("img", name="Casa del Pueblo")
    tile.scroll_into_view_if_needed()
    expect(tile).to_have_js_property("naturalWidth", 480)
    page.screenshot(path=PICTURES / "logo-wall.png", full_page=True)
    assert tile.get_attribute("width") == "240"
    if script:
        assert_accessible(page)
