"""Data of a campaign behind a view restriction answer only those who may see one of its pages (E14)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import URLPattern
from wagtail.models import Locale, PageViewRestriction

from tests.journey import fresh, sign_url
from wagtail_pledge.api.pledges import cached_responses
from wagtail_pledge.signing.models import Statement
from wagtail_pledge.testing.factories import PledgeFactory, SignatureFactory
from wagtail_pledge.urls import urlpatterns

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("RE1", "PV5")]

KINDS: Final = ("login", "groups", "password")
#: Data that the visitor's own pages load, which a visitor who may see them gets too.
FOR_VISITORS: Final = ("count.json", "pledge.json", "stamp.json")


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    cached_responses.clear()


def restrict(page: Any, kind: str) -> PageViewRestriction:
    made: PageViewRestriction = PageViewRestriction.objects.create(page=page, restriction_type=kind, password="secret")
    if kind == "groups":
        made.groups.add(Group.objects.get_or_create(name="Supporters")[0])
    return made


def member(restriction: PageViewRestriction) -> Client:
    """Return a client of somebody who may see the page."""
    client = Client()
    if restriction.restriction_type == "password":
        session = client.session
        session["passed_page_view_restrictions"] = [restriction.pk]
        session.save()
        return client
    user = get_user_model().objects.create_user(username="member", password="password")
    user.groups.add(Group.objects.get_or_create(name="Supporters")[0])
    client.force_login(user)
    return client


def paths(page: Any, individual: Any) -> dict[str, str]:
    """Return a path of every view that takes the UUID of a pledge."""
    pledge, sha256 = page.pledge.uuid, Statement.objects.filter(signer_type=individual.signer_type).latest("pk").sha256
    queries = {"stamp.json": f"?statement={sha256}"}
    found: dict[str, str] = {}
    for pattern in urlpatterns:
        assert isinstance(pattern, URLPattern)
        route = str(pattern.pattern)
        if not route.startswith("<uuid:pledge>/"):
            continue
        name = route.removeprefix("<uuid:pledge>/").replace("<uuid:signer_type>", str(individual.signer_type.uuid))
        found[name] = f"/pledge/{pledge}/{name}{queries.get(name, '')}"
    return found


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("place", ["page", "parent"])
def test_no_view_by_uuid_answers_those_who_may_not_see_the_page(
    client: Client, campaign: Any, individual: Any, kind: str, place: str
) -> None:
    SignatureFactory(pledge=campaign.pledge, kind="organization", organization="Casa", approval="approved")
    all_paths = paths(campaign, individual)
    assert set(FOR_VISITORS) < set(all_paths)
    assert {client.get(path).status_code for path in all_paths.values()} <= {200, 303}
    restriction = restrict(campaign if place == "page" else campaign.get_parent(), kind)
    cached_responses.clear()
    insider = member(restriction)
    for name, path in all_paths.items():
        for visitor in (client, *([Client()] if kind == "login" else [])):
            refused = visitor.get(path)
            assert refused.status_code == 404, name
            assert campaign.title not in refused.content.decode()
        if name in FOR_VISITORS:
            allowed = insider.get(path)
            assert allowed.status_code == 200, name
            assert {"private", "no-store"} <= set(allowed["Cache-Control"].replace(" ", "").split(","))
            # What the member got is not stored for others
            assert client.get(path).status_code == 404


@pytest.mark.parametrize("kind", KINDS)
def test_a_member_without_the_right_group_is_refused(client: Client, campaign: Any, individual: Any, kind: str) -> None:
    restrict(campaign, kind)
    client.force_login(get_user_model().objects.create_user(username="stranger", password="password"))
    expected = 200 if kind == "login" else 404
    answers = {name: client.get(path).status_code for name, path in paths(campaign, individual).items()}
    assert {name: answers[name] for name in FOR_VISITORS} == dict.fromkeys(FOR_VISITORS, expected)


def broken(form: dict[str, str]) -> dict[str, str]:
    return {**form, "email": "nobody"}


def outdated(form: dict[str, str]) -> dict[str, str]:
    return {**form, "statement": "0" * 64}


def without_stamp(form: dict[str, str]) -> dict[str, str]:
    return {**form, "stamp": ""}


@pytest.mark.parametrize("change", [broken, outdated, without_stamp])
@pytest.mark.parametrize("as_json", [False, True])
def test_the_sign_endpoint_shows_no_form_of_a_restricted_campaign(
    client: Client, campaign: Any, individual: Any, person: dict[str, str], change: Callable[..., Any], as_json: bool
) -> None:
    form, url = change(fresh(individual, **person)), sign_url(individual)

    def send(visitor: Client) -> Any:
        return (
            visitor.post(url, json.dumps(form), content_type="application/json") if as_json else visitor.post(url, form)
        )

    assert send(client).status_code in {200, 422}
    insider = member(restrict(campaign, "login"))
    refused = send(client)
    assert refused.status_code == 404
    assert campaign.title not in refused.content.decode()
    assert "ratify." not in refused.content.decode()
    assert send(insider).status_code in {200, 422}


def test_a_closed_restricted_campaign_does_not_tell_its_title(
    client: Client, campaign: Any, individual: Any, person: dict[str, str]
) -> None:
    type(campaign.pledge).objects.update(state="closed")
    restrict(campaign, "login")
    refused = client.post(sign_url(individual), fresh(individual, **person))
    assert (refused.status_code, campaign.title in refused.content.decode()) == (404, False)


def test_one_public_page_makes_the_data_public(client: Client, campaign: Any, individual: Any) -> None:
    translated = campaign.copy_for_translation(Locale.objects.create(language_code="es"), copy_parents=True)
    restrict(campaign, "login")
    url = f"/pledge/{campaign.pledge.uuid}/count.json"
    assert client.get(url).status_code == 404
    translated.save_revision().publish()
    assert client.get(url)["Cache-Control"] == "public, max-age=5"


def test_a_pledge_without_pages_is_public_beside_restricted_ones(client: Client, campaign: Any) -> None:
    restrict(campaign, "login")
    assert client.get(f"/pledge/{PledgeFactory().uuid}/count.json").status_code == 200
