"""With a script, the word in the address reaches the form of a page that a cache has kept."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_signing import fill_person
from tests.journey import signatures
from tests.published import campaign, individual, organization
from wagtail_pledge.signing.models import PartnerLink

__all__ = ["campaign", "individual", "organization"]

pytestmark = pytest.mark.requirement("RE4")


def test_the_word_goes_from_the_address_into_the_form_and_along_the_links(
    phone: Page, campaign: Any, organization: Any
) -> None:
    PartnerLink.objects.create(pledge=campaign.pledge, slug="peace-union", name="Peace Union")
    phone.goto(f"{campaign.url}?src=peace-union")
    phone.get_by_role("link", name="As an individual").click()
    expect(phone).to_have_url(re.compile(r"/individual/\?src=peace-union$"))
    fill_person(phone)
    phone.get_by_role("button", name="Add my name").click()
    expect(phone).to_have_url(re.compile("/pledge/inbox/"))
    assert signatures().get().source == "peace-union"
    assert phone.context.cookies() == []
