"""Requests by client and origin: addresses of one network are one client; cross-site posts are rejected."""

from __future__ import annotations

from typing import Any, Final
from uuid import uuid4

import pytest
from django.test import Client

from tests.campaigns.bad_inputs.conftest import SignEndpoint, ledger
from tests.journey import fresh, sign_url, submissions
from wagtail_pledge.conf import get_setting
from wagtail_pledge.core.db import database_now
from wagtail_pledge.signing.enums import Review
from wagtail_pledge.signing.stamps import issue_stamp
from wagtail_pledge.signing.worker.screening import screen

MANY: Final = 1_000
REAL, PROXY = "198.51.100.7", "10.0.0.1"
CLIENTS: Final = [
    pytest.param(1, MANY, lambda n: (PROXY, f"1.{n % 250}.{n // 250}.4, {REAL}"), id="left of the proxy's own entry"),
    pytest.param(0, 100, lambda n: (REAL, f"1.{n % 250}.{n // 250}.4"), id="header without a trusted proxy"),
    pytest.param(0, MANY, lambda n: (f"2001:db8:1:2::{n:x}", ""), id="within a /64"),
]


def unique_signer(number: int) -> dict[str, str]:
    """Return a name and an email address unlike those of other numbers."""
    syllables = "".join("aeiou"[int(digit) % 5] + "bcdfghklmn"[int(digit)] for digit in str(number))
    return {"name": f"Ana {syllables.title()}", "email": f"{syllables}@{syllables}.example"}


@pytest.mark.requirement("I48", "I49", "C2")
@pytest.mark.parametrize(("proxies", "times", "make_client"), CLIENTS)
def test_many_addresses_of_one_client_are_one_network(
    client: Client, individual: Any, person: Any, settings: Any, proxies: int, times: int, make_client: Any
) -> None:
    settings.WAGTAIL_PLEDGE_TRUSTED_PROXIES = proxies
    form, url = fresh(individual, **person), sign_url(individual)
    assert len({make_client(number) for number in range(times)}) == times
    for number in range(times):
        address, header = make_client(number)
        asked = {**form, **unique_signer(number), "stamp": issue_stamp(form["statement"], database_now())}
        answer = client.post(url, asked, REMOTE_ADDR=address, headers={"X-Forwarded-For": header})
        assert answer.status_code == 303
    # The limit is one of an hour of the clock, which may have ended meanwhile
    submissions().update(created_at=database_now())
    sent = list(submissions())
    keys = {bytes(submission.network_key or b"") for submission in sent}
    assert (len(sent), len(keys), b"" in keys) == (times, 1, False)
    screen(sent, database_now())
    allowed = get_setting("NETWORK_PER_HOUR")
    assert submissions().filter(review=Review.OK).count() == allowed
    held = submissions().filter(review_reason="network_hour")
    assert held.count() == submissions().filter(review=Review.NEEDS_REVIEW).count() == times - allowed


@pytest.mark.requirement("I48", "I49", "C2")
def test_different_networks_are_different_clients(client: Client, individual: Any, person: Any) -> None:
    for number in range(20):
        form = {**fresh(individual, **person), **unique_signer(number)}
        address = f"2001:{number:x}::1" if number % 2 else f"198.{number}.1.7"
        assert client.post(sign_url(individual), form, REMOTE_ADDR=address).status_code == 303
    screen(list(submissions()), database_now())
    assert submissions().filter(review=Review.OK).count() == 20


FOREIGN: Final = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": "http://testserver.evil.example"},
    {"Origin": "http://testserver@evil.example"},
    {"Origin": "http://evil.example:80/testserver"},
    {"Origin": "http://testserver:8443"},
    {"Origin": "http://[x"},
    {"Origin": "http://a\u2100b".encode().decode("latin-1")},
    {"Origin": "testserver"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "null"},
    {"Sec-Fetch-Site": "same-site", "Origin": "https://sub.testserver"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "nonsense"},
    {"Sec-Fetch-Site": ""},
]


@pytest.mark.requirement("I51", "C6")
@pytest.mark.parametrize("has_stamp", [True, False])
@pytest.mark.parametrize("headers", FOREIGN, ids=ascii)
def test_a_cross_site_post_is_rejected(endpoint: SignEndpoint, headers: dict[str, str], has_stamp: bool) -> None:
    form, before = fresh(endpoint.page, **endpoint.values), ledger()
    endpoint.client = Client(enforce_csrf_checks=True, raise_request_exception=False, headers=headers)
    answer = endpoint.send(form if has_stamp else {**form, "stamp": ""})
    assert answer.status_code == 403
    assert form["email"].encode() not in answer.content
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert ledger() == before


@pytest.mark.requirement("I51", "C6")
def test_a_post_without_origin_headers_needs_a_form_token(endpoint: SignEndpoint) -> None:
    before = ledger()
    answer = endpoint.post(stamp="")
    assert answer.status_code == (422 if endpoint.as_json else 200)
    assert ledger() == before


@pytest.mark.requirement("I51", "C6")
@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "same-origin", "Origin": "null"}, {"Sec-Fetch-Site": "none"}, {"Origin": "http://testserver"}],
    ids=str,
)
def test_a_same_origin_post_is_accepted(endpoint: SignEndpoint, headers: dict[str, str]) -> None:
    endpoint.client = Client(enforce_csrf_checks=True, headers=headers)
    assert endpoint.post().status_code == endpoint.accepted
    assert submissions().count() == 1


@pytest.mark.parametrize("query", ["", "?lang=es"])
def test_an_error_page_is_in_the_language_of_the_url(endpoint: SignEndpoint, query: str) -> None:
    language, other = ("es", "en") if query else ("en", "es")
    client = Client(headers={"Accept-Language": other})
    unknown = f"/pledge/{uuid4()}/sign/{uuid4()}/{query}"
    body = fresh(endpoint.page, **endpoint.values)
    answers = [
        client.get(unknown),
        client.post(unknown, body),
        client.post(sign_url(endpoint.page) + query, body, headers={"Sec-Fetch-Site": "cross-site"}),
        client.post(sign_url(endpoint.page) + query, "x=1&x=2", "application/x-www-form-urlencoded"),
    ]
    assert [answer.status_code for answer in answers] == [404, 404, 403, 400]
    for answer in answers:
        assert answer["Content-Language"] == language
        assert f'<html lang="{language}"' in answer.content.decode()
        assert "Accept-Language" not in answer.get("Vary", "")
