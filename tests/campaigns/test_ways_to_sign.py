"""Ways to sign: the pledge page's own form and signer-type pages, and the links between them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import pytest
from django.test import Client
from wagtail import hooks
from wagtail.models import Locale

from tests.forms import sign_form_in
from tests.journey import confirm, confirm_path, sign, sign_url, signatures, work
from tests.projects.campaign import home, publish
from wagtail_pledge.pages.models import PledgePage, SignerTypePage
from wagtail_pledge.signing.kinds import kinds
from wagtail_pledge.signing.kinds.individual import Individual
from wagtail_pledge.signing.kinds.registry import HOOK
from wagtail_pledge.signing.models import SignerType

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("CP3")]

WAY: Final = re.compile(r'<li><a href="([^"]+)"(?: aria-current="(\w+)")?>([^<]+)</a></li>')


class Official(Individual):
    """Custom signer kind."""

    slug = "official"
    label = plural = "officials"
    invitation = "As an official"


@pytest.fixture
def official_kind() -> Iterator[None]:
    with hooks.register_temporarily(HOOK, Official):
        kinds.cache_clear()
        yield
    kinds.cache_clear()


@pytest.fixture
def only_signer_type_page(campaign: PledgePage) -> SignerTypePage:
    """Return the only signer-type page of a campaign, for organizations."""
    made: SignerTypePage = publish(campaign, SignerTypePage(title="For organizations", slug="org", kind="organization"))
    return made


def own_url(campaign: PledgePage) -> str:
    own = SignerType.objects.get(pledge=campaign.pledge, kind="individual")
    return f"/pledge/{campaign.pledge.uuid}/sign/{own.uuid}/"


def tabs(client: Client, url: str) -> list[tuple[str, str, str]]:
    """Return the ways to sign in order: URL, value of ``aria-current``, label."""
    html = client.get(url).content.decode()
    found = re.search(r'<ul class="pledge-ways">(.*?)</ul>', html, re.DOTALL)
    return WAY.findall(found[1]) if found else []


def action_on(client: Client, url: str) -> str:
    return sign_form_in(client.get(url).content).action


def test_individuals_sign_on_the_pledge_page_without_a_page_of_their_own(
    client: Client, campaign, only_signer_type_page
) -> None:
    own = f"{campaign.url}#sign"
    assert action_on(client, campaign.url) == own_url(campaign)
    assert tabs(client, campaign.url) == [
        (own, "page", "As an individual"),
        (only_signer_type_page.url, "", "For organizations"),
    ]
    assert action_on(client, only_signer_type_page.url) == sign_url(only_signer_type_page)
    assert tabs(client, only_signer_type_page.url) == [
        (own, "", "As an individual"),
        (only_signer_type_page.url, "page", "For organizations"),
    ]


@pytest.mark.requirement("SG1")
def test_the_thank_you_page_of_an_individual_links_to_organizations(
    client: Client, campaign, only_signer_type_page, person
) -> None:
    assert sign(client, campaign.url, **person).status_code == 303
    work()
    confirm(client, person["email"])
    assert signatures().get().kind == "individual"
    thanks = client.get(confirm_path(person["email"])).content.decode()
    assert f'<li><a href="{only_signer_type_page.url}">For organizations</a></li>' in thanks
    assert "As an individual" not in thanks


def test_the_thank_you_page_of_an_organization_links_to_individuals(
    client: Client, campaign, only_signer_type_page
) -> None:
    values = {
        "organization": "Casa del Pueblo",
        "country": "US",
        "name": "Rosa Ruiz",
        "role": "Director",
        "email": "rosa@casa.example",
        "authorized": "on",
    }
    assert sign(client, only_signer_type_page.url, **values).status_code == 303
    work()
    confirm(client, values["email"])
    thanks = client.get(confirm_path(values["email"])).content.decode()
    assert f'<li><a href="{campaign.url}#sign">As an individual</a></li>' in thanks
    assert "For organizations" not in thanks


def test_the_form_for_individuals_comes_before_pages_of_other_kinds(
    official_kind: None, client: Client, campaign: PledgePage
) -> None:
    official = publish(campaign, SignerTypePage(title="For officials", slug="officials", kind="official"))
    organization = publish(campaign, SignerTypePage(title="For organizations", slug="org", kind="organization"))
    assert action_on(client, campaign.url) == own_url(campaign)
    wanted = [(f"{campaign.url}#sign", "As an individual"), (official.url, "For officials")]
    assert [way[::2] for way in tabs(client, campaign.url)] == [*wanted, (organization.url, "For organizations")]
    assert action_on(client, official.url) == sign_url(official)


def test_a_page_for_individuals_replaces_the_own_form_and_pages_are_in_tree_order(
    client: Client, campaign, only_signer_type_page
) -> None:
    individual = publish(campaign, SignerTypePage(title="For people", slug="people", kind="individual"))
    for url in (campaign.url, only_signer_type_page.url, individual.url):
        assert [way[::2] for way in tabs(client, url)] == [
            (only_signer_type_page.url, "For organizations"),
            (individual.url, "For people"),
        ]
    assert action_on(client, campaign.url) == sign_url(only_signer_type_page)
    individual.move(only_signer_type_page, pos="left")
    assert action_on(client, campaign.url) == sign_url(individual) == own_url(campaign)
    individual.refresh_from_db()
    individual.unpublish()
    assert action_on(client, campaign.url) == own_url(campaign)
    assert tabs(client, campaign.url)[0] == (f"{campaign.url}#sign", "page", "As an individual")


def test_a_single_way_to_sign_has_no_tabs(client: Client, campaign) -> None:
    assert action_on(client, campaign.url) == own_url(campaign)
    assert tabs(client, campaign.url) == []


def test_each_translation_has_its_own_ways_to_sign(client: Client, campaign, individual, organization) -> None:
    spanish = Locale.objects.create(language_code="es")
    home().copy_for_translation(spanish).save_revision().publish()
    for page in (campaign, organization):
        page.copy_for_translation(spanish).save_revision().publish()
    here, there = campaign.get_translation(spanish), organization.get_translation(spanish)
    ways = tabs(client, here.url)
    assert [way[:2] for way in ways] == [(f"{here.url}#sign", "page"), (there.url, "")]
    assert tabs(client, campaign.url) == [
        (individual.url, "true", "As an individual"),
        (organization.url, "", "On behalf of an organization"),
    ]


@pytest.mark.requirement("CP9")
def test_sign_buttons_link_to_all_ways_to_sign(client: Client, campaign, only_signer_type_page) -> None:
    campaign.body = PledgePage._meta.get_field("body").to_python([{"type": "sign_buttons", "value": {}}])
    campaign.save_revision().publish()
    html = client.get(campaign.url).content.decode()
    found = re.search(r'<ul class="pledge-buttons">(.*?)</ul>', html, re.DOTALL)
    assert found
    assert re.findall(r'href="([^"]+)">([^<]+)<', found[1]) == [
        (f"{campaign.url}#sign", "As an individual"),
        (only_signer_type_page.url, "For organizations"),
    ]


@pytest.mark.requirement("RE2")
@pytest.mark.parametrize(
    ("query", "is_own"), [("", True), ("&kind=individual", True), ("&kind=robot", True), ("&kind=organization", False)]
)
def test_the_embedded_form_is_the_one_of_the_requested_kind(
    client: Client, campaign, only_signer_type_page, query: str, is_own: bool
) -> None:
    html = client.get(f"/pledge/{campaign.pledge.uuid}/embed/?lang=en{query}").content
    action = sign_form_in(html).action.partition("?")[0]
    assert action == (own_url(campaign) if is_own else sign_url(only_signer_type_page))
