"""A new page's pledge belongs to its author's collection; a page without a statement can't be published."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse
from wagtail.models import Collection, Site
from wagtail.test.utils.form_data import nested_form_data, rich_text, streamfield

from wagtail_pledge.admin.permissions import PledgePermission, visible_to
from wagtail_pledge.signing.models import Pledge, Statement

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.requirement("CP1"),
    pytest.mark.skipif(not apps.is_installed("wagtail_pledge.pages"), reason="this site leaves our page types out"),
    pytest.mark.swappable,
]

MakeUser = Callable[..., Any]


@pytest.fixture
def team_collections(db: None) -> dict[str, Collection]:
    root = Collection.get_first_root_node()
    return {name: root.add_child(name=name) for name in ("First", "Second")}


def page_by(author: Any, title: str = "Fair pay") -> Any:
    model = apps.get_model("wagtail_pledge_pages", "PledgePage")
    home = Site.objects.get(is_default_site=True).root_page
    return home.add_child(instance=model(title=title, slug=title.lower().replace(" ", "-"), owner=author))


def test_a_new_pledge_is_put_into_a_collection_its_author_may_edit(
    make_user: MakeUser, team_collections: dict[str, Collection]
) -> None:
    author = make_user("author", team_collections["Second"], PledgePermission.CHANGE)
    page = page_by(author)
    assert page.pledge.collection == team_collections["Second"]
    assert list(visible_to(author, PledgePermission.CHANGE)) == [page.pledge]


def test_permissions_other_than_change_do_not_select_a_collection(
    make_user: MakeUser, team_collections: dict[str, Collection]
) -> None:
    page = page_by(
        make_user(
            "reader",
            team_collections["Second"],
            PledgePermission.VIEW,
            PledgePermission.MODERATE,
            PledgePermission.CONTACT,
        )
    )
    assert page.pledge.collection == Collection.get_first_root_node()


@pytest.mark.requirement("CP2")
def test_a_copied_page_puts_its_pledge_into_the_copiers_collection(
    make_user: MakeUser, team_collections: dict[str, Collection]
) -> None:
    page = page_by(make_user("author", team_collections["First"], PledgePermission.CHANGE))
    copier = make_user("copier", team_collections["Second"], PledgePermission.CHANGE)
    copy = page.copy(update_attrs={"slug": "copy"}, user=copier)
    assert copy.specific.pledge.collection == team_collections["Second"]
    assert Pledge.objects.get(pk=page.pledge_id).collection == team_collections["First"]


def test_pages_without_an_owner_or_by_a_superuser_use_the_root_collection(
    admin_user: Any, team_collections: dict[str, Collection]
) -> None:
    root = Collection.get_first_root_node()
    assert {page_by(None, "A").pledge.collection, page_by(admin_user, "B").pledge.collection} == {root}


@pytest.fixture
def draft_page() -> Any:
    page = page_by(None)
    page.live = False
    page.save()
    return page


def saved(client: Client, page: Any, statement: str, **extra: str) -> Any:
    form = {
        "title": "Fair pay",
        "slug": "fair-pay",
        "asker": "",
        "addressee": "",
        "asker_logo": "",
        "lead": "",
        "statement": rich_text(statement),
        "body": streamfield([]),
        "button_text": "",
        "privacy_note": rich_text(""),
        "thanks_heading": "",
        "thanks_text": rich_text(""),
        "seo_title": "",
        "search_description": "",
        "comments": {"TOTAL_FORMS": 0, "INITIAL_FORMS": 0},
        **extra,
    }
    return client.post(reverse("wagtailadmin_pages:edit", args=[page.pk]), nested_form_data(form))


@pytest.mark.parametrize("statement", ["", "<p></p>", "<p> </p>"])
def test_a_page_without_a_statement_is_not_published(admin_client: Client, draft_page: Any, statement: str) -> None:
    answer = saved(admin_client, draft_page, statement, **{"action-publish": "1"})
    assert answer.status_code == 200
    assert answer.context["form"].errors.keys() == {"statement"}
    draft_page.refresh_from_db()
    assert not draft_page.live
    assert not Statement.objects.exists()


def test_a_draft_may_lack_a_statement_and_is_published_once_it_has_one(admin_client: Client, draft_page: Any) -> None:
    assert saved(admin_client, draft_page, "").status_code == 302
    assert saved(admin_client, draft_page, "<p>We call for it.</p>", **{"action-publish": "1"}).status_code == 302
    draft_page.refresh_from_db()
    assert draft_page.live
    assert "We call for it." in Statement.objects.get().text
