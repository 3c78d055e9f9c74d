"""More POSTs than a process takes from one network: 503 without a query, and a solved proof of work goes first."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.campaigns.test_surge import get_stamp, solve
from tests.forms import forms_in
from tests.journey import fresh, sign_url, submissions
from wagtail_pledge.signing.abuse.flood import guard
from wagtail_pledge.signing.models import LinkRequest
from wagtail_pledge.signing.services.switches import set_surge

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("SG7", "C10", "E5")]

LIMIT = 3


@pytest.fixture(autouse=True)
def _small_limit(settings: Any) -> Iterator[None]:
    settings.WAGTAIL_PLEDGE_ALTCHA = True
    settings.WAGTAIL_PLEDGE_ALTCHA_COST = 1
    settings.WAGTAIL_PLEDGE_POSTS_PER_MINUTE = LIMIT
    guard.clear()
    yield
    guard.clear()


def flood(client: Client, individual: Any) -> None:
    """Use up what the network may send."""
    for _number in range(LIMIT):
        client.post(sign_url(individual), {})


def queries(client: Client, url: str, data: Any, **options: Any) -> tuple[int, int]:
    """POST; return status and number of queries."""
    with CaptureQueriesContext(connection) as captured:
        response = client.post(url, data, **options)
    return response.status_code, len(captured)


@pytest.mark.parametrize("as_json", [False, True])
@pytest.mark.parametrize("altcha", ["", "forged", "used", "of another campaign"])
def test_a_flood_costs_no_query_whatever_it_sends_as_proof(
    client: Client, individual: Any, person: Any, altcha: str, as_json: bool
) -> None:
    set_surge(on=True)
    solution = solve(get_stamp(client, individual)["altcha"])
    url, form = sign_url(individual), fresh(individual, **person, statement="0" * 64)
    flood(client, individual)
    if altcha == "used":
        client.post(url, {**form, "altcha": solution})
    elif altcha == "of another campaign":
        url = url.replace(str(individual.signer_type.pledge.uuid), "00000000-0000-4000-8000-000000000000")
    form["altcha"] = solution if altcha in {"used", "of another campaign"} else altcha
    data = json.dumps(form) if as_json else form
    options = {"content_type": "application/json"} if as_json else {}
    assert queries(client, url, data, **options) == (503, 0)
    assert not submissions().exists()


@pytest.mark.parametrize(
    "options",
    [{"content_type": "text/plain"}, {"content_type": "application/json", "headers": {"Sec-Fetch-Site": "cross-site"}}],
    ids=["not a form", "from another website"],
)
def test_a_flood_of_what_is_refused_anyway_costs_no_query_either(
    client: Client, individual: Any, options: dict[str, Any]
) -> None:
    flood(client, individual)
    assert queries(client, sign_url(individual), "x=1", **options) == (503, 0)


def test_a_solution_lets_one_form_through_also_if_it_was_used_before_the_flood(
    client: Client, individual: Any, person: Any
) -> None:
    set_surge(on=True)
    url = sign_url(individual)
    first, second = (solve(get_stamp(client, individual)["altcha"]) for _ in range(2))
    assert client.post(url, fresh(individual, **person, altcha=first)).status_code == 303
    flood(client, individual)
    again = fresh(individual, **{**person, "email": "b@example.org"})
    assert client.post(url, {**again, "altcha": first}).status_code == 503
    assert client.post(url, {**again, "altcha": second}).status_code == 303
    assert submissions().count() == 2


def test_a_form_with_an_error_does_not_use_up_its_solution(client: Client, individual: Any, person: Any) -> None:
    set_surge(on=True)
    solution, url = solve(get_stamp(client, individual)["altcha"]), sign_url(individual)
    wrong = fresh(individual, **{**person, "email": "no address"}, altcha=solution)
    assert client.post(url, wrong).status_code == 422
    flood(client, individual)
    assert client.post(url, fresh(individual, **person, altcha=solution)).status_code == 303


def test_a_network_that_reached_its_limit_gets_a_challenge_without_a_surge(client: Client, individual: Any) -> None:
    assert "altcha" not in get_stamp(client, individual)
    flood(client, individual)
    assert "altcha" in get_stamp(client, individual)
    assert "altcha" not in get_stamp(Client(REMOTE_ADDR="198.51.100.7"), individual)


@pytest.mark.parametrize("data", [{"email": "b@example.org"}, {"code": "123456"}, {}])
def test_the_inbox_page_is_limited_too_and_keeps_what_was_entered(
    client: Client, individual: Any, person: Any, data: dict[str, str]
) -> None:
    inbox = client.post(sign_url(individual), fresh(individual, **person))["Location"]
    flood(client, individual)
    assert queries(client, inbox, data) == (503, 0)
    refused = client.post(inbox, data)
    assert refused["Retry-After"] == "60"
    assert "Nothing was sent. Try again in a minute." in refused.content.decode()
    (form,) = (form for form in forms_in(refused.content) if form.method == "post")
    assert form.data == data
    assert submissions().count() == 1
    assert client.get(inbox).status_code == 200


def test_the_page_for_a_link_is_limited_too(client: Client, individual: Any) -> None:
    url = f"/pledge/{individual.signer_type.pledge.uuid}/link/"
    flood(client, individual)
    assert queries(client, url, {"email": "ana@example.org"}) == (503, 0)
    assert not LinkRequest.objects.exists()
    assert client.post(url, {"email": "ana@example.org"}, REMOTE_ADDR="198.51.100.7").status_code == 303
