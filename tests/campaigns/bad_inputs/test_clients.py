"""Who sends: a thousand addresses of one network are one client, and another website is none of ours."""

from __future__ import annotations

from typing import Any, Final
from uuid import uuid4

import pytest
from django.test import Client

from tests.campaigns.bad_inputs.conftest import SignEndpoint, ledger
from tests.journey import fresh, sign_url, signatures
from wagtail_pledge.conf import get_setting
from wagtail_pledge.core.db import database_now
from wagtail_pledge.signing.enums import EventKind, Review
from wagtail_pledge.signing.models import OutboxMessage, SignatureEvent
from wagtail_pledge.signing.stamps import issue_stamp
from wagtail_pledge.signing.worker.screening import screen

MANY: Final = 1_000
REAL, PROXY = "198.51.100.7", "10.0.0.1"
CLIENTS: Final = [
    pytest.param(1, MANY, lambda n: (PROXY, f"1.{n % 250}.{n // 250}.4, {REAL}"), id="left of what the proxy saw"),
    pytest.param(0, 100, lambda n: (REAL, f"1.{n % 250}.{n // 250}.4"), id="a header that nobody believes"),
    pytest.param(0, MANY, lambda n: (f"2001:db8:1:2::{n:x}", ""), id="within a /64"),
]


def somebody(number: int) -> dict[str, str]:
    """Return a name and an address that have nothing in common with those of others."""
    letters = "".join("aeiou"[int(digit) % 5] + "bcdfghklmn"[int(digit)] for digit in str(number))
    return {"name": f"Ana {letters.title()}", "email": f"{letters}@{letters}.example"}


@pytest.mark.requirement("I48", "I49", "C2")
@pytest.mark.parametrize(("proxies", "times", "sender"), CLIENTS)
def test_however_many_addresses_of_one_client_are_one_network(
    client: Client, individual: Any, person: Any, settings: Any, proxies: int, times: int, sender: Any
) -> None:
    settings.WAGTAIL_PLEDGE_TRUSTED_PROXIES = proxies
    form, url = fresh(individual, **person), sign_url(individual)
    assert len({sender(number) for number in range(times)}) == times
    for number in range(times):
        address, header = sender(number)
        asked = {**form, **somebody(number), "stamp": issue_stamp(form["statement"], database_now())}
        answer = client.post(url, asked, REMOTE_ADDR=address, headers={"X-Forwarded-For": header})
        assert answer.status_code == 303
    messages = list(OutboxMessage.objects.all())
    keys = {bytes(message.network_key or b"") for message in messages}
    assert (len(messages), len(keys), b"" in keys) == (times, 1, False)
    screen(messages)
    allowed = get_setting("NETWORK_PER_HOUR")
    assert signatures().filter(review=Review.OK).count() == allowed
    held = SignatureEvent.objects.filter(kind=EventKind.HELD, reason="network_hour")
    assert held.count() == signatures().filter(review=Review.NEEDS_REVIEW).count() == times - allowed


@pytest.mark.requirement("I48", "I49", "C2")
def test_other_networks_are_other_clients(client: Client, individual: Any, person: Any) -> None:
    for number in range(20):
        form = {**fresh(individual, **person), **somebody(number)}
        address = f"2001:{number:x}::1" if number % 2 else f"198.{number}.1.7"
        assert client.post(sign_url(individual), form, REMOTE_ADDR=address).status_code == 303
    screen(list(OutboxMessage.objects.all()))
    assert signatures().filter(review=Review.OK).count() == 20


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
def test_another_website_cannot_sign(endpoint: SignEndpoint) -> None:
    form, before = fresh(endpoint.page, **endpoint.values), ledger()
    for headers in FOREIGN:
        endpoint.client = Client(enforce_csrf_checks=True, raise_request_exception=False, headers=headers)
        for stamp in (form["stamp"], ""):
            answer = endpoint.send({**form, "stamp": stamp})
            assert answer.status_code == 403, headers
            assert form["email"].encode() not in answer.content
            assert "Access-Control-Allow-Origin" not in answer.headers
    assert ledger() == before


@pytest.mark.requirement("I51", "C6")
def test_nobody_signs_by_saying_nothing_of_where_it_came_from_and_nothing_of_the_form(endpoint: SignEndpoint) -> None:
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
def test_our_own_pages_can(endpoint: SignEndpoint, headers: dict[str, str]) -> None:
    endpoint.client = Client(enforce_csrf_checks=True, headers=headers)
    assert endpoint.post().status_code == endpoint.accepted
    assert signatures().count() == 1


@pytest.mark.parametrize("query", ["", "?lang=es"])
def test_a_refusal_is_in_the_language_of_the_address_and_not_of_the_browser(endpoint: SignEndpoint, query: str) -> None:
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
