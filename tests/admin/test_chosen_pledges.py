"""Pledge choosers offer only the user's own pledges; a pledge chosen by somebody else is kept and not named."""

from __future__ import annotations

import html
import re
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from wagtail.models import GroupPagePermission
from wagtail.test.utils.form_data import nested_form_data, rich_text, streamfield

from tests.admin.conftest import MANAGER, Campaign, MakeUser
from tests.projects.campaign import home, publish
from tests.treaties import treaty_data

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("ED3"), pytest.mark.swappable]

CHOOSER = "/admin/pledge-chooser/?by=key"
HIDDEN_PLEDGE = "A campaign that you cannot see or that was deleted"


def page_editor_client(user: Any) -> Client:
    """Return a client logged in as ``user`` with permission to edit and publish all pages."""
    group = user.groups.first() or Group.objects.create(name="pages")
    for codename in ("add", "change", "publish"):
        GroupPagePermission.objects.create(
            group=group, page=home(), permission=_permission(f"{codename}_page", f"{codename}_basepage")
        )
    client = Client()
    client.force_login(user)
    return client


def _permission(*names: str) -> Any:
    model = GroupPagePermission._meta.get_field("permission").remote_field.model
    return model.objects.filter(codename__in=names, content_type__app_label="wagtailcore").first()


def edit_url(page: Any) -> str:
    return reverse("wagtailadmin_pages:edit", args=[page.pk])


def offered(client: Client) -> set[str]:
    """Return the titles in the list of the chooser, which the blocks open."""
    answer = client.get(reverse("wagtail_pledge_pledge_chooser:choose_results"), {"by": "key"})
    return {title.strip() for title in re.findall(r"data-chooser-modal-choice[^>]*>([^<]+)<", answer.content.decode())}


def add_progress_block(page: Any, pledge: Any) -> None:
    """Add a block that shows ``pledge`` to the page."""
    page.body = [{"type": "progress", "value": {"heading": "Theirs", "pledge": str(pledge)}}]
    page.save_revision().publish()


def form_data(page: Any, pledge: str) -> dict[str, Any]:
    return nested_form_data(
        {
            "title": page.title,
            "slug": page.slug,
            "statement": rich_text("<p>Ratify.</p>"),
            "privacy_note": rich_text(""),
            "thanks_text": rich_text(""),
            "body": streamfield([("progress", {"heading": "Kept", "pledge": pledge})]),
            "comments": {"TOTAL_FORMS": "0", "INITIAL_FORMS": "0"},
        }
    )


def test_an_editor_without_pledge_permissions_is_offered_no_campaign(
    pages: Any, our_campaign: Campaign, make_user: MakeUser
) -> None:
    client = page_editor_client(make_user("pages"))
    content = client.get(edit_url(pages[0])).content
    assert CHOOSER in html.unescape(content.decode())
    assert b"Pledge of Ours" not in content
    assert offered(client) == set()


def test_a_manager_is_offered_only_their_own_campaign(
    pages: Any, our_campaign: Campaign, other_campaign: Campaign, make_user: MakeUser
) -> None:
    client = page_editor_client(make_user("manager", our_campaign.collection, *MANAGER))
    content = client.get(edit_url(pages[0])).content
    assert offered(client) == {"Pledge of Ours"}
    assert b"Pledge of" not in content


def test_a_superuser_is_offered_all_campaigns(pages: Any, our_campaign: Campaign, other_campaign: Campaign) -> None:
    client = Client()
    client.force_login(get_user_model().objects.create_superuser(username="root", password="password"))
    assert offered(client) == {"Pledge of Ours", "Pledge of Theirs", pages[0].pledge.title}


def test_the_editors_own_choice_is_named(pages: Any, our_campaign: Campaign, make_user: MakeUser) -> None:
    add_progress_block(pages[0], our_campaign.pledge.uuid)
    content = (
        page_editor_client(make_user("manager", our_campaign.collection, *MANAGER)).get(edit_url(pages[0])).content
    )
    assert b"Pledge of Ours" in content
    assert HIDDEN_PLEDGE.encode() not in content


@pytest.mark.parametrize("exists", [True, False])
def test_another_users_choice_is_kept_and_not_named(
    pages: Any, our_campaign: Campaign, make_user: MakeUser, exists: bool
) -> None:
    page, chosen = pages[0], str(our_campaign.pledge.uuid if exists else uuid4())
    add_progress_block(page, chosen)
    client = page_editor_client(make_user("pages"))
    content = client.get(edit_url(page)).content
    assert HIDDEN_PLEDGE.encode() in content
    assert b"Pledge of Ours" not in content
    client.post(edit_url(page), form_data(page, chosen))
    page.refresh_from_db()
    (block,) = page.get_latest_revision_as_object().body
    assert (block.value["heading"], block.value["pledge"]) == ("Kept", chosen)


def test_a_campaign_that_was_not_offered_is_rejected(pages: Any, our_campaign: Campaign, make_user: MakeUser) -> None:
    page = pages[0]
    before = page.latest_revision_id
    answer = page_editor_client(make_user("pages")).post(edit_url(page), form_data(page, str(our_campaign.pledge.uuid)))
    assert answer.status_code == 200
    page.refresh_from_db()
    assert page.latest_revision_id == before
    taken = page_editor_client(make_user("manager", our_campaign.collection, *MANAGER)).post(
        edit_url(page), form_data(page, str(our_campaign.pledge.uuid))
    )
    assert taken.status_code == 302


def test_a_treaty_page_offers_only_the_editors_campaigns(
    pages: Any, our_campaign: Campaign, other_campaign: Campaign, make_user: MakeUser
) -> None:
    page = publish(
        home(),
        apps.get_model("wagtail_pledge_pages", "TreatyStatusPage")(
            title="Treaty", slug="treaty", treaty=treaty_data.treaty(), campaign=other_campaign.pledge
        ),
    )
    content = (
        page_editor_client(make_user("manager", our_campaign.collection, *MANAGER)).get(edit_url(page)).content.decode()
    )
    assert re.search(rf'<input type="hidden" name="campaign" value="{other_campaign.pledge.pk}"', content)
    assert HIDDEN_PLEDGE in content
    assert "Pledge of Theirs" not in content
