"""Reports that keep treaty facts true, and who may read them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.test import Client, override_settings
from django.urls import reverse
from wagtail.models import GroupPagePermission, Page

from tests.campaigns.test_treaty_page import _home
from tests.treaties import treaty_data
from wagtail_pledge.admin.treaties.reports import HARDCODED_URL, STALE_URL
from wagtail_pledge.pages.models import PledgeIndexPage, TreatyStatusPage
from wagtail_pledge.treaties.hardcoded_numbers import find_hardcoded_numbers, names_by_treaty
from wagtail_pledge.treaties.models import TreatyName

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("TR5")]


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(treaty_data.TODAY, tick=False):
        yield


def _client(*permissions: str) -> Client:
    user = get_user_model().objects.create_user("reader", "reader@example.org", "x")
    group = Group.objects.create(name="Readers")
    group.permissions.set(Permission.objects.filter(codename__in=["access_admin", *permissions]))
    user.groups.add(group)
    client = Client()
    client.force_login(user)
    return client


def _allow_pages(root: Page) -> None:
    change = Permission.objects.get(codename="change_page")
    GroupPagePermission.objects.create(group=Group.objects.get(name="Readers"), page=root, permission=change)


@pytest.mark.parametrize("name", [STALE_URL, HARDCODED_URL])
@pytest.mark.parametrize(
    ("permissions", "is_allowed"),
    [((), False), (("import_treaty",), True), (("change_treaty",), True), (("view_treaty",), True)],
)
def test_who_keeps_treaties_may_read_them(name: str, permissions: tuple[str, ...], is_allowed: bool) -> None:
    client = _client(*permissions)
    assert (client.get(reverse(name)).status_code == 200) == is_allowed
    assert (client.get(reverse(f"{name}_results")).status_code == 200) == is_allowed
    menu = client.get(reverse("wagtailadmin_home")).content.decode()
    assert (reverse(name) in menu) == is_allowed


def test_stale_facts_are_older_than_the_site_allows_or_missing() -> None:
    treaty_data.cmw()
    treaty_data.treaty("fresh", as_of=dt.date(2026, 11, 1))
    treaty_data.treaty("never")
    client = _client("view_treaty")
    html = client.get(reverse(STALE_URL)).content.decode()
    assert html.index("NEVER") < html.index("CMW")
    assert "FRESH" not in html
    with override_settings(WAGTAIL_PLEDGE_FACT_MAX_DAYS=365):
        assert "CMW" not in client.get(reverse(STALE_URL)).content.decode()
    rows = client.get(reverse(STALE_URL), {"export": "csv"})
    assert b"cmw" in b"".join(rows.streaming_content)  # type: ignore[arg-type]


def test_typed_numbers_are_found_on_live_pages_that_the_user_may_change() -> None:
    treaty_data.cmw()
    words = "Today 49 countries have ratified the Migrant Workers Convention."
    home = _home()
    page = TreatyStatusPage(title="Typed", slug="typed", lead=words)
    home.add_child(instance=page)
    home.add_child(instance=PledgeIndexPage(title="Draft", slug="draft", lead=words, live=False))
    body: Any = [("rich_text", f"<p>{words}</p><p>And 17 States signed the Migrant Workers Convention.</p>")]
    home.add_child(instance=TreatyStatusPage(title="In the body", slug="body", body=body))
    client = _client("view_treaty")
    assert "Typed" not in _found(client)
    _allow_pages(home)
    html = _found(client)
    assert html.count("<td>49</td>") + html.count(">49<") >= 2 or html.count("49") >= 2
    assert "In the body" in html
    assert "Draft" not in html
    assert reverse("wagtailadmin_pages:edit", args=[page.pk]) in html


def _found(client: Client) -> str:
    return client.get(reverse(f"{HARDCODED_URL}_results")).content.decode()


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("49 countries have ratified the Migrant Workers Convention; another 17 have signed it.", ["49", "17"]),
        ("The CMW has 60 States parties.", ["60"]),
        ("La Convención: 60 Estados son parte en la Convención sobre los Trabajadores Migrantes.", ["60"]),
        ("Under article 87 of the Migrant Workers Convention States decide.", []),
        ("Adopted on 18 December 1990, the Migrant Workers Convention protects families.", []),
        ("The Migrant Workers Convention protects 280 million people.", []),
        ("60 States met. " + "x" * 300 + " Migrant Workers Convention", []),
        ("60 States are party to something else.", []),
        ("CMWX has 60 States.", []),
    ],
)
def test_numbers_near_a_name_are_found_and_others_are_not(text: str, numbers: list[str]) -> None:
    treaty = treaty_data.treaty()
    said = "la Convención sobre los Trabajadores Migrantes"
    TreatyName.objects.create(treaty=treaty, language="es", name=said, title=said)
    assert [hit.number for hit in find_hardcoded_numbers(text, names_by_treaty())] == numbers
