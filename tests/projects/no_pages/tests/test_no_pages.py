"""Custom pages made from the mixins, without ``wagtail_pledge.pages``."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from wagtail.models import Site, get_page_models

from tests.editing import fields_by_tab
from tests.projects.campaign import home, publish, publish_campaign, sign_confirm_count
from tests.projects.no_pages.models import ActionPage, ActionsPage, JoinPage, RatificationsPage
from wagtail_pledge.campaigns.api_fields import LEDGER_API_FIELD
from wagtail_pledge.models import SiteColours

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("CP1")]


@pytest.fixture
def campaign_pages() -> tuple[ActionPage, JoinPage]:
    page = ActionPage(title="Ratify", slug="ratify", strapline="Now", statement="<p>Ratify the Convention.</p>")
    return publish_campaign(page, JoinPage)


def test_the_optional_app_is_absent_and_importing_its_models_is_an_error() -> None:
    """Otherwise Wagtail would list page types whose parents it can't find."""
    assert not apps.is_installed("wagtail_pledge.pages")
    with pytest.raises(ImproperlyConfigured, match="INSTALLED_APPS"):
        import_module("wagtail_pledge.pages.models")
    assert not any(model.__module__ == "wagtail_pledge.pages.models" for model in get_page_models())


@pytest.mark.requirement("X4")
def test_without_wagtail_settings_the_default_colours_are_used(
    admin_client: Client, client: Client, campaign_pages: tuple[ActionPage, JoinPage]
) -> None:
    SiteColours.objects.create(site=Site.objects.get(is_default_site=True), brand="#0b3d5c")
    answer = client.get(campaign_pages[0].url)
    assert b"css/pledge.css" in answer.content
    assert b"/colours/" not in answer.content
    assert b"sitecolours" not in admin_client.get("/admin/").content.lower()


@pytest.mark.parametrize("number", [0, 1], ids=["campaign", "sign page"])
def test_pages_are_served(client: Client, campaign_pages: tuple[ActionPage, JoinPage], number: int) -> None:
    assert client.get(campaign_pages[number].url).status_code == 200


def test_an_extra_field_is_stored(campaign_pages: tuple[ActionPage, JoinPage]) -> None:
    assert ActionPage.objects.get().strapline == "Now"


def test_the_editor_has_the_fields_of_package_and_site() -> None:
    assert fields_by_tab(ActionPage) == {
        "Campaign": ["title", "asker", "addressee", "asker_logo", "lead", "image", "statement", "strapline"],
        "Story": ["body"],
        "Form": ["button_text", "optional_fields", "privacy_note"],
        "After signing": ["thanks_heading", "thanks_text"],
        "Promote": ["slug", "seo_title", "search_description", "show_in_menus"],
        "Settings": ["go_live_at", "expire_at"],
    }


def test_a_subclass_can_add_a_field_to_a_tab_and_a_tab() -> None:
    tabs = fields_by_tab(JoinPage)
    assert list(tabs) == ["Form", "After signing", "Promote", "Settings", "Branch"]
    assert {"title", "kind", "button_text", "consent_sign", "questions"} <= set(tabs["Form"])
    assert tabs["After signing"][-2:] == ["thanks_text", "motto"]
    assert tabs["Branch"] == ["branch"]


def test_fields_of_pages_with_one_content_tab() -> None:
    assert fields_by_tab(ActionsPage)["Content"] == ["title", "lead"]
    assert {"treaty", "spotlight", "body"} <= set(fields_by_tab(RatificationsPage)["Content"])


def test_extra_fields_are_saved_by_the_editor(
    admin_client: Client, campaign_pages: tuple[ActionPage, JoinPage]
) -> None:
    address = f"/admin/pages/{campaign_pages[1].pk}/edit/"
    fields = {"motto": "Now", "branch": "Care"}
    posted = {"title": "Join", "slug": "individual", "kind": "individual", "comments-TOTAL_FORMS": 0}
    posted |= {"comments-INITIAL_FORMS": 0, "questions-count": 0, "intro": "null", "thanks_text": "null"}
    assert admin_client.post(address, {**posted, **fields, "action-publish": "yes"}).status_code == 302
    saved = JoinPage.objects.get()
    assert (saved.title, saved.motto, saved.branch) == ("Join", "Now", "Care")


def test_index_and_treaty_pages_are_served(client: Client) -> None:
    index = publish(home(), ActionsPage(title="Actions", slug="actions"))
    status = publish(index, RatificationsPage(title="Status", slug="status"))
    assert client.get(index.url).status_code == 200
    assert client.get(status.url).status_code == 200


@pytest.mark.requirement("SG2")
def test_sign_confirm_count(client: Client, campaign_pages: tuple[ActionPage, JoinPage]) -> None:
    campaign, join = campaign_pages
    sign_confirm_count(client, campaign, join)


@pytest.mark.requirement("RE1")
def test_the_pages_work_without_wagtails_api(campaign_pages: tuple[ActionPage, JoinPage]) -> None:
    assert LEDGER_API_FIELD.serializer is None
    page, _join = campaign_pages
    assert page.ledger["pledge"] == str(page.pledge.uuid)
    assert [one["kind"] for one in page.ledger["statements"]] == ["individual"]
