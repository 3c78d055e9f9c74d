"""Who may choose a site's colours, and what the form says to a colour that can't be read."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse
from wagtail.models import GroupSitePermission, Site

from tests.admin.responses import outcome, text
from wagtail_pledge.models import SiteColours

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.requirement("X4", "ED3"),
    pytest.mark.skipif(not apps.is_installed("wagtail.contrib.settings"), reason="this site has no settings"),
]

FIELDS = {"brand": "#0b3d5c", "action": "#a1280a", "brand_dark": "", "action_dark": ""}


def site() -> Site:
    return Site.objects.get(is_default_site=True)


def address(which: Site | None = None) -> str:
    return reverse("wagtailsettings:edit", args=["wagtail_pledge", "sitecolours", (which or site()).pk])


def right() -> Permission:
    return Permission.objects.get(codename="change_sitecolours")


@pytest.fixture
def designer(db: None) -> Client:
    group = Group.objects.create(name="designers")
    group.permissions.add(Permission.objects.get(codename="access_admin"), right())
    user = get_user_model().objects.create_user(username="designer", password="password")
    user.groups.add(group)
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("anonymous", "login"),
        ("editor", "denied"),
        ("moderator", "denied"),
        ("manager", "denied"),
        ("superuser", "ok"),
    ],
)
def test_rights_on_campaigns_are_no_rights_on_colours(
    log_in: Callable[[str], Client], role: str, expected: str
) -> None:
    client = log_in(role)
    assert outcome(client.get(address())) == expected
    client.post(address(), FIELDS)
    assert SiteColours.objects.filter(brand=FIELDS["brand"]).exists() is (role == "superuser")


def test_the_right_is_in_the_settings_menu_and_saves(designer: Client) -> None:
    menu = text(designer.get(reverse("wagtailadmin_home")))
    assert "Campaign colors" in menu
    assert designer.post(address(), FIELDS).status_code == 302
    assert SiteColours.objects.get().brand == "#0b3d5c"


def test_a_right_for_one_site_is_none_for_another(designer: Client) -> None:
    group = Group.objects.get(name="designers")
    group.permissions.remove(right())
    GroupSitePermission.objects.create(group=group, site=site(), permission=right())
    other = Site.objects.create(hostname="other.example", root_page=site().root_page)
    assert outcome(designer.get(address())) == "ok"
    assert outcome(designer.get(address(other))) == "denied"
    designer.post(address(other), FIELDS)
    assert not SiteColours.objects.filter(site=other).exists()


def test_the_form_says_what_is_wrong_and_saves_nothing(designer: Client) -> None:
    answer = designer.post(address(), {**FIELDS, "brand": "#ffc24b"})
    assert answer.status_code == 200
    assert "White text on this color has a contrast of 1.60 to 1. It needs at least 4.5." in text(answer)
    assert not SiteColours.objects.exclude(brand="").exists()
