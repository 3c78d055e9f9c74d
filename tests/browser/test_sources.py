"""JavaScript copies the source parameter of the URL into the form of a cached page."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_signing import fill_person
from tests.campaign_fixtures import campaign, individual, organization
from tests.journey import confirm_path, submitted, work
from wagtail_pledge.signing.models import PartnerLink

__all__ = ["campaign", "individual", "organization"]

pytestmark = pytest.mark.requirement("RE4")


@pytest.mark.parametrize("name", ["source", "src"])
def test_the_source_is_copied_from_the_url_into_the_form_and_links(
    phone: Page, campaign: Any, organization: Any, name: str
) -> None:
    PartnerLink.objects.create(pledge=campaign.pledge, slug="peace-union", name="Peace Union")
    phone.goto(f"{campaign.url}?{name}=peace-union")
    phone.get_by_role("link", name="As an individual").click()
    expect(phone).to_have_url(re.compile(r"/individual/\?source=peace-union$"))
    fill_person(phone)
    phone.get_by_role("button", name="Add my name").click()
    expect(phone).to_have_url(re.compile("/pledge/inbox/"))
    assert submitted().source == "peace-union"
    assert phone.context.cookies() == []


@pytest.mark.requirement("SG8")
def test_a_signature_through_a_copied_personal_link_is_attributed(
    phone: Page, desktop: Page, campaign: Any, individual: Any
) -> None:
    phone.context.grant_permissions(["clipboard-read", "clipboard-write"])
    phone.goto(campaign.url)
    fill_person(phone)
    phone.get_by_role("button", name="Add my name").click()
    expect(phone).to_have_url(re.compile("/pledge/inbox/"))
    work()
    phone.goto(confirm_path("ana@example.org"))
    phone.get_by_role("button", name="Confirm my name").click()
    phone.locator("#own-link").get_by_role("button", name="Copy link").click()
    expect(phone.locator("#own-link").get_by_role("button", name="Link copied")).to_be_visible()
    copied = phone.evaluate("navigator.clipboard.readText()")
    assert copied == phone.locator("#own-link bdi").first.inner_text()

    # The site's URL lacks the port of the test server
    desktop.goto(copied.removeprefix("http://localhost"))
    fill_person(desktop, email="friend@example.org")
    desktop.get_by_role("button", name="Add my name").click()
    expect(desktop).to_have_url(re.compile("/pledge/inbox/"))
    friend = submitted(ended_at=None)
    assert friend.email == "friend@example.org"
    assert copied.endswith(f"?source={friend.source}")
