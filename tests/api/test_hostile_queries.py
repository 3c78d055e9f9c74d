"""Queries that no program means: Wagtail's API and the package's own data endpoints never answer 500."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final
from urllib.parse import quote

import pytest
from django.test import Client
from wagtail.models import Page
from wagtail.search.index import insert_or_update_object

from tests.campaign_fixtures import campaign, individual, organization
from tests.treaties import treaty_data

__all__ = ["campaign", "individual", "organization"]

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.projects.api_urls"), pytest.mark.requirement("RE1")]

VALUES: Final = (
    '"', 'a" "b', "\x00", "a\x00b", "", " ", "-1", "0", "9" * 19, "9" * 5000, "1e9", "²", "%", "*", "a:*", "a(b(c",
    b"\xed\xa0\x80", "x" * 3000, ",", "--title", "root", "&|!", "random", "\\", "9999-99-99", "a " * 2000,
)  # fmt: skip
LISTED: Final = (
    "limit", "offset", "fields", "order", "search", "search_operator", "rich_text_format", "type", "child_of",
    "ancestor_of", "descendant_of", "translation_of", "locale", "site", "format", "_", "id", "title", "slug",
    "first_published_at", "show_in_menus", "alias_of", "locale",
)  # fmt: skip


def failures(client: Client, path: str, names: tuple[str, ...], prefix: str = "") -> list[tuple[str, int]]:
    """Return the queries that get an answer other than success, redirect or an error of the caller."""
    client.raise_request_exception = False
    found = []
    for name in names:
        for value in VALUES:
            url = f"{path}?{prefix}{name}={quote(value)}"
            status = client.get(url).status_code
            if status not in {200, 301, 302, 400, 404}:
                found.append((url[:80], status))
    return found


@pytest.mark.parametrize("prefix", ["", "type=wagtail_pledge_pages.PledgePage&", "search=a&"])
def test_a_listing_of_pages_never_fails(client: Client, individual, prefix: str) -> None:
    assert failures(client, "/api/v2/pages/", LISTED, prefix) == []


@pytest.mark.parametrize("endpoint", ["images", "documents"])
def test_a_listing_of_files_never_fails(client: Client, db: None, endpoint: str) -> None:
    assert failures(client, f"/api/v2/{endpoint}/", LISTED) == []


def test_finding_a_page_and_its_details_never_fail(client: Client, campaign) -> None:
    assert failures(client, "/api/v2/pages/find/", ("id", "html_path", "fields", "locale")) == []
    assert failures(client, f"/api/v2/pages/{campaign.pk}/", LISTED) == []


@pytest.mark.parametrize("name", ["%00", "a%00b", "search%00"])
def test_a_null_character_in_a_name_is_refused(client: Client, campaign, name: str) -> None:
    answer = client.get(f"/api/v2/pages/?{name}=1")
    assert (answer.status_code, answer.json()["message"]) == (400, "null characters are not allowed")


@pytest.mark.parametrize("search", ['"', "*", "  ", "&|!"])
def test_a_search_without_a_word_finds_nothing(client: Client, campaign, search: str) -> None:
    answer = client.get("/api/v2/pages/", {"search": search})
    assert (answer.status_code, answer.json()["meta"]["total_count"]) == (200, 0)


def test_quotes_around_a_search_are_ignored(client: Client, campaign) -> None:
    def titles(search: str) -> Any:
        return [item["title"] for item in client.get("/api/v2/pages/", {"search": search}).json()["items"]]

    insert_or_update_object(campaign)
    assert titles('"ratify now"') == titles("ratify now") == titles('ratify now"') == [campaign.title]


def test_valid_filters_still_work(client: Client, campaign) -> None:
    def found(**query: Any) -> Any:
        return [item["id"] for item in client.get("/api/v2/pages/", query).json()["items"]]

    assert found(title=campaign.title) == found(slug=campaign.slug) == [campaign.pk]
    assert found(child_of=campaign.get_parent().pk, limit=5, offset=0) == [campaign.pk]
    moment = dt.datetime(2026, 2, 3, 4, 5, 6, tzinfo=dt.UTC)
    Page.objects.filter(pk=campaign.pk).update(first_published_at=moment)
    assert found(first_published_at=moment.isoformat()) == [campaign.pk]
    assert client.get("/api/v2/pages/find/", {"id": campaign.pk}).status_code == 302


@pytest.mark.requirement("TR7")
def test_the_packages_own_data_never_fail(client: Client, individual) -> None:
    treaty_data.cmw()
    pledge = f"/pledge/{individual.signer_type.pledge.uuid}"
    for path, names in {
        f"{pledge}/count.json": ("lang", "_"),
        f"{pledge}/pledge.json": ("lang", "_"),
        f"{pledge}/updates.atom": ("lang", "_"),
        f"{pledge}/stamp.json": ("statement", "lang"),
        f"{pledge}/embed/": ("src", "lang", "source", "signer_type", "kind"),
        f"{pledge}/qr.svg": ("lang", "source"),
        "/pledge/treaties/cmw/status.json": ("as_of", "lang"),
        "/pledge/treaties/cmw/status.csv": ("as_of", "lang"),
        "/pledge/treaties/cmw/changes.atom": ("lang",),
    }.items():
        assert failures(client, path, names) == []
