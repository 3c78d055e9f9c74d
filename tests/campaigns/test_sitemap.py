"""The package's sitemap: each public page once, in every language."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.sites.requests import RequestSite
from django.test import Client
from wagtail.contrib.sitemaps import Sitemap
from wagtail.models import Page, PageViewRestriction, Site

from tests.campaigns.test_head_tags import HOST, translated
from tests.projects.campaign import home, publish
from wagtail_pledge.pages.models import PledgePage

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("CP12")]


@pytest.fixture(autouse=True)
def _own_host(db: None) -> None:
    Site.objects.update(hostname="testserver", site_name="Rights now")
    Site.clear_site_root_paths_cache()


def entries(client: Client) -> dict[str, dict[str, Any]]:
    request = client.get(home().url).wsgi_request
    found = Sitemap(request).get_urls(site=RequestSite(request))
    by_address = {entry["location"]: entry for entry in found}
    assert len(by_address) == len(found)
    return by_address


def campaign_urls(client: Client) -> set[str]:
    """Return the URLs of the campaign in the sitemap."""
    return {url for url in entries(client) if "/ratify" in url}


def test_public_pages_with_date_and_alternates(client: Client, campaign, individual) -> None:
    translated(campaign)
    found = entries(client)
    entry = found[f"{HOST}/en/ratify/"]
    assert entry["lastmod"] == campaign.last_published_at
    assert {one["lang_code"]: one["location"] for one in entry["alternates"]} == {
        "en": f"{HOST}/en/ratify/",
        "es": f"{HOST}/es/ratify/",
        "x-default": f"{HOST}/en/ratify/",
    }
    assert found[f"{HOST}/es/ratify/"]["alternates"] == entry["alternates"]
    assert found[f"{HOST}/en/ratify/individual/"]["alternates"] == []


def test_translations_outside_the_sites_tree_are_listed(client: Client, campaign) -> None:
    spanish, arabic = translated(campaign), translated(campaign, "ar")
    everywhere = {f"{HOST}/{code}/ratify/" for code in ("en", "es", "ar")}
    assert campaign_urls(client) == everywhere
    arabic.unpublish()
    assert campaign_urls(client) == everywhere - {f"{HOST}/ar/ratify/"}
    PageViewRestriction.objects.create(page=spanish.get_parent(), restriction_type="login")
    assert campaign_urls(client) == {f"{HOST}/en/ratify/"}


def test_a_translation_is_listed_instead_of_its_alias(client: Client, campaign) -> None:
    spanish = translated(campaign)
    campaign.alias_of = spanish
    campaign.save()
    assert campaign_urls(client) == {f"{HOST}/es/ratify/"}


def test_translations_of_another_site_are_not_listed(client: Client, campaign) -> None:
    root = translated(campaign).get_parent()
    root.slug = "inicio"
    root.save()
    Site.objects.create(hostname="es.example", root_page=root)
    Site.clear_site_root_paths_cache()
    assert campaign_urls(client) == {f"{HOST}/en/ratify/"}


def test_translations_in_the_sites_tree_are_listed_once(client: Client, campaign) -> None:
    translated(campaign)
    root = home().get_parent()
    Site.objects.update(root_page=root)
    Site.clear_site_root_paths_cache()
    request = client.get("/").wsgi_request
    found = [entry["location"] for entry in Sitemap(request).get_urls(site=RequestSite(request))]
    assert len([url for url in found if url.endswith("/ratify/")]) == 2
    assert len(set(found)) == len(found)


def test_restricted_draft_and_alias_pages_are_not_listed(client: Client, campaign, individual) -> None:
    PageViewRestriction.objects.create(page=individual, restriction_type="password", password="x")
    publish(home(), PledgePage(title="Draft", slug="draft")).unpublish()
    translated(campaign, alias=True)
    assert [url for url in entries(client) if url != f"{HOST}/en/"] == [f"{HOST}/en/ratify/"]
    assert Page.objects.get(locale__language_code="es", slug="ratify").specific.get_sitemap_urls() == []
