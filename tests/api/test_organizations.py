"""Organizations in ``pledge.json``: approved ones only, and never the person who signed."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from wagtail.models import PageViewRestriction

from tests.campaign_fixtures import campaign
from wagtail_pledge.api import pledges as api
from wagtail_pledge.signing.enums import Approval, Review
from wagtail_pledge.signing.models import Pledge
from wagtail_pledge.signing.services import withdraw
from wagtail_pledge.signing.services.switches import set_surge
from wagtail_pledge.testing.factories import PledgeFactory, SignatureFactory

__all__ = ["campaign"]

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("RE1", "SN5")]


@pytest.fixture
def pledge(campaign: Any) -> Pledge:
    made: Pledge = campaign.pledge
    return made


def sign_organization(pledge: Pledge, organization: str, website: str = "", **values: Any) -> Any:
    values = {"approval": Approval.APPROVED, "display": "name_place", "country": "MX", **values}
    details = {"city": "Puebla", **({"website": website} if website else {})}
    return SignatureFactory(pledge=pledge, kind="organization", organization=organization, details=details, **values)


def get_json(client: Client, pledge: Pledge, **headers: str) -> Any:
    api.cached_responses.clear()
    return client.get(f"/pledge/{pledge.uuid}/pledge.json", headers=headers)


def listed(client: Client, pledge: Pledge) -> list[dict[str, str]]:
    found: list[dict[str, str]] = get_json(client, pledge).json()["organizations"]
    return found


def test_each_organization_has_name_website_and_country(client: Client, pledge: Pledge) -> None:
    sign_organization(pledge, "Ñandú", "https://n.example/")
    sign_organization(pledge, "Nzuri", display="name", country="KE")
    sign_organization(pledge, "Trick", "javascript:alert(1)")
    expected = [
        {"name": "Ñandú, Puebla", "website": "https://n.example/", "country": "MX"},
        {"name": "Nzuri", "website": "", "country": "KE"},
        {"name": "Trick, Puebla", "website": "", "country": "MX"},
    ]
    assert listed(client, pledge) == expected
    # Cached for everyone: the order does not depend on the language
    assert get_json(client, pledge, **{"Accept-Language": "es"}).json()["organizations"] == expected


@pytest.mark.parametrize(
    "hidden", [{"approval": Approval.WAITING}, {"review": Review.NEEDS_REVIEW}, {"state": "withdrawn"}]
)
def test_unapproved_organizations_and_signers_are_left_out(
    client: Client, pledge: Pledge, hidden: dict[str, str]
) -> None:
    sign_organization(pledge, "Seen", name="Quinta Canary", email="quinta@canary.example")
    sign_organization(pledge, "Unseen", **hidden)
    sign_organization(PledgeFactory(), "Elsewhere")
    answer = get_json(client, pledge)
    assert [row["name"] for row in answer.json()["organizations"]] == ["Seen, Puebla"]
    for secret in (b"Canary", b"canary", b"Unseen", b"Elsewhere"):
        assert secret not in answer.content


def test_the_list_is_bounded(client: Client, pledge: Pledge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "MAX_ORGANIZATIONS", 2)
    for name in "CAB":
        sign_organization(pledge, name)
    assert [row["name"] for row in listed(client, pledge)] == ["A, Puebla", "B, Puebla"]


def test_with_organizations_the_maximum_age_stays_thirty_seconds_in_a_surge(client: Client, pledge: Pledge) -> None:
    set_surge(on=True)
    assert get_json(client, pledge)["Cache-Control"] == "public, max-age=60"
    signature = sign_organization(pledge, "Casa")
    assert get_json(client, pledge)["Cache-Control"] == "public, max-age=30"
    assert withdraw(signature, epoch=1)
    assert listed(client, pledge) == []


@pytest.mark.parametrize("kind", ["login", "password"])
def test_organizations_of_a_restricted_campaign_are_not_listed(
    client: Client, pledge: Pledge, campaign: Any, kind: str
) -> None:
    sign_organization(pledge, "Casa")
    hidden = PageViewRestriction.objects.create(page=campaign.get_parent(), restriction_type=kind, password="x")
    answer = get_json(client, pledge)
    assert (answer.status_code, b"Casa" in answer.content) == (404, False)
    hidden.delete()
    assert [row["name"] for row in listed(client, pledge)] == ["Casa, Puebla"]
    campaign.unpublish()
    assert listed(client, pledge) == []
