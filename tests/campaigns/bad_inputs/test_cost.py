"""The largest request costs hardly more than an ordinary one, and asks nobody outside."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from typing import Any, NoReturn

import pytest
from django.contrib.auth import hashers
from django.test import Client

from tests.campaigns.bad_inputs.conftest import Door
from tests.journey import sign_url, signatures

pytestmark = pytest.mark.requirement("C12")

#: 32 kB is the largest body that is read.
LARGEST = 30_000
ROUNDS = 9
Send = Callable[[], Any]


def costs(plain: Send, large: Send) -> tuple[float, float]:
    """Return the least CPU time of this thread for each, taken in turns: a busy machine slows both alike."""

    def cost(send: Send) -> float:
        before = time.thread_time()
        send()
        return time.thread_time() - before

    rounds = [(cost(plain), cost(large)) for _round in range(ROUNDS)]
    return min(first for first, _second in rounds), min(second for _first, second in rounds)


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"name": "ä" * 4000, "email": "a." * 2000 + "@x.co"}, marks=pytest.mark.requirement("I14")),
        {"name": "a" * LARGEST},
        {"name": "http://" * (LARGEST // 7)},
        {"name": "Z" + "\u0301" * (LARGEST // 6)},
        {"name": "<" * LARGEST},
        {"email": "a@" + "b." * (LARGEST // 2) + "co"},
        {"email": "@" * LARGEST},
        {"email": '"' + "\\a" * (LARGEST // 2) + '"@x.co'},
        {"country": "U" * LARGEST},
        {"stamp": "A" * LARGEST},
        {"statement": "0" * LARGEST},
    ],
    ids=lambda changed: "+".join(f"{name}:{value[:3]}" for name, value in changed.items()).encode("unicode_escape"),
)
def test_a_form_of_the_largest_size_costs_little_more(door: Door, changed: dict[str, str]) -> None:
    def large() -> None:
        # The client, the middleware and the page as a whole are in both
        assert door.post(**changed).status_code in {200, 400, 413, 422}

    plain, huge = costs(lambda: door.post(email="ana"), large)
    assert not signatures().exists()
    assert huge <= 2 * plain + 0.002, f"{huge * 1000:.1f} ms, {plain * 1000:.1f} ms for a plain one"


@pytest.mark.parametrize(
    "body", ["[" * LARGEST, '{"a":' * (LARGEST // 5), json.dumps({str(n): "" for n in range(2500)})]
)
def test_a_body_that_is_all_structure_costs_little_more(door: Door, body: str) -> None:
    client, url = Client(), sign_url(door.page)

    def send(sent: str) -> None:
        assert client.post(url, sent, content_type="application/json").status_code in {200, 400, 422}

    plain, huge = costs(lambda: send("{}"), lambda: send(body))
    assert huge <= 2 * plain + 0.002, f"{huge * 1000:.1f} ms, {plain * 1000:.1f} ms for a plain one"


@pytest.mark.parametrize("path", ["confirm", "manage", "not-me", "inbox"])
def test_a_long_token_costs_little_more(client: Client, campaign: Any, path: str) -> None:
    plain, huge = costs(
        lambda: client.get(f"/pledge/{path}/{'A' * 63}/"), lambda: client.get(f"/pledge/{path}/{'A' * 8000}/")
    )
    assert huge <= 2 * plain + 0.002, f"{huge * 1000:.1f} ms, {plain * 1000:.1f} ms for a plain one"


def test_signing_hashes_no_password_and_asks_nobody_outside(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: Any, **_options: Any) -> NoReturn:
        pytest.fail("the sign path went outside or hashed a password")

    for name in ("getaddrinfo", "gethostbyname", "create_connection"):
        monkeypatch.setattr(socket, name, refuse)
    monkeypatch.setattr(hashers, "make_password", refuse)
    monkeypatch.setattr(hashers.BasePasswordHasher, "encode", refuse)
    assert door.post(email="ana@müller.de").status_code == door.accepted
    assert signatures().count() == 1
