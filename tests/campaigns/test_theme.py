"""A site's own colours: checked when saved, in a stylesheet with a digest, on every public page."""

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


def complaints(**fields: str) -> dict[str, list[str]]:
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
def test_colours_that_can_be_read_are_taken(fields: dict[str, str]) -> None:
    assert complaints(**fields) == {}


def test_the_complaint_names_the_pair_and_the_ratio() -> None:
    assert complaints(brand="#777777") == {
        "brand": [
            "White words on this colour have a contrast of 4.47 to 1; 4.5 is needed. Take a darker one.",
            "This colour on the page has a contrast of 4.08 to 1; 4.5 is needed. Take a darker one.",
        ]
    }


def test_a_colour_just_good_enough_for_white_words_may_still_be_too_pale_on_the_page() -> None:
    assert complaints(action="#767676") == {
        "action": ["This colour on the page has a contrast of 4.14 to 1; 4.5 is needed. Take a darker one."]
    }


def test_dark_screens_are_measured_too() -> None:
    found = complaints(brand="#0b3d5c", action="#a1280a", brand_dark="#9fd3f0", action_dark="#7a1d05")
    assert set(found) == {"brand_dark", "action_dark"}
    assert [text.split(" have ")[0].split(" has ")[0] for text in found["action_dark"]] == [
        "Dark words on this colour",
        "This colour on a dark page",
    ]


def test_a_colour_for_dark_screens_alone_is_half_a_choice() -> None:
    assert complaints(brand_dark="#06263a") == {"brand": ["Choose a colour for light screens too."]}


@pytest.mark.parametrize("value", ["red", "#fff", "3b1245", "#3b1245;}", "#3b12g5", "#3b1245\n"])
def test_what_is_no_colour_is_refused_and_never_measured(value: str) -> None:
    assert complaints(brand=value)["brand"][0] == "Write the colour as # and six digits, like #3b1245."


def test_without_colours_no_stylesheet_is_asked_for(client: Client, campaign: PledgePage) -> None:
    assert links(client, campaign.url) == []
    colours().save()
    assert links(client, campaign.url) == []


def test_the_page_links_a_sheet_that_may_be_kept_for_ever(client: Client, campaign: PledgePage) -> None:
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


def test_other_colours_have_another_address_and_the_old_one_says_todays(client: Client, campaign: PledgePage) -> None:
    own = colours(brand="#0b3d5c")
    own.save()
    [before] = links(client, campaign.url)
    own.brand = "#3b1245"
    own.save()
    [after] = links(client, campaign.url)
    assert before != after
    stale = client.get(before)
    assert stale.content == client.get(after).content
    assert stale["Cache-Control"] == "public, max-age=30"
    own.delete()
    assert links(client, campaign.url) == []
    gone = client.get(after)
    assert (gone.status_code, gone.content, gone["Cache-Control"]) == (200, b"", "public, max-age=30")


def test_each_site_has_its_own(client: Client, campaign: PledgePage, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    other = Site.objects.create(hostname="other.example", root_page=campaign.get_parent())
    SiteColours(site=other, brand="#0b3d5c").save()
    assert links(client, campaign.url) == []
    assert LINK.findall(client.get(campaign.url, headers={"host": "other.example"}).content.decode())


def test_the_pages_after_signing_wear_them_too(client: Client, campaign: PledgePage) -> None:
    colours(brand="#0b3d5c").save()
    assert links(client, "/pledge/confirm/no-such-token/")
    assert links(client, f"/pledge/{campaign.pledge.uuid}/embed/")


def test_pages_ask_the_database_now_and_then(
    client: Client, campaign: PledgePage, django_assert_num_queries: Any
) -> None:
    colours(brand="#0b3d5c").save()
    client.get("/pledge/confirm/no-such-token/")
    with django_assert_num_queries(0):
        client.get("/pledge/confirm/no-such-token/")


@pytest.mark.parametrize("site", [2**63, 10**30, int("9" * 4000)])
def test_a_number_that_no_site_can_have_is_not_found(client: Client, campaign: PledgePage, site: int) -> None:
    assert client.get(f"/pledge/colours/{site}-abc.css").status_code == 404
    assert client.get(f"/pledge/colours/{2**63 - 1}-abc.css").content == b""


@pytest.mark.requirement("A5")
def test_a_database_that_is_away_leaves_the_package_s_colours(
    rf: RequestFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_request: Any) -> None:
        raise OperationalError

    monkeypatch.setattr(Site, "find_for_request", staticmethod(away))
    assert colours_url(rf.get("/", headers={"host": "localhost:8"})) == ""
