"""Signing during a surge: a proof-of-work challenge with the stamp, equal responses, no more queries."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

import pytest
from altcha import Challenge, Payload, solve_challenge
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.forms import forms_in, sign_form_in
from tests.journey import confirm, counted, fresh, sign, sign_url, submissions, submitted, work
from wagtail_pledge.api import health
from wagtail_pledge.api.pledges import cached_responses
from wagtail_pledge.signing.abuse import proof_of_work
from wagtail_pledge.signing.abuse.flood import guard
from wagtail_pledge.signing.enums import Review
from wagtail_pledge.signing.models import Statement, Submission
from wagtail_pledge.signing.services.bulk_review import ReviewRule, release
from wagtail_pledge.signing.services.switches import set_surge

#: The ticket in the path of the inbox page differs with each response.
TICKET = re.compile(r"/inbox/[\w-]+/")


@pytest.fixture(autouse=True)
def _altcha_on(settings: Any) -> None:
    settings.WAGTAIL_PLEDGE_ALTCHA = True
    settings.WAGTAIL_PLEDGE_ALTCHA_COST = 1


def stamp_url(page: Any) -> str:
    statement = Statement.objects.filter(signer_type=page.signer_type).latest("number")
    return f"/pledge/{page.signer_type.pledge.uuid}/stamp.json?statement={statement.sha256}"


def get_stamp(client: Client, page: Any) -> dict[str, Any]:
    """Return the JSON response with the stamp."""
    answer: dict[str, Any] = client.get(stamp_url(page)).json()
    return answer


def solve(challenge: dict[str, Any]) -> str:
    made = Challenge.from_dict(challenge)
    found = solve_challenge(made)
    assert found
    return Payload(made, found).to_base64()


@pytest.mark.requirement("SG7")
def test_the_stamp_has_a_challenge_only_in_a_surge(client: Client, individual: Any) -> None:
    pledge = individual.signer_type.pledge
    assert set(get_stamp(client, individual)) == {"stamp"}
    set_surge(on=True, pledge=pledge)
    challenge = get_stamp(client, individual)["altcha"]
    assert challenge["parameters"]["algorithm"] == "PBKDF2/SHA-256"
    assert challenge["parameters"]["nonce"] != get_stamp(client, individual)["altcha"]["parameters"]["nonce"]
    set_surge(on=False, pledge=pledge)
    assert set(get_stamp(client, individual)) == {"stamp"}


@pytest.mark.requirement("SG7", "P1")
@pytest.mark.parametrize("on", [False, True])
def test_the_stamp_takes_one_query(client: Client, individual: Any, on: bool) -> None:
    set_surge(on=on)
    url = stamp_url(individual)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    assert [query["sql"].split()[0] for query in captured.captured_queries] == ["SELECT"]


@pytest.mark.requirement("SG7")
@pytest.mark.parametrize("lack", ["setting", "package"])
def test_without_the_setting_or_the_package_signatures_are_held(
    client: Client, individual: Any, person: Any, settings: Any, monkeypatch: pytest.MonkeyPatch, lack: str
) -> None:
    if lack == "setting":
        settings.WAGTAIL_PLEDGE_ALTCHA = False
    else:
        monkeypatch.setattr(proof_of_work, "IS_INSTALLED", False)
    set_surge(on=True)
    assert set(get_stamp(client, individual)) == {"stamp"}
    assert client.post(sign_url(individual), fresh(individual, **person, altcha="x")).status_code == 303
    work()
    assert submitted().review == Review.NEEDS_REVIEW


@pytest.mark.requirement("SG7")
def test_a_solution_is_accepted_once(client: Client, individual: Any, person: Any) -> None:
    set_surge(on=True)
    altcha = solve(get_stamp(client, individual)["altcha"])
    assert client.post(sign_url(individual), fresh(individual, **person, altcha=altcha)).status_code == 303
    work()
    assert confirm(client, person["email"]).status_code == 303
    assert counted(client, individual.signer_type.pledge)["total"] == 1
    other = {**person, "email": "other@example.org"}
    assert client.post(sign_url(individual), fresh(individual, **other, altcha=altcha)).status_code == 303
    work()
    assert [row.review for row in submissions().order_by("created_at")] == [Review.OK, Review.NEEDS_REVIEW]


@pytest.mark.requirement("SG7", "C1")
def test_a_signature_without_javascript_is_held_and_can_be_released(
    client: Client, campaign: Any, individual: Any, person: Any
) -> None:
    set_surge(on=True, pledge=campaign.pledge)
    assert sign(client, campaign.url, **person).status_code == 303
    work()
    Submission.objects.update(due_at="2026-01-01T00:00:00Z")
    work()
    assert confirm(client, person["email"]).status_code == 303
    assert counted(client, campaign.pledge)["total"] == 0
    assert release(campaign.pledge, ReviewRule(held_for=("surge",)), actor=None) == 1
    assert counted(client, campaign.pledge)["total"] == 1


def comparable(client: Client, page: Any, form: dict[str, str]) -> tuple[Any, ...]:
    """Return status, headers and body of both responses without the ticket."""
    posted = client.post(sign_url(page), form)
    inbox = client.get(posted["Location"])
    headers = [
        sorted((name, TICKET.sub("/inbox/", value)) for name, value in answer.items()) for answer in (posted, inbox)
    ]
    bodies = [TICKET.sub("/inbox/", answer.content.decode()) for answer in (posted, inbox)]
    return posted.status_code, inbox.status_code, headers, bodies, sorted(client.cookies)


@pytest.mark.requirement("SG7", "B1")
def test_the_response_does_not_depend_on_surge_and_solution(client: Client, individual: Any, person: Any) -> None:
    set_surge(on=True)
    altcha = solve(get_stamp(client, individual)["altcha"])
    seen = [
        comparable(client, individual, fresh(individual, **{**person, "email": "ana1a@example.org"}, altcha=text))
        for text in (altcha, altcha, "forged", "")
    ]
    set_surge(on=False)
    seen.append(comparable(client, individual, fresh(individual, **{**person, "email": "ana2a@example.org"})))
    assert seen[0][:2] == (303, 200)
    assert all(answer == seen[0] for answer in seen)


@pytest.mark.requirement("SG7", "P1")
@pytest.mark.parametrize("proven", [False, True])
def test_signing_in_a_surge_takes_the_same_five_statements(
    client: Client, individual: Any, person: Any, proven: bool
) -> None:
    set_surge(on=True)
    altcha = solve(get_stamp(client, individual)["altcha"]) if proven else ""
    url, form = sign_url(individual), fresh(individual, **person, altcha=altcha)
    with CaptureQueriesContext(connection) as captured:
        assert client.post(url, form).status_code == 303
    statements = [query["sql"].split()[0] for query in captured.captured_queries]
    assert statements[-1] == "INSERT"
    assert "UPDATE" not in statements


@pytest.mark.requirement("SG7")
def test_a_form_shown_again_keeps_its_solution(client: Client, individual: Any, person: Any) -> None:
    set_surge(on=True)
    altcha = solve(get_stamp(client, individual)["altcha"])
    wrong = fresh(individual, **{**person, "email": "no address"}, altcha=altcha)
    form_again = sign_form_in(client.post(sign_url(individual), wrong).content)
    assert form_again.data["altcha"] == altcha
    assert client.post(form_again.action, form_again.filled(email=person["email"])).status_code == 303
    work()
    assert submitted().review == Review.OK


@pytest.mark.requirement("SG7", "I32")
def test_json_requests_can_have_a_solution(client: Client, individual: Any, person: Any) -> None:
    set_surge(on=True)
    form = fresh(individual, **person, altcha=solve(get_stamp(client, individual)["altcha"]))
    assert client.post(sign_url(individual), json.dumps(form), content_type="application/json").status_code == 202
    work()
    assert submitted().review == Review.OK


@pytest.mark.requirement("SG7", "D10")
@pytest.mark.parametrize("altcha", ["%00", "\x00", "A" * 3000, base64.b64encode(b'{"challenge": 1}').decode()])
def test_an_invalid_solution_is_accepted_like_none(client: Client, individual: Any, person: Any, altcha: str) -> None:
    assert client.post(sign_url(individual), fresh(individual, **person, altcha=altcha)).status_code == 303
    assert submissions().count() == 1


@pytest.mark.requirement("SG7", "C10")
def test_the_count_is_cached_longer_in_a_surge(client: Client, campaign: Any, individual: Any) -> None:
    url = f"/pledge/{campaign.pledge.uuid}/count.json"
    assert "max-age=5" in client.get(url)["Cache-Control"].split(", ")
    set_surge(on=True, pledge=campaign.pledge)
    cached_responses.clear()
    assert "max-age=60" in client.get(url)["Cache-Control"].split(", ")


@pytest.mark.requirement("SG7")
def test_bulk_mail_is_not_reported_as_late(client: Client, individual: Any, person: Any) -> None:
    set_surge(on=True)
    assert client.post(sign_url(individual), fresh(individual, **person)).status_code == 303
    work()
    Submission.objects.update(due_at="2026-01-01T00:00:00Z")
    assert health._mail()["mail"] == "ok"
    Submission.objects.update(queue=1)
    assert health._mail()["mail"] == "late"


@pytest.mark.requirement("SG7", "C10")
def test_a_flood_of_one_network_is_refused_in_memory_and_proof_of_work_goes_first(
    client: Client, individual: Any, person: Any, settings: Any
) -> None:
    settings.WAGTAIL_PLEDGE_POSTS_PER_MINUTE = 3
    guard.clear()
    set_surge(on=True)
    url, altcha = sign_url(individual), solve(get_stamp(client, individual)["altcha"])
    form = fresh(individual, **person)
    assert [client.post(url, form).status_code for _ in range(3)] == [303] * 3
    with CaptureQueriesContext(connection) as captured:
        assert client.post(url, json.dumps(form), content_type="application/json").status_code == 503
    assert len(captured) == 0
    refused = client.post(url, form)
    assert (refused.status_code, refused["Retry-After"]) == (503, "60")
    (again,) = (found for found in forms_in(refused.content) if found.method == "post")
    assert again.data["stamp"] == form["stamp"]
    assert client.post(url, form, REMOTE_ADDR="198.51.100.7").status_code == 303
    assert client.post(url, {**form, "altcha": altcha}).status_code == 303
    assert client.post(url, {**form, "altcha": altcha}).status_code == 503
    guard.clear()
