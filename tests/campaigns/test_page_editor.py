"""What an editor finds in the form of a page."""

from __future__ import annotations

import re
from html import unescape
from typing import Any, Final

import pytest
from django.test import Client

from tests.editing import fields_by_tab
from tests.projects.campaign import home
from wagtail_pledge.campaigns.editor.panels import Advice
from wagtail_pledge.pages.models import PledgeIndexPage, PledgePage, SignerTypePage, TreatyStatusPage, UpdatePage

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("CP1")]

OWN: Final = (PledgePage, SignerTypePage, UpdatePage, PledgeIndexPage, TreatyStatusPage)
WAGTAILS: Final = {"Promote", "Settings"}


def add(client: Client, below: Any, model: str) -> str:
    answer = client.get(f"/admin/pages/add/wagtail_pledge_pages/{model}/{below.pk}/")
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def edit(client: Client, page: Any) -> str:
    return unescape(client.get(f"/admin/pages/{page.pk}/edit/").content.decode())


@pytest.mark.parametrize("page_class", OWN)
def test_each_tab_of_ours_begins_with_three_lines_of_advice(page_class: Any) -> None:
    for tab in page_class.get_edit_handler().children:
        advice = [panel for panel in tab.children if isinstance(panel, Advice)]
        assert advice == ([] if tab.heading in WAGTAILS else tab.children[:1])
        assert all(len(panel.lines) == 3 for panel in advice)


@pytest.mark.parametrize("page_class", OWN)
def test_pages_can_be_scheduled_and_commented(page_class: Any) -> None:
    assert fields_by_tab(page_class)["Settings"] == ["go_live_at", "expire_at"]
    assert "comments" in page_class.get_edit_handler().get_form_class().formsets


@pytest.mark.parametrize("page_class", OWN)
def test_each_type_says_what_it_is_where_one_is_chosen(page_class: Any) -> None:
    assert page_class.get_page_description()


def test_the_choice_below_a_campaign_describes_both_types(admin_client: Client, campaign: Any) -> None:
    html = admin_client.get(f"/admin/pages/{campaign.pk}/add_subpage/").content.decode()
    for described in (SignerTypePage, UpdatePage):
        assert unescape(html).count(str(described.page_description)) == 1


def test_the_advice_leads_on_where_there_is_somewhere_to_go(
    admin_client: Client, campaign: Any, individual: Any
) -> None:
    below, above = f'href="/admin/pages/{campaign.pk}/">', f'href="/admin/pages/{campaign.pk}/edit/">'
    words = "the pages below this one"
    assert len(re.findall(f"{below}[^<]*{words}", edit(admin_client, campaign))) == 4
    assert len(re.findall(f"{above}[^<]*the page above this one", edit(admin_client, individual))) == 2
    assert words not in add(admin_client, home(), "pledgepage")
    assert "the page above this one" not in add(admin_client, campaign, "signertypepage")


def test_a_new_campaign_has_a_begun_story_and_nothing_else_has(
    admin_client: Client, campaign: Any, individual: Any
) -> None:
    kinds = re.compile(r'"type": "(rich_text|endorsement|facts_timeline)", "value"')
    assert kinds.findall(add(admin_client, home(), "pledgepage")) == ["rich_text", "endorsement", "facts_timeline"]
    assert kinds.findall(edit(admin_client, campaign)) == []
    assert kinds.findall(add(admin_client, campaign, "updatepage")) == []
    assert len(PledgePage(title="Made by a program").body) == 0


def test_a_page_type_begins_with_what_it_names(
    admin_client: Client, campaign: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PledgePage, "starter_blocks", ())
    assert '"type": "rich_text", "value"' not in add(admin_client, home(), "pledgepage")


def test_the_lead_is_counted_and_more_is_taken(admin_client: Client) -> None:
    html = add(admin_client, home(), "pledgepage")
    assert 'data-pledge-counter-advised-value="140"' in html
    assert "{count} of {advised} characters" in html
    assert "wagtail_pledge/js/counter.js" in html
    lead = re.search(r'<textarea name="lead"[^>]*>', html)
    assert lead is not None
    assert "maxlength" not in lead[0]


def test_the_title_shows_what_it_should_be_like(admin_client: Client, campaign: Any) -> None:
    assert 'placeholder="What you ask, like “Ratify the Convention”"' in add(admin_client, home(), "pledgepage")
    assert 'placeholder="Who signs, like “As a nurse”"' in add(admin_client, campaign, "signertypepage")


@pytest.mark.requirement("CP3")
def test_kinds_are_offered_with_a_capital(admin_client: Client, campaign: Any) -> None:
    html = add(admin_client, campaign, "signertypepage")
    assert re.findall(r'<option value="(?:individual|organization)"[^>]*>(\w+)<', html) == [
        "Individual",
        "Organization",
    ]
