"""Pages that show signers' names: maximum age and number of queries."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.models import PageViewRestriction

from tests.projects.campaign import home, publish
from wagtail_pledge.core.db import database_now
from wagtail_pledge.pages.models import PledgePage
from wagtail_pledge.signing.enums import Approval
from wagtail_pledge.signing.models import get_signature_model
from wagtail_pledge.signing.services.switches import set_surge
from wagtail_pledge.testing.factories import SignatureFactory

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("CP9", "P3")]

NAMES = [
    {"type": "recent_signers", "value": {"heading": "They signed", "pledge": "", "limit": 12}},
    {"type": "organizations", "value": {"heading": "They joined", "pledge": "", "limit": 60}},
]


@pytest.fixture
def page_with_names(campaign: Any, individual: Any, organization: Any) -> Any:
    """A published page with both blocks."""
    campaign.body = NAMES
    campaign.save_revision().publish()
    return campaign


def add_signatures(pledge: Any, numbers: range) -> None:
    for number in numbers:
        SignatureFactory(pledge=pledge, name=f"Ana {number}", display="name")
        SignatureFactory(
            pledge=pledge,
            kind="organization",
            organization=f"Casa {number}",
            display="name",
            approval=Approval.APPROVED,
        )
    long_ago = database_now() - dt.timedelta(hours=72)
    get_signature_model()._default_manager.update(confirmed_at=long_ago)


def number_of_queries(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


def test_a_page_with_names_has_constant_queries_and_is_cacheable(
    client: Client, page_with_names: Any, settings: Any
) -> None:
    settings.WAGTAIL_PLEDGE_PAGE_MAX_AGE = 600
    number_of_queries(client, page_with_names.url)
    add_signatures(page_with_names.pledge, range(1))
    first = number_of_queries(client, page_with_names.url)
    add_signatures(page_with_names.pledge, range(1, 9))
    assert number_of_queries(client, page_with_names.url) == first <= 15
    response = client.get(page_with_names.url)
    assert b"Ana 8" in response.content
    assert b"Casa 8" in response.content
    assert response["Cache-Control"] == "public, max-age=30, must-revalidate"
    assert "Set-Cookie" not in response.headers
    assert "cookie" not in response.get("Vary", "").lower()


@pytest.mark.requirement("SG7")
def test_in_a_surge_the_page_sheds_recent_signers(client: Client, page_with_names: Any) -> None:
    pledge = page_with_names.pledge
    add_signatures(pledge, range(6))
    usual = number_of_queries(client, page_with_names.url)
    set_surge(on=True, pledge=pledge)
    assert number_of_queries(client, page_with_names.url) < usual
    html = client.get(page_with_names.url).content
    assert (b"Ana 3" in html, b"They signed" in html, b"Casa 3" in html) == (False, False, True)
    set_surge(on=False, pledge=pledge)
    assert b"Ana 3" in client.get(page_with_names.url).content


@pytest.mark.requirement("SG7")
def test_blocks_that_name_a_campaign_in_a_surge_shed_its_signers_and_count(
    client: Client, page_with_names: Any, settings: Any
) -> None:
    other = publish(home(), PledgePage(title="Other", slug="other", statement="<p>Do.</p>")).pledge
    add_signatures(other, range(6))
    page_with_names.body = [
        {"type": kind, "value": {"heading": kind, "pledge": str(other.uuid), **values}}
        for kind, values in (("recent_signers", {"limit": 12}), ("progress", {}))
    ]
    page_with_names.save_revision().publish()
    number_of_queries(client, page_with_names.url)
    usual = number_of_queries(client, page_with_names.url)
    html = client.get(page_with_names.url).content
    assert b"Ana 3" in html
    set_surge(on=True, pledge=other)
    # One query for the names, one for the count
    assert number_of_queries(client, page_with_names.url) == usual - 2
    html = client.get(page_with_names.url).content
    assert (b"Ana 3" in html, b"<h2>progress" in html) == (False, False)


@pytest.mark.requirement("SG7")
def test_a_block_that_names_its_own_pages_campaign_sheds_it_too(client: Client, page_with_names: Any) -> None:
    pledge = page_with_names.pledge
    add_signatures(pledge, range(6))
    page_with_names.body = [{"type": "recent_signers", "value": {"pledge": str(pledge.uuid), "limit": 12}}]
    page_with_names.save_revision().publish()
    assert b"Ana 3" in client.get(page_with_names.url).content
    set_surge(on=True, pledge=pledge)
    assert b"Ana 3" not in client.get(page_with_names.url).content


def test_a_page_without_names_has_the_configured_maximum_age(
    client: Client, campaign: Any, individual: Any, settings: Any
) -> None:
    settings.WAGTAIL_PLEDGE_PAGE_MAX_AGE = 600
    assert client.get(campaign.url)["Cache-Control"] == "public, max-age=600"


def test_a_restricted_page_with_names_is_not_cached(admin_client: Client, page_with_names: Any) -> None:
    PageViewRestriction.objects.create(page=page_with_names, restriction_type=PageViewRestriction.LOGIN)
    cache_control = admin_client.get(page_with_names.url)["Cache-Control"]
    assert "no-store" in cache_control
    assert "max-age=30" not in cache_control
