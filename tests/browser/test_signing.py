"""Signing on a phone, with and without JavaScript, as a person and for an organization."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PHONE
from tests.campaign_fixtures import campaign, individual, organization
from tests.journey import confirm_path, counted, signatures, submissions, work
from wagtail_pledge.signing.enums import Approval
from wagtail_pledge.signing.models import Pledge
from wagtail_pledge.signing.services import approve

__all__ = ["campaign", "individual", "organization"]

pytestmark = pytest.mark.requirement("SG1")


def fill_person(page: Page, email: str = "ana@example.org") -> None:
    page.get_by_label("Full name").fill("Ana María López")
    page.get_by_label("Email", exact=True).fill(email)
    page.get_by_label("Country", exact=True).select_option("US")


def total(client: Any, pledge: Any) -> int:
    count: int = counted(client, pledge)["total"]
    return count


@pytest.mark.requirement("SG2", "CP7")
def test_a_person_signs_with_javascript(phone: Page, client, campaign, individual, assert_accessible) -> None:
    phone.goto(campaign.url)
    assert_accessible(phone)
    fill_person(phone)
    phone.get_by_role("button", name="Add my name").click()
    expect(phone).to_have_url(re.compile("/pledge/inbox/"))
    expect(phone.get_by_role("heading", level=1)).to_contain_text("One step left")
    expect(phone.get_by_text("a…a@example.org")).to_be_visible()
    assert_accessible(phone)
    assert total(client, campaign.pledge) == 0
    phone.goto(confirm_path("ana@example.org"))
    expect(phone.locator("main")).to_contain_text("We call on the United States to ratify.")
    assert_accessible(phone)
    assert not signatures().exists()
    phone.get_by_role("button", name="Confirm my name").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Thank you so much")
    assert_accessible(phone)
    assert total(client, campaign.pledge) == 1
    phone.reload()
    assert total(client, campaign.pledge) == 1


def test_a_person_signs_without_javascript(phone_without_script: Page, client, campaign, individual) -> None:
    page = phone_without_script
    page.goto(campaign.url)
    fill_person(page)
    page.get_by_role("button", name="Add my name").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Check your details and sign")
    expect(page.get_by_label("Full name")).to_have_value("Ana María López")
    page.get_by_role("button", name="Add my name").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("One step left")
    work()
    page.goto(confirm_path("ana@example.org"))
    page.get_by_role("button", name="Confirm my name").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you so much")
    assert total(client, campaign.pledge) == 1


class CountingVisitor:
    """A person on a phone; counts the taps, the fields typed into and the forms sent."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.taps = 0
        self.typed = 0
        self.submits = 0
        page.on("request", self._count)

    def _count(self, request: Any) -> None:
        self.submits += request.method == "POST"

    def tap(self, place: Locator) -> None:
        place.tap()
        self.taps += 1

    def type(self, label: str, text: str) -> None:
        self.tap(self.page.get_by_label(label, exact=True))
        self.page.keyboard.type(text)
        self.typed += 1


