"""Campaign pages in Wagtail's API v2: the fields for headless sites, without signers' personal data."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.models import Page, PageViewRestriction

from tests.campaign_fixtures import campaign, individual, organization
from tests.projects.campaign import home, publish
from tests.treaties import treaty_data
from wagtail_pledge.pages.models import PledgeIndexPage, PledgePage, SignerTypePage, TreatyStatusPage, UpdatePage
from wagtail_pledge.signing.enums import PledgeState
from wagtail_pledge.signing.models import Pledge, Statement, Tally
from wagtail_pledge.testing.factories import SignatureFactory

__all__ = ["campaign", "individual", "organization"]

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.projects.api_urls"), pytest.mark.requirement("RE1")]

PLEDGE_PAGES = "wagtail_pledge_pages.PledgePage"
GONE = {"type": "gone", "value": "Kept", "id": "1"}
SHARE = {"type": "share", "value": {"heading": "Tell others"}, "id": "2"}


def detail(client: Client, page: Page) -> dict[str, Any]:
    answer = client.get(f"/api/v2/pages/{page.pk}/")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def listing(client: Client, **query: str) -> Any:
    answer = client.get("/api/v2/pages/", query)
    assert answer.status_code == 200, answer.content
    return answer.json()["items"]


def tally(pledge: Pledge, kind: str, count: int) -> None:
    Tally.objects.create(pledge=pledge, day=dt.date(2026, 2, 3), kind=kind, country="US", count=count)


def test_a_pledge_page_has_its_texts_statements_and_counts(client: Client, campaign, individual, organization) -> None:
    Pledge.objects.update(goal=1000, closes_at=dt.datetime(2999, 1, 1, tzinfo=dt.UTC))
    tally(campaign.pledge, "individual", 12)
    tally(campaign.pledge, "organization", 2)
    found = detail(client, campaign)
    assert (found["asker"], found["addressee"]) == ("Bridge Street Workers", "the United States")
    assert (found["asker_logo"], found["lead"]) == (None, "Sixty States have joined.")
    assert found["statement"] == "<p>We call on the United States to ratify.</p>"
    assert found["image"] is None
    own = Statement.objects.get(signer_type=individual.signer_type)
    theirs = Statement.objects.get(signer_type=organization.signer_type)
    assert found["ledger"] == {
        "pledge": str(campaign.pledge.uuid),
        "state": "open",
        "total": 14,
        "goal": 1000,
        "opens_at": None,
        "closes_at": "2999-01-01T00:00:00+00:00",
        "statements": [
            {
                "signer_type": str(statement.signer_type.uuid),
                "kind": statement.signer_type.kind,
                "language": "en",
                "version": 1,
                "sha256": statement.sha256,
                "published_at": statement.created_at.isoformat(timespec="seconds"),
            }
            for statement in (own, theirs)
        ],
    }


def test_a_signer_type_page_has_its_own_statement_and_questions(client: Client, individual, organization) -> None:
    asked = {"type": "short_text", "value": {"label": "Your union", "slug": "union"}, "id": "2"}
    organization.questions = SignerTypePage._meta.get_field("questions").to_python([asked])
    organization.save_revision().publish()
    found = detail(client, organization)
    assert (found["kind"], found["intro"]) == ("organization", "")
    assert [(one["type"], one["value"]["label"]) for one in found["questions"]] == [("short_text", "Your union")]
    assert [(one["kind"], one["version"]) for one in found["ledger"]["statements"]] == [("organization", 2)]
    assert detail(client, individual)["ledger"]["total"] == 0


def test_the_body_is_a_list_of_blocks_without_unknown_types(client: Client, campaign) -> None:
    campaign.body = PledgePage._meta.get_field("body").to_python([GONE, SHARE])
    campaign.save_revision().publish()
    (block,) = detail(client, campaign)["body"]
    assert (block["type"], block["value"]["heading"], block["id"]) == ("share", "Tell others", "2")


def test_signers_personal_data_is_not_included(client: Client, campaign, individual, organization) -> None:
    for kind in ("individual", "organization"):
        SignatureFactory(
            pledge=campaign.pledge, kind=kind, name="Canary Name", email=f"canary-{kind}@example.org", display="name"
        )
    for page in (campaign, individual, organization):
        assert "anary" not in json.dumps(detail(client, page))
    fields = {"type": PLEDGE_PAGES, "fields": "*"}
    assert "anary" not in json.dumps(listing(client, **fields))


def test_a_draft_pledge_has_no_ledger_data(client: Client, campaign, individual) -> None:
    Pledge.objects.update(state=PledgeState.DRAFT)
    assert detail(client, campaign)["ledger"] is None
    assert detail(client, individual)["ledger"] is None


def test_a_password_protected_page_is_not_found(client: Client, campaign) -> None:
    PageViewRestriction.objects.create(page=campaign, restriction_type="password", password="x")
    assert client.get(f"/api/v2/pages/{campaign.pk}/", follow=True).status_code == 404
    assert listing(client, type=PLEDGE_PAGES) == []


def test_the_number_of_queries_of_a_listing_is_constant(client: Client, campaign) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            # "_" leaves out Wagtail's own fields: "locale" costs a query per page
            items = listing(client, type=PLEDGE_PAGES, fields="_,ledger,lead,statement,body")
        assert all(item["ledger"]["statements"] for item in items)
        return len(captured)

    cost()
    one = cost()
    for number in range(6):
        publish(home(), PledgePage(title=f"Call {number}", slug=f"call-{number}", statement="<p>Do.</p>"))
    assert cost() == one
    assert one <= 12


@pytest.mark.parametrize("fixture", ["campaign", "organization"])
def test_number_of_queries_of_a_page(client: Client, organization, request, fixture: str) -> None:
    page = request.getfixturevalue(fixture)
    detail(client, page)
    with CaptureQueriesContext(connection) as captured:
        detail(client, page)
    assert len(captured) <= 20


def test_each_page_of_a_listing_has_its_own_ledger_data(client: Client, campaign, individual, organization) -> None:
    other = publish(home(), PledgePage(title="Other", slug="other", statement="<p>Do.</p>"))
    tally(campaign.pledge, "individual", 3)
    tally(other.pledge, "individual", 5)
    items = listing(client, type=PLEDGE_PAGES, fields="ledger")
    assert {item["title"]: item["ledger"]["total"] for item in items} == {"Ratify now": 3, "Other": 5}
    ways = listing(client, type="wagtail_pledge_pages.SignerTypePage", fields="ledger")
    assert [[one["kind"] for one in way["ledger"]["statements"]] for way in ways] == [["individual"], ["organization"]]


def test_an_index_page_has_its_lead(client: Client, db: None) -> None:
    index = publish(home(), PledgeIndexPage(title="Campaigns", slug="campaigns", lead="What we ask."))
    assert detail(client, index)["lead"] == "What we ask."


@pytest.mark.requirement("CP11")
def test_an_update_page_has_day_lead_image_and_body(client: Client, campaign) -> None:
    day = dt.date(2026, 2, 3)
    update = publish(campaign, UpdatePage(title="News", slug="news", day=day, lead="It began."))
    found = detail(client, update)
    assert (found["day"], found["lead"], found["image"], found["body"]) == ("2026-02-03", "It began.", None, [])


@pytest.mark.requirement("TR7")
def test_a_treaty_page_has_todays_status(client: Client, db: None) -> None:
    page = publish(
        home(), TreatyStatusPage(title="Treaty", slug="treaty", treaty=treaty_data.cmw(), lead="Since 1990.")
    )
    numbers = client.get("/pledge/treaties/cmw/status.json").json()
    del numbers["states"], numbers["declarations"]
    found = detail(client, page)
    assert found["treaty_status"] == numbers
    assert (found["lead"], found["body"]) == ("Since 1990.", [])
    page.treaty = None
    page.save_revision().publish()
    assert detail(client, page)["treaty_status"] is None
