"""Translating a campaign together with the pages below it; see wagtail-localize's issue 773."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client, TestCase
from django.urls import reverse
from wagtail.models import Locale, Page

from tests.projects.campaign import home, publish
from tests.projects.localize.tests.test_localize import spanish
from wagtail_pledge.pages.models import PledgeIndexPage, PledgePage, SignerTypePage, UpdatePage
from wagtail_pledge.signing.models import Pledge, SignerType

__all__ = ["spanish"]

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("RE5")]


@pytest.fixture
def tree(spanish: Locale) -> Any:
    """An index page with a campaign that has two ways to sign and an update."""
    index = publish(home(), PledgeIndexPage(title="Campaigns", slug="campaigns"))
    campaign = publish(index, PledgePage(title="Ratify", slug="ratify", statement="<p>We call on you.</p>"))
    publish(campaign, SignerTypePage(title="As yourself", slug="person", kind="individual"))
    publish(campaign, SignerTypePage(title="As a union", slug="union", kind="organization"))
    publish(campaign, UpdatePage(title="News", slug="news"))
    return index


def translate_with_subtree(client: Client, page: Any, locale: Locale) -> Any:
    """Submit the form of wagtail-localize, and run what it runs after the transaction."""
    url = reverse("wagtail_localize:submit_page_translation", args=[page.pk])
    with TestCase.captureOnCommitCallbacks(execute=True):
        answer = client.post(url, {"locales": [locale.pk], "include_subtree": "on"})
    assert answer.status_code == 302
    return page.get_translation(locale)


def test_the_pages_below_are_where_wagtail_looks_for_them(admin_client: Client, tree: Any, spanish: Locale) -> None:
    made = translate_with_subtree(admin_client, tree, spanish)
    (campaign,) = made.get_children().specific()
    assert {page.slug for page in campaign.get_children()} == {"person", "union", "news"}
    assert (made.numchild, campaign.numchild) == (1, 3)
    assert Page.find_problems() == ([], [], [], [], [])
    assert Pledge.objects.count() == 1
    assert {page.signer_type for page in SignerTypePage.objects.child_of(campaign)} == set(SignerType.objects.all())


def test_the_pages_below_are_listed_and_served(admin_client: Client, tree: Any, spanish: Locale) -> None:
    made = translate_with_subtree(admin_client, tree, spanish)
    (campaign,) = made.get_children()
    listing = admin_client.get(reverse("wagtailadmin_explore", args=[campaign.pk])).content.decode()
    assert "As a union" in listing
    assert Client().get(campaign.get_children().get(slug="union").specific.url).status_code == 200