@pytest.mark.requirement("X1", "SG2")
@pytest.mark.parametrize("script", [True, False])
def test_a_person_signs_with_few_taps_two_typed_fields_and_one_form(
    open_page: Callable[..., Page], client, campaign, individual, settings: Any, script: bool
) -> None:
    """The page is not kept by caches, so its form has a stamp and one form is enough without JavaScript too."""
    settings.WAGTAIL_PLEDGE_PAGE_MAX_AGE = 0
    Pledge.objects.update(country="US")
    page = open_page(PHONE, has_touch=True, is_mobile=True, java_script_enabled=script)
    visitor = CountingVisitor(page)
    page.goto(campaign.url)
    visitor.type("Full name", "Ana María López")
    visitor.type("Email", "ana@example.org")
    visitor.tap(page.get_by_role("button", name="Add my name"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("One step left")
    assert visitor.submits == 1
    work()
    visitor.taps += 1  # on the link in the mail
    page.goto(confirm_path("ana@example.org"))
    visitor.tap(page.get_by_role("button", name="Confirm my name"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you so much")
    assert total(client, campaign.pledge) == 1
    assert (visitor.taps, visitor.typed, visitor.submits) == (
        5,
        2,
        2,
    )  # the limits are 6, 2 and one form before the mail


@pytest.mark.requirement("SN1", "SN4")
@pytest.mark.parametrize("script", [True, False])
def test_an_organization_signs_and_waits_for_approval(
    open_page: Callable[..., Page], client, organization, assert_accessible, script: bool
) -> None:
    page = open_page({"width": 390, "height": 844}, java_script_enabled=script)
    page.goto(organization.url)
    if script:
        assert_accessible(page)
    page.get_by_label("Organization name", exact=True).fill("Casa del Pueblo")
    page.get_by_label("Country", exact=True).select_option("US")
    page.get_by_label("Your full name").fill("Rosa Ruiz")
    page.get_by_label("Your role").fill("Director")
    page.get_by_label("Work email").fill("rosa@casa.example")
    page.get_by_label("I am authorized to sign").check()
    page.locator("form[data-stamp-url] [type=submit]").click()
    if not script:
        expect(page.get_by_role("heading", level=1)).to_contain_text("Check your details and sign")
        page.locator("form[data-stamp-url] [type=submit]").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("One step left")
    work()
    page.goto(confirm_path("rosa@casa.example"))
    page.get_by_role("button", name="Confirm the signature").click()
    expect(page.get_by_text("We review each signature")).to_be_visible()
    pledge = organization.signer_type.pledge
    assert total(client, pledge) == 0
    signature = signatures().get()
    assert signature.approval == Approval.WAITING
    approve(signature)
    assert total(client, pledge) == 1


@pytest.mark.parametrize("script", [True, False])
def test_errors_are_shown_in_a_focused_summary_and_beside_the_fields(
    open_page: Callable[..., Page], campaign, individual, assert_accessible, script: bool
) -> None:
    page = open_page({"width": 390, "height": 844}, java_script_enabled=script)
    page.goto(campaign.url)
    page.get_by_label("Full name").fill("Ana")
    page.get_by_role("button", name="Add my name").click()
    page.wait_for_load_state()
    expect(page).to_have_title(re.compile("^Error:"))
    summary = page.get_by_role("group", name="Your name has not been added yet")
    expect(summary).to_contain_text("Your name has not been added yet")
    expect(page.get_by_label("Full name")).to_have_value("Ana")
    if script:
        expect(summary).to_be_focused()
        assert_accessible(page)
    summary.get_by_role("link", name="Enter your email address, like name@example.org").click()
    expect(page.get_by_label("Email", exact=True)).to_be_focused()
    described = page.get_by_label("Email", exact=True).get_attribute("aria-describedby") or ""
    texts = [page.locator(f"#{name}").inner_text() for name in described.split()]
    assert "Enter your email address, like name@example.org" in texts


def test_signing_by_keyboard(desktop: Page, client, campaign, individual) -> None:
    desktop.goto(campaign.url)
    for _ in range(60):
        desktop.keyboard.press("Tab")
        if desktop.evaluate("document.activeElement.name") == "name":
            break
    desktop.keyboard.type("Ana María López")
    desktop.keyboard.press("Tab")
    desktop.keyboard.type("ana@example.org")
    desktop.keyboard.press("Tab")
    desktop.keyboard.type("United States of")
    for _ in range(20):
        desktop.keyboard.press("Tab")
        if desktop.evaluate("document.activeElement.type") == "submit":
            break
    desktop.keyboard.press("Enter")
    expect(desktop).to_have_url(re.compile("/pledge/inbox/"))


@pytest.mark.requirement("A5")
def test_a_double_click_signs_once_and_a_reload_does_not_post_again(phone: Page, campaign, individual) -> None:
    phone.goto(campaign.url)
    fill_person(phone)
    phone.get_by_role("button", name="Add my name").dblclick()
    expect(phone).to_have_url(re.compile("/pledge/inbox/"))
    phone.reload()
    phone.go_back()
    expect(phone).to_have_url(re.compile("/ratify/"))
    assert submissions().count() == 1


@pytest.mark.requirement("X4")
@pytest.mark.parametrize("options", [{"color_scheme": "dark"}, {"forced_colors": "active"}, {}])
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_the_form_is_accessible_and_fits_at_every_width_and_colour_scheme(
    open_page: Callable[..., Page], campaign, organization, assert_accessible, width: int, options: dict[str, str]
) -> None:
    page = open_page({"width": width, "height": 844}, **options)
    page.goto(campaign.url)
    if options.get("forced_colors") != "active":
        assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.goto(organization.url)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
