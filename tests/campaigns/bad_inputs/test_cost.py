"""CPU time of the largest requests, and no network access on the sign path."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from typing import Any, NoReturn

import pytest
from django.contrib.auth import hashers
from django.test import Client

from tests.campaigns.bad_inputs.conftest import SignEndpoint
from tests.journey import sign_url, submissions

pytestmark = pytest.mark.requirement("C12")

#: Just under the maximum body size of 32 kB.
LARGEST = 30_000
ROUNDS = 9
Send = Callable[[], Any]


def case_id(value: dict[str, str] | int) -> bytes | str:
    if isinstance(value, int):
        return str(value)
    return "+".join(f"{name}:{text[:3]}" for name, text in value.items()).encode("unicode_escape")


def costs(plain: Send, large: Send) -> tuple[float, float]:
    """Return the minimum CPU time of this thread for each, measured alternately: load affects both alike."""

    def cost(send: Send) -> float:
        before = time.thread_time()
        send()
        return time.thread_time() - before

    rounds = [(cost(plain), cost(large)) for _round in range(ROUNDS)]
    return min(first for first, _second in rounds), min(second for _first, second in rounds)


@pytest.mark.parametrize(
    ("changed", "as_form", "as_json"),
    [
        pytest.param(
            {"name": "ä" * 4000, "email": "a." * 2000 + "@x.co"}, 422, 422, marks=pytest.mark.requirement("I14")
        ),
        ({"name": "a" * LARGEST}, 422, 422),
        ({"name": "http://" * (LARGEST // 7)}, 422, 422),
        ({"name": "Z" + "\u0301" * (LARGEST // 6)}, 422, 422),
        ({"name": "<" * LARGEST}, 422, 422),
        ({"email": "a@" + "b." * (LARGEST // 2) + "co"}, 422, 422),
        ({"email": "@" * LARGEST}, 422, 422),
        # JSON doubles each backslash
        ({"email": '"' + "\\a" * (LARGEST // 2) + '"@x.co'}, 422, 413),
        ({"country": "U" * LARGEST}, 422, 422),
        # A form without a valid stamp or statement is shown again
        ({"stamp": "A" * LARGEST}, 200, 422),
        ({"statement": "0" * LARGEST}, 200, 422),
    ],
    ids=case_id,
)
def test_a_form_of_maximum_size_costs_little_more(
    endpoint: SignEndpoint, changed: dict[str, str], as_form: int, as_json: int
) -> None:
    def large() -> None:
        # The client, the middleware and the page as a whole are in both
        assert endpoint.post(**changed).status_code == (as_json if endpoint.as_json else as_form)

    # A form without a valid stamp or statement takes more queries than one with an error, whatever its size
    small = {name: text[:1] for name, text in changed.items()} if as_form == 200 else {"email": "ana"}
    plain, huge = costs(lambda: endpoint.post(**small), large)
    assert not submissions().exists()
    assert huge <= 2 * plain + 0.002, f"{huge * 1000:.1f} ms, {plain * 1000:.1f} ms for a plain one"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("[" * LARGEST, 400),
        ('{"a":' * (LARGEST // 5), 400),
        (json.dumps({str(n): "" for n in range(2500)}), 422),
    ],
    ids=["arrays", "objects", "fields"],
)
def test_a_deeply_nested_body_costs_little_more(endpoint: SignEndpoint, body: str, status: int) -> None:
    client, url = Client(), sign_url(endpoint.page)

    def send(sent: str, status: int) -> None:
        assert client.post(url, sent, content_type="application/json").status_code == status

    plain, huge = costs(lambda: send("{}", 422), lambda: send(body, status))
    assert huge <= 2 * plain + 0.002, f"{huge * 1000:.1f} ms, {plain * 1000:.1f} ms for a plain one"


@pytest.mark.parametrize("path", ["confirm", "manage", "not-me", "inbox"])
def test_a_long_token_costs_little_more(client: Client, campaign: Any, path: str) -> None:
    plain, huge = costs(
        lambda: client.get(f"/pledge/{path}/{'A' * 63}/"), lambda: client.get(f"/pledge/{path}/{'A' * 8000}/")
    )
    assert huge <= 2 * plain + 0.002, f"{huge * 1000:.1f} ms, {plain * 1000:.1f} ms for a plain one"


def test_signing_uses_no_network_and_hashes_no_password(
    endpoint: SignEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: Any, **_options: Any) -> NoReturn:
        pytest.fail("the sign path used the network or hashed a password")

    for name in ("getaddrinfo", "gethostbyname", "create_connection"):
        monkeypatch.setattr(socket, name, refuse)
    monkeypatch.setattr(hashers, "make_password", refuse)
    monkeypatch.setattr(hashers.BasePasswordHasher, "encode", refuse)
    assert endpoint.post(email="ana@müller.de").status_code == endpoint.accepted
    assert submissions().count() == 1
