"""Choosing a treaty, a State and a campaign in the admin."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP
from tests.browser.test_treaty_import import log_in
from tests.projects.campaign import home
from tests.treaties import treaty_data
from wagtail_pledge.pages.models import PledgePage
from wagtail_pledge.signing.models import SignerType
from wagtail_pledge.testing.factories import PledgeFactory
from wagtail_pledge.treaties.models import TreatyDeclaration

pytestmark = pytest.mark.requirement("CP3")


def choose(page: Page, button: str, row: str, *, search: str = "") -> None:
    """Open a chooser with its button, search in it, and choose a row."""
    page.get_by_role("button", name=button, exact=True).click()
    dialog = page.get_by_role("dialog")
    if search:
        dialog.get_by_role("textbox", name="Search term").fill(search)
    dialog.get_by_role("link", name=row, exact=True).click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_text(row, exact=True).first).to_be_visible()


def create(page: Page, path: str) -> None:
    page.get_by_role("button", name="Create", exact=True).click()
    expect(page).to_have_url(re.compile(f"/admin/{path}/$"))


def test_treaty_state_and_campaign_are_chosen_from_a_list_with_a_search(
    open_page: Callable[..., Page], transactional_db: None
) -> None:
    treaty = treaty_data.cmw()
    pledges = [PledgeFactory(title=f"Campaign {number}") for number in range(12)]
    User.objects.create_superuser("ed", password="ed")
    page = open_page(DESKTOP)
    log_in(page)
    page.goto("/admin/treaty-declarations/new/")
    choose(page, "Choose a treaty", str(treaty))
    choose(page, "Choose a State", "Türkiye", search="Turkey")
    page.locator("[name=kind]").select_option("acceptance")
    page.locator("[name=article]").fill("76")
    page.locator("[name=text]").fill("Recognizes the competence of the Committee.")
    create(page, "treaty-declarations")
    declaration = TreatyDeclaration.objects.get()
    assert (declaration.treaty, declaration.party.key) == (treaty, "TUR")
    page.goto("/admin/pledge-signer-types/new/")
    choose(page, "Choose a campaign", "Campaign 7", search="7")
    page.locator("[name=kind]").select_option("organization")
    create(page, "pledge-signer-types")
    assert SignerType.objects.get(pledge=pledges[7]).kind == "organization"


def test_blocks_get_the_keys_of_what_was_chosen(open_page: Callable[..., Page], transactional_db: None) -> None:
    treaty_data.cmw()
    User.objects.create_superuser("ed", password="ed")
    block = {"type": "treaty_spotlight", "value": {"treaty": "cmw", "state": "MEX"}, "id": "b"}
    progress = {"type": "progress", "value": {"heading": "Theirs", "pledge": ""}, "id": "p"}
    body = PledgePage._meta.get_field("body").to_python([block, progress])
    other = PledgeFactory(title="Another campaign")
    edited = home().add_child(instance=PledgePage(title="Ratify", slug="ratify", body=body))
    page = open_page(DESKTOP)
    log_in(page)
    page.goto(reverse("wagtailadmin_pages:edit", args=[edited.pk]))
    page.get_by_role("tab", name="Story").click()
    chooser = page.locator(".chooser", has=page.get_by_text("Mexico", exact=True))
    expect(page.get_by_text("CMW · International Convention", exact=False).first).to_be_visible()
    chooser.get_by_role("button", name="Actions").click()
    choose(page, "Choose another State", "Türkiye", search="Turkey")
    page.get_by_role("tabpanel").get_by_role("button", name="Settings", exact=True).click()
    choose(page, "Choose a campaign", "Another campaign")
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_text("has been updated").first).to_be_visible()
    saved, shown = PledgePage.objects.get(pk=edited.pk).get_latest_revision_as_object().body
    assert (saved.value["treaty"], saved.value["state"]) == ("cmw", "TUR")
    assert shown.value["pledge"] == str(other.uuid)
