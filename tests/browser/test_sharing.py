"""Share buttons that need JavaScript."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_inbox import sign
from tests.campaign_fixtures import campaign, individual
from tests.journey import confirm_path

__all__ = ["campaign", "individual"]


@pytest.mark.requirement("SG8", "CP12")
def test_the_thank_you_page_shares_the_campaign(
    phone: Page, campaign: Any, individual: Any, assert_accessible: Any
) -> None:
    phone.context.grant_permissions(["clipboard-read", "clipboard-write"])
    sign(phone, campaign.url)
    assert_accessible(phone)
    phone.goto(confirm_path("ana@example.org"))
    phone.get_by_role("button", name="Confirm my name").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Thank you so much")
    expect(phone).to_have_url(re.compile(r"/confirm/[\w-]+/$"))
    ways = phone.locator("section:has(#share-heading) > .pledge-buttons")
    status = phone.locator("section:has(#share-heading) > [role=status]")
    expect(status).to_be_empty()
    assert [way.inner_text() for way in ways.locator("li:visible").all()] == ["WhatsApp", "Copy link"]
    ways.get_by_role("button", name="Copy link").click()
    expect(status).to_have_text("Link copied")
    assert phone.evaluate("navigator.clipboard.readText()").startswith(f"{campaign.full_url}?source=")
    phone.get_by_text("More ways to share").click()
    assert phone.locator("#own-link details li").last.inner_text() == "Mastodon"
    code = phone.get_by_role("img", name="QR code:")
    expect(code).to_be_visible()
    phone.wait_for_function("() => document.querySelector('.pledge-qr').naturalWidth > 0")
    assert_accessible(phone)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.requirement("CP12")
@pytest.mark.parametrize(
    ("typed", "host"),
    [
        ("mastodon.example", "mastodon.example"),
        (" https://mastodon.example/@ana ", "mastodon.example"),
        ("@ana@mastodon.example", "mastodon.example"),
        ("mastodon", None),
        ("", None),
        (None, None),
    ],
)
def test_mastodon_asks_for_the_server_and_does_not_store_it(
    phone: Page, campaign: Any, individual: Any, typed: str | None, host: str | None
) -> None:
    sign(phone, campaign.url)
    phone.evaluate("() => { window.asked = []; window.open = (...given) => void window.asked.push(given) }")
    phone.once("dialog", lambda dialog: dialog.dismiss() if typed is None else dialog.accept(typed))
    phone.get_by_role("button", name="Mastodon").click()
    opened = phone.evaluate("window.asked")
    if host is None:
        assert opened == []
        return
    ((address, target, features),) = opened
    assert address.startswith(f"https://{host}/share?text=Ratify%20now%20http")
    assert (target, features) == ("_blank", "noopener,noreferrer")
    assert phone.evaluate("localStorage.length + sessionStorage.length + document.cookie.length") == 0
