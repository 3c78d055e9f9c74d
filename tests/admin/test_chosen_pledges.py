"""The editor of a page chooses among its own pledges; what somebody else has chosen stays, and is not named."""

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

HIDDEN_PLEDGE = "A campaign that you cannot see or that was deleted"


def page_editor(user: Any) -> Client:
    """Return a client of ``user``, who may edit and publish all pages."""
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


def options(content: bytes) -> set[str]:
    """Return the texts of all options of the choosers of a pledge, which are part of the blocks' definitions."""
    text = html.unescape(content.decode())
    selects = re.findall(r"<select[^>]*>(?:(?!</select>).)*?This page’s campaign.*?</select>", json_text(text))
    assert selects
    return {option.strip() for select in selects for option in re.findall(r">([^<]+)</option>", select)}


def json_text(text: str) -> str:
    return re.sub(r"\\u([0-9a-f]{4})", lambda m: chr(int(m[1], 16)), text).replace("\\n", " ").replace('\\"', '"')


def show(page: Any, pledge: Any) -> None:
    """Have a block that shows ``pledge`` on the page."""
    page.body = [{"type": "progress", "value": {"heading": "Theirs", "pledge": str(pledge)}}]
    page.save_revision().publish()


def posted(page: Any, pledge: str) -> dict[str, Any]:
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


def test_who_edits_pages_only_is_offered_no_campaign(pages: Any, our_campaign: Campaign, make_user: MakeUser) -> None:
    content = page_editor(make_user("pages")).get(edit_url(pages[0])).content
    assert options(content) == {"This page’s campaign"}
    assert b"Pledge of Ours" not in content


def test_who_manages_a_campaign_is_offered_that_one_only(
    pages: Any, our_campaign: Campaign, other_campaign: Campaign, make_user: MakeUser
) -> None:
    client = page_editor(make_user("manager", our_campaign.collection, *MANAGER))
    content = client.get(edit_url(pages[0])).content
    assert options(content) == {"This page’s campaign", "Pledge of Ours"}
    assert b"Pledge of Theirs" not in content


def test_a_superuser_is_offered_all(pages: Any, our_campaign: Campaign, other_campaign: Campaign) -> None:
    client = Client()
    client.force_login(get_user_model().objects.create_superuser(username="root", password="password"))
    found = options(client.get(edit_url(pages[0])).content)
    assert found == {"This page’s campaign", "Pledge of Ours", "Pledge of Theirs", pages[0].pledge.title}


@pytest.mark.parametrize("exists", [True, False])
def test_what_somebody_else_has_chosen_stays_without_its_name(
    pages: Any, our_campaign: Campaign, make_user: MakeUser, exists: bool
) -> None:
    page, chosen = pages[0], str(our_campaign.pledge.uuid if exists else uuid4())
    show(page, chosen)
    client = page_editor(make_user("pages"))
    content = client.get(edit_url(page)).content
    assert options(content) == {"This page’s campaign", HIDDEN_PLEDGE}
    assert b"Pledge of Ours" not in content
    client.post(edit_url(page), posted(page, chosen))
    page.refresh_from_db()
    (block,) = page.get_latest_revision_as_object().body
    assert (block.value["heading"], block.value["pledge"]) == ("Kept", chosen)


def test_a_campaign_that_was_not_offered_is_not_taken(pages: Any, our_campaign: Campaign, make_user: MakeUser) -> None:
    page = pages[0]
    before = page.latest_revision_id
    answer = page_editor(make_user("pages")).post(edit_url(page), posted(page, str(our_campaign.pledge.uuid)))
    assert answer.status_code == 200
    page.refresh_from_db()
    assert page.latest_revision_id == before
    taken = page_editor(make_user("manager", our_campaign.collection, *MANAGER)).post(
        edit_url(page), posted(page, str(our_campaign.pledge.uuid))
    )
    assert taken.status_code == 302


def test_a_treaty_page_names_only_campaigns_of_the_editor(
    pages: Any, our_campaign: Campaign, other_campaign: Campaign, make_user: MakeUser
) -> None:
    page = publish(
        home(),
        apps.get_model("wagtail_pledge_pages", "TreatyStatusPage")(
            title="Treaty", slug="treaty", treaty=treaty_data.treaty(), campaign=other_campaign.pledge
        ),
    )
    content = page_editor(make_user("manager", our_campaign.collection, *MANAGER)).get(edit_url(page)).content.decode()
    select = re.search(r'<select name="campaign".*?</select>', content, re.DOTALL)
    assert select
    # But the empty choice, which each version of Django words otherwise
    assert re.findall(r'value="\d+"[^>]*>([^<\n]+)</option>', select[0]) == ["Pledge of Ours", HIDDEN_PLEDGE]
    assert re.search(rf'value="{other_campaign.pledge.pk}" selected', select[0])
