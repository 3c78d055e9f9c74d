"""Colours of a site: validation, the generated stylesheet, and its link on public pages."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import OperationalError
from django.test import Client, RequestFactory
from wagtail.models import Site

from wagtail_pledge.campaigns.theme import SiteColours, colours_url
from wagtail_pledge.pages.models import PledgePage

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("X4")]

LINK = re.compile(r'<link rel="stylesheet" href="(/pledge/colours/[^"]+)">')


def colours(**fields: str) -> SiteColours:
    return SiteColours(site=Site.objects.get(is_default_site=True), **fields)


def links(client: Client, url: str) -> list[str]:
    return LINK.findall(client.get(url).content.decode())


def errors_of(**fields: str) -> dict[str, list[str]]:
    try:
        colours(**fields).full_clean()
    except ValidationError as error:
        return error.message_dict
    return {}


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"brand": "#0B3D5C"},
        {"action": "#a1280a"},
        {"brand": "#0b3d5c", "action": "#a1280a", "brand_dark": "#06263a", "action_dark": "#ffab8a"},
    ],
)
def test_colours_with_enough_contrast_are_valid(fields: dict[str, str]) -> None:
    assert errors_of(**fields) == {}


def test_the_error_names_the_pair_and_the_ratio() -> None:
    assert errors_of(brand="#777777") == {
        "brand": [
            "White text on this color has a contrast of 4.47 to 1. It needs at least 4.5. Choose a darker color.",
            "This color on the page has a contrast of 4.08 to 1. It needs at least 4.5. Choose a darker color.",
        ]
    }


def test_contrast_is_checked_with_white_text_and_with_the_page() -> None:
    assert errors_of(action="#767676") == {
        "action": ["This color on the page has a contrast of 4.14 to 1. It needs at least 4.5. Choose a darker color."]
    }


def test_contrast_is_checked_in_dark_mode() -> None:
    found = errors_of(brand="#0b3d5c", action="#a1280a", brand_dark="#9fd3f0", action_dark="#7a1d05")
    assert set(found) == {"brand_dark", "action_dark"}
    assert [text.split(" have ")[0].split(" has ")[0] for text in found["action_dark"]] == [
        "Dark text on this color",
        "This color on a dark page",
    ]


def test_a_dark_mode_colour_needs_a_light_mode_colour() -> None:
    assert errors_of(brand_dark="#06263a") == {"brand": ["Choose a color for light screens too."]}


@pytest.mark.parametrize("value", ["red", "#fff", "3b1245", "#3b1245;}", "#3b12g5", "#3b1245\n"])
def test_an_invalid_colour_is_an_error(value: str) -> None:
    assert errors_of(brand=value)["brand"][0] == "Enter the color as # and six digits, like #3b1245."


def test_without_colours_there_is_no_stylesheet(client: Client, campaign: PledgePage) -> None:
    assert links(client, campaign.url) == []
    colours().save()
    assert links(client, campaign.url) == []


def test_the_stylesheet_is_immutable(client: Client, campaign: PledgePage) -> None:
    colours(brand="#0B3D5C", action="#a1280a").save()
    [url] = links(client, campaign.url)
    answer = client.get(url)
    assert answer["Content-Type"] == "text/css; charset=utf-8"
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert not answer.has_header("Vary")
    assert not answer.cookies
    css = answer.content.decode()
    assert css.startswith("@layer pledge-tokens{:root{--pledge-c-brand:#0b3d5c;")
    assert "@media (prefers-color-scheme:dark){:root{" in css


def test_an_old_stylesheet_url_serves_the_current_colours(client: Client, campaign: PledgePage) -> None:
    site_colours = colours(brand="#0b3d5c")
    site_colours.save()
    [before] = links(client, campaign.url)
    site_colours.brand = "#3b1245"
    site_colours.save()
    [after] = links(client, campaign.url)
    assert before != after
    stale = client.get(before)
    assert stale.content == client.get(after).content
    assert stale["Cache-Control"] == "public, max-age=30"
    site_colours.delete()
    assert links(client, campaign.url) == []
    gone = client.get(after)
    assert (gone.status_code, gone.content, gone["Cache-Control"]) == (200, b"", "public, max-age=30")


def test_each_site_has_its_own_colours(client: Client, campaign: PledgePage, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    other = Site.objects.create(hostname="other.example", root_page=campaign.get_parent())
    SiteColours(site=other, brand="#0b3d5c").save()
    assert links(client, campaign.url) == []
    assert LINK.findall(client.get(campaign.url, headers={"host": "other.example"}).content.decode())


def test_private_and_embedded_pages_have_the_stylesheet(client: Client, campaign: PledgePage) -> None:
    colours(brand="#0b3d5c").save()
    assert links(client, "/pledge/confirm/no-such-token/")
    assert links(client, f"/pledge/{campaign.pledge.uuid}/embed/")


def test_the_stylesheet_url_is_cached(client: Client, campaign: PledgePage, django_assert_num_queries: Any) -> None:
    colours(brand="#0b3d5c").save()
    client.get("/pledge/confirm/no-such-token/")
    with django_assert_num_queries(0):
        client.get("/pledge/confirm/no-such-token/")


@pytest.mark.parametrize("site", [2**63, 10**30, int("9" * 4000)])
def test_an_invalid_site_id_is_not_found(client: Client, campaign: PledgePage, site: int) -> None:
    assert client.get(f"/pledge/colours/{site}-abc.css").status_code == 404
    assert client.get(f"/pledge/colours/{2**63 - 1}-abc.css").content == b""


@pytest.mark.requirement("A5")
def test_without_the_database_the_default_colours_are_used(rf: RequestFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_request: Any) -> None:
        raise OperationalError

    monkeypatch.setattr(Site, "find_for_request", staticmethod(fail))
    assert colours_url(rf.get("/", headers={"host": "localhost:8"})) == ""
