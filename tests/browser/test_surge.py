"""Signing during a surge: proof of work in the background, and signing without it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_signing import fill_person
from tests.campaign_fixtures import campaign, individual
from tests.journey import confirm_path, signatures, submitted, work
from wagtail_pledge.signing.enums import Review
from wagtail_pledge.signing.models import SpentChallenge
from wagtail_pledge.signing.services.switches import set_surge

__all__ = ["campaign", "individual"]

pytestmark = pytest.mark.requirement("SG7")


@pytest.fixture(autouse=True)
def _altcha_on(settings: Any) -> None:
    settings.WAGTAIL_PLEDGE_ALTCHA = True
    settings.WAGTAIL_PLEDGE_ALTCHA_COST = 1


@pytest.mark.requirement("C7")
def test_the_browser_solves_a_challenge_and_signs(
    phone: Page, campaign: Any, individual: Any, assert_accessible: Any
) -> None:
    set_surge(on=True)
    phone.goto(campaign.url)
    fill_person(phone)
    expect(phone.get_by_role("status").filter(has_text="Check complete.")).to_be_visible()
    assert_accessible(phone)
    phone.get_by_role("button", name="Add my name").click()
    expect(phone).to_have_url(re.compile("/pledge/inbox/"))
    work()
    assert SpentChallenge.objects.count() == 1
    phone.goto(confirm_path("ana@example.org"))
    phone.get_by_role("button", name="Confirm my name").press("Enter")
    expect(phone.get_by_role("heading", level=1)).to_have_text("Thank you so much")
    assert signatures().get().is_counted


def test_signing_without_waiting_by_keyboard_is_held(
    desktop: Page,
    campaign: Any,
    individual: Any,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    assert_accessible: Any,
) -> None:
    # Too expensive to finish, and a longer prefix because one in 256 first attempts would solve a real challenge
    settings.WAGTAIL_PLEDGE_ALTCHA_COST = 1_000_000
    monkeypatch.setattr("wagtail_pledge.signing.abuse.proof_of_work.PREFIX", "0" * 16)
    set_surge(on=True)
    desktop.goto(campaign.url)
    fill_person(desktop)
    expect(desktop.get_by_role("status").filter(has_text="short check")).to_be_visible()
    button = desktop.get_by_role("button", name="Sign without waiting")
    expect(button).to_be_hidden()
    desktop.get_by_role("button", name="Add my name").press("Enter")
    expect(button).to_be_visible()
    assert_accessible(desktop)
    desktop.keyboard.press("Shift+Tab")
    expect(button).to_be_focused()
    button.press("Enter")
    expect(desktop).to_have_url(re.compile("/pledge/inbox/"))
    work()
    assert submitted().review == Review.NEEDS_REVIEW


def test_outside_a_surge_no_challenge_is_requested(phone: Page, campaign: Any, individual: Any) -> None:
    requested_urls: list[str] = []
    phone.on("request", lambda request: requested_urls.append(request.url))
    phone.goto(campaign.url)
    fill_person(phone)
    phone.get_by_role("button", name="Add my name").click()
    expect(phone).to_have_url(re.compile("/pledge/inbox/"))
    assert not [url for url in requested_urls if "proof" in url]
    work()
    assert submitted().review == Review.OK
