"""The page with all approved organizations of a campaign, and the block that leads to it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.models import PageViewRestriction

from tests.projects.campaign import home, publish
from wagtail_pledge.campaigns.views import organizations
from wagtail_pledge.campaigns.views.organizations import PER_PAGE
from wagtail_pledge.pages.models import PledgePage
from wagtail_pledge.signing.enums import Approval, PledgeState
from wagtail_pledge.signing.models import Organization, Pledge
from wagtail_pledge.signing.names import fold_name
from wagtail_pledge.signing.services.switches import SIGNING, set_switch
from wagtail_pledge.testing.factories import SignatureFactory

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("SG3")]


def add(pledge: Any, name: str, *, approval: str = Approval.APPROVED, **values: Any) -> None:
    organization = Organization.objects.create(name=name, website=values.pop("website", ""))
    SignatureFactory(
        pledge=pledge,
        kind="organization",
        details={"organization": name},
        organization=organization,
        approval=approval,
        email=f"{abs(hash(name))}@example.org",
        **values,
    )


def path_of(page: Any, query: str = "") -> str:
    return f"/pledge/{page.pledge.uuid}/organizations/?lang=en{query}"


def names(html: str) -> list[str]:
    return re.findall(r'<bdi dir="auto">([^<]*)</bdi>', html)


def read(client: Client, page: Any, query: str = "") -> str:
    answer = client.get(path_of(page, query))
    assert answer.status_code == 200
    return str(answer.content.decode())


@pytest.fixture
def listed(campaign: Any) -> Any:
    for name in ("Unión del Norte", "Albany Kitchen", "Union Local 12"):
        add(campaign.pledge, name)
    add(campaign.pledge, "Waits", approval=Approval.WAITING)
    other = publish(home(), PledgePage(title="Other", slug="other", statement="<p>Do.</p>"))
    add(other.pledge, "Elsewhere")
    return campaign


def test_all_approved_organizations_are_listed_by_name(client: Client, listed: Any) -> None:
    html = read(client, listed)
    assert names(html) == ["Albany Kitchen", "Unión del Norte", "Union Local 12"]
    assert "3 organizations" in html
    assert f'href="{listed.full_url}"' in html


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("union", ["Unión del Norte", "Union Local 12"]),
        ("UNIÓN NORTE", ["Unión del Norte"]),
        ("nobody", []),
        ("%00", []),
        ("%25_", []),
    ],
)
def test_the_list_can_be_searched(client: Client, listed: Any, q: str, found: list[str]) -> None:
    html = read(client, listed, f"&q={q}")
    assert names(html) == found
    assert ("No organization matches your search." in html) is (not found)
    assert 'name="robots" content="noindex"' in html


@pytest.mark.requirement("CP12")
def test_the_list_has_a_picture_for_sharing(client: Client, listed: Any) -> None:
    html = read(client, listed)
    assert '<meta property="og:image" content="http://testserver/static/wagtail_pledge/img/card.png">' in html
    assert '<meta property="og:image:alt" content="Tally marks">' in html
    assert '<meta name="twitter:card" content="summary_large_image">' in html
    assert f'<meta property="og:title" content="Organizations that signed – {listed.title}">' in html
    # Search results are not shared
    assert "og:image" not in read(client, listed, "&q=union")


def test_a_long_list_has_pages(client: Client, campaign: Any) -> None:
    for number in range(PER_PAGE + 3):
        add(campaign.pledge, f"Group {number:03}")
    first, second = read(client, campaign), read(client, campaign, "&page=2")
    assert (len(names(first)), len(names(second))) == (PER_PAGE, 3)
    assert 'rel="next"' in first
    assert 'rel="next"' not in second
    assert names(read(client, campaign, "&page=99")) == names(second)


def test_the_list_is_cached_as_briefly_as_other_names_and_takes_few_queries(client: Client, listed: Any) -> None:
    client.get(path_of(listed))
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(path_of(listed, "&q=x"))
    assert "max-age=30" in answer["Cache-Control"]
    assert "Cookie" not in answer.get("Vary", "")
    assert "Accept-Language" not in answer.get("Vary", "")
    assert len(captured) <= 8


def test_an_empty_list_says_so(client: Client, campaign: Any) -> None:
    assert "No organization has been approved yet." in read(client, campaign)


def test_a_draft_and_a_restricted_campaign_have_no_list(client: Client, listed: Any) -> None:
    restriction = PageViewRestriction.objects.create(page=listed, restriction_type="login")
    assert client.get(path_of(listed)).status_code == 404
    restriction.delete()
    Pledge.objects.update(state=PledgeState.DRAFT)
    assert client.get(path_of(listed)).status_code == 404


@pytest.mark.parametrize("layout", ["list", "wall"])
def test_the_block_leads_to_the_whole_list(client: Client, listed: Any, layout: str) -> None:
    def publish_block(limit: int) -> str:
        block = {"type": "organizations", "value": {"layout": layout, "limit": limit}, "id": "1"}
        listed.body = PledgePage._meta.get_field("body").to_python([block])
        listed.save_revision().publish()
        return str(client.get(listed.url).content.decode())

    url = f"/pledge/{listed.pledge.uuid}/organizations/?lang=en"
    assert f'<a href="{url}">and 2 more</a>' in publish_block(1)
    assert url not in publish_block(3)


def test_a_search_of_many_words_costs_as_much_as_one_of_a_word(
    client: Client, listed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    folded: list[str] = []
    monkeypatch.setattr(organizations, "fold_name", lambda name: folded.append(name) or fold_name(name))
    assert names(read(client, listed, "&q=" + "+".join("unio"))) == ["Union Local 12", "Unión del Norte"][::-1]
    # The search, and each of the three names once
    assert len(folded) == 4


@pytest.mark.requirement("X1")
def test_the_list_ends_in_a_way_to_sign_while_the_campaign_is_open(client: Client, listed: Any) -> None:
    assert f'<a class="pledge-button" href="{listed.full_url}#sign">Add my name</a>' in read(client, listed)
    set_switch(SIGNING, on=True)
    assert "#sign" not in read(client, listed)
    set_switch(SIGNING, on=False)
    Pledge.objects.update(state=PledgeState.CLOSED)
    html = read(client, listed)
    assert "#sign" not in html
    assert f'<a href="{listed.full_url}">Back to the campaign</a>' in html
