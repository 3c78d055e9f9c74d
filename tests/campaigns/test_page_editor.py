"""The edit form of the page types."""

from __future__ import annotations

import re
from html import unescape
from typing import Any, Final

import pytest
from django.test import Client

from tests.editing import fields_by_tab
from tests.projects.campaign import home
from wagtail_pledge.campaigns.editor.panels import AdvicePanel
from wagtail_pledge.pages.models import PledgeIndexPage, PledgePage, SignerTypePage, TreatyStatusPage, UpdatePage

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("CP1")]

PAGE_TYPES: Final = (PledgePage, SignerTypePage, UpdatePage, PledgeIndexPage, TreatyStatusPage)
WAGTAIL_TABS: Final = {"Promote", "Settings"}


def add_form(client: Client, below: Any, model: str) -> str:
    answer = client.get(f"/admin/pages/add/wagtail_pledge_pages/{model}/{below.pk}/")
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def edit_form(client: Client, page: Any) -> str:
    return unescape(client.get(f"/admin/pages/{page.pk}/edit/").content.decode())


@pytest.mark.parametrize("page_class", PAGE_TYPES)
def test_each_of_our_tabs_begins_with_three_lines_of_advice(page_class: Any) -> None:
    for tab in page_class.get_edit_handler().children:
        advice = [panel for panel in tab.children if isinstance(panel, AdvicePanel)]
        assert advice == ([] if tab.heading in WAGTAIL_TABS else tab.children[:1])
        assert all(len(panel.lines) == 3 for panel in advice)


@pytest.mark.parametrize("page_class", PAGE_TYPES)
def test_pages_can_be_scheduled_and_commented(page_class: Any) -> None:
    assert fields_by_tab(page_class)["Settings"] == ["go_live_at", "expire_at"]
    assert "comments" in page_class.get_edit_handler().get_form_class().formsets


@pytest.mark.parametrize("page_class", PAGE_TYPES)
def test_each_page_type_has_a_description(page_class: Any) -> None:
    assert page_class.get_page_description()


@pytest.mark.parametrize("described", [SignerTypePage, UpdatePage])
def test_the_list_of_child_page_types_has_descriptions(admin_client: Client, campaign: Any, described: Any) -> None:
    html = admin_client.get(f"/admin/pages/{campaign.pk}/add_subpage/").content.decode()
    assert unescape(html).count(str(described.page_description)) == 1


def test_the_advice_links_to_parent_and_child_pages(admin_client: Client, campaign: Any, individual: Any) -> None:
    below, above = f'href="/admin/pages/{campaign.pk}/">', f'href="/admin/pages/{campaign.pk}/edit/">'
    link_text = "the pages under this page"
    assert len(re.findall(f"{below}[^<]*{link_text}", edit_form(admin_client, campaign))) == 4
    assert len(re.findall(f"{above}[^<]*the page above this page", edit_form(admin_client, individual))) == 2
    assert link_text not in add_form(admin_client, home(), "pledgepage")
    assert "the page above this page" not in add_form(admin_client, campaign, "signertypepage")


def test_only_a_new_campaign_has_starter_blocks(admin_client: Client, campaign: Any, individual: Any) -> None:
    kinds = re.compile(r'"type": "(rich_text|endorsement|facts_timeline)", "value"')
    assert kinds.findall(add_form(admin_client, home(), "pledgepage")) == ["rich_text", "endorsement", "facts_timeline"]
    assert kinds.findall(edit_form(admin_client, campaign)) == []
    assert kinds.findall(add_form(admin_client, campaign, "updatepage")) == []
    assert len(PledgePage(title="Made by a program").body) == 0


def test_starter_blocks_can_be_removed(admin_client: Client, campaign: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PledgePage, "starter_blocks", ())
    assert '"type": "rich_text", "value"' not in add_form(admin_client, home(), "pledgepage")


def test_the_lead_has_a_counter_and_no_maximum_length(admin_client: Client) -> None:
    html = add_form(admin_client, home(), "pledgepage")
    assert 'data-pledge-counter-advised-value="140"' in html
    assert "{count} characters. Best up to {advised}; more is allowed." in html
    assert "wagtail_pledge/js/character-count.js" in html
    lead = re.search(r'<textarea name="lead"[^>]*>', html)
    assert lead is not None
    assert "maxlength" not in lead[0]


def test_the_title_has_a_placeholder(admin_client: Client, campaign: Any) -> None:
    assert 'placeholder="What you ask for. For example, “Ratify the Convention”"' in add_form(
        admin_client, home(), "pledgepage"
    )
    assert 'placeholder="Who signs. For example, “As a nurse”"' in add_form(admin_client, campaign, "signertypepage")


@pytest.mark.requirement("CP3")
def test_kinds_are_capitalised_in_the_select(admin_client: Client, campaign: Any) -> None:
    html = add_form(admin_client, campaign, "signertypepage")
    assert re.findall(r'<option value="(?:individual|organization)"[^>]*>(\w+)<', html) == [
        "Individual",
        "Organization",
    ]
