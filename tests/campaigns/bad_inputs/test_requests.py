"""Bodies, headers and methods that no browser sends."""

from __future__ import annotations

import gzip
import json
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from tests.campaigns.bad_inputs.conftest import Door
from tests.journey import fresh, sign_url, signatures, work
from wagtail_pledge.signing.enums import SignatureState
from wagtail_pledge.signing.models import OutboxMessage

FORM, JSON = "application/x-www-form-urlencoded", "application/json"
PART = "multipart/form-data; boundary=b"
FILE = b'--b\r\nContent-Disposition: form-data; name="x"\r\n\r\n' + b"a" * 40_000 + b"\r\n--b--\r\n"

BODIES = [
    pytest.param(b"name=" + b"a" * 10_000_000, FORM, {400, 413}, marks=pytest.mark.requirement("I35", "D10")),
    pytest.param(b"name=" + b"a" * 2_400_000, FORM, {400, 413}, marks=pytest.mark.requirement("I35", "D10")),
    pytest.param(FILE, PART, {400, 413}, marks=pytest.mark.requirement("I35", "D10")),
    pytest.param(b"&".join(b"f%d=" % i for i in range(1001)), FORM, {400}, marks=pytest.mark.requirement("I36")),
    pytest.param(b"name=%ED%A0%80&email=%C0%AF", FORM, {200, 400}, marks=pytest.mark.requirement("I37")),
    pytest.param(b"name=\xff\xfe", FORM, {200, 400}, marks=pytest.mark.requirement("I37")),
    pytest.param(b'{"name": "\\ud800"}', JSON, {400, 422}, marks=pytest.mark.requirement("I37")),
    pytest.param(b'{"name": "\xff"}', JSON, {400}, marks=pytest.mark.requirement("I37")),
    pytest.param(b"name=x", FORM + "; charset=utf-7", {200, 400, 415}, marks=pytest.mark.requirement("I38")),
    pytest.param(b"name=x", FORM + "; charset=nonsense", {200, 400, 415}, marks=pytest.mark.requirement("I38")),
    pytest.param(b"name=x", FORM + "; charset=idna", {200, 400, 415}, marks=pytest.mark.requirement("I38")),
    pytest.param(b"--b\r\n", "multipart/form-data", {400}, marks=pytest.mark.requirement("I38")),
    pytest.param(b"--b\r\nContent-Disposition: form-da", PART, {200, 400}, marks=pytest.mark.requirement("I38")),
    pytest.param(gzip.compress(b'{"name": "x"}'), JSON, {400}, marks=pytest.mark.requirement("I38")),
    pytest.param(b"<a/>", "text/xml", {415}, marks=pytest.mark.requirement("I38")),
    pytest.param(b'{"name": "a", "name": "b"}', JSON, {400}, marks=pytest.mark.requirement("I39", "D8")),
    *(
        pytest.param(body, JSON, {400}, marks=pytest.mark.requirement("I39"))
        for body in (b"NaN", b"[]", b'{"a": NaN}', b'{"name": ["a"]}', b'{"name": {}}', b"[" * 9000, b" ")
    ),
]


@pytest.mark.parametrize(("body", "content_type", "allowed"), BODIES)
def test_a_malformed_body_is_refused(individual: Any, body: bytes, content_type: str, allowed: set[int]) -> None:
    client = Client(raise_request_exception=False)
    assert client.generic("POST", sign_url(individual), body, content_type=content_type).status_code in allowed
    assert not signatures().exists()


@pytest.mark.requirement("I36")
def test_a_json_object_with_5000_keys_is_refused(individual: Any) -> None:
    client = Client(raise_request_exception=False)
    body = json.dumps({f"f{i}": "" for i in range(5000)})
    assert client.post(sign_url(individual), body, content_type=JSON).status_code in {400, 413}


@pytest.mark.requirement("I32", "D8")
def test_a_field_sent_twice_is_refused(client: Client, individual: Any, person: Any) -> None:
    form = urlencode(fresh(individual, **person))
    for url, body in (
        (sign_url(individual), form + "&name=B&name=C"),
        (sign_url(individual) + "?email=b@y.co", form),
    ):
        assert client.post(url, body, content_type=FORM).status_code == 400
    assert not signatures().exists()


@pytest.mark.requirement("I34")
def test_fields_that_are_not_asked_change_nothing(door: Door) -> None:
    extra = {"state": "confirmed", "is_verified": "1", "petition": "2", "verdict": "clear", "middle_name": "x"}
    assert door.post(**extra).status_code == door.accepted
    stored = signatures().get()
    assert stored.state == SignatureState.PENDING
    assert stored.verdict == "held"


@pytest.mark.requirement("I31", "A5")
def test_a_form_signs_for_the_first_address_it_named(door: Door) -> None:
    form = fresh(door.page, **door.values)
    for address in (form["email"], "other@y.example", form["email"]):
        body = {**form, "email": address}
        data, content_type = (json.dumps(body), JSON) if door.as_json else (urlencode(body), FORM)
        answer = door.client.post(sign_url(door.page), data, content_type=content_type)
        assert answer.status_code == door.accepted
    assert signatures().get().email == form["email"]


@pytest.mark.requirement("I31", "EM1")
def test_the_second_address_of_a_form_gets_no_mail(
    client: Client, individual: Any, person: Any, mailoutbox: Any
) -> None:
    form = fresh(individual, **person)
    for address in (person["email"], "other@y.example"):
        client.post(sign_url(individual), {**form, "email": address})
    work()
    assert [letter.to for letter in mailoutbox] == [[person["email"]]]


@pytest.mark.requirement("I43")
def test_an_upload_is_not_kept(client: Client, individual: Any, person: Any) -> None:
    body = b'--b\r\nContent-Disposition: form-data; name="name"; filename="a.exe"\r\n\r\nMZ\r\n--b--\r\n'
    assert client.post(sign_url(individual), body, content_type=PART).status_code in {200, 400}
    assert not signatures().exists()


@pytest.mark.requirement("I46", "D7")
@pytest.mark.parametrize(
    "target",
    ["//e.example", "/\\e.example", "https:e.example", "javascript:alert(1)", "http://good@e.example", "\t//e.example"],
)
def test_nobody_is_sent_elsewhere(client: Client, individual: Any, person: Any, target: str) -> None:
    form = fresh(individual, **person)
    response = client.post(f"{sign_url(individual)}?{urlencode({'next': target})}", form)
    assert response.status_code == 303
    assert response["Location"].startswith("/pledge/inbox/")


@pytest.mark.requirement("I48", "I49")
@pytest.mark.parametrize(
    ("proxies", "addresses", "forwarded"),
    [
        (0, ["198.51.100.7"] * 20, [f"1.2.{i}.4" for i in range(20)]),
        (1, ["10.0.0.1"] * 20, [f"1.2.{i}.4, 198.51.100.7" for i in range(20)]),
        (0, [f"2001:db8:1:2::{i:x}" for i in range(20)], [""] * 20),
    ],
)
def test_one_client_is_one_network(
    client: Client,
    individual: Any,
    person: Any,
    settings: Any,
    proxies: int,
    addresses: list[str],
    forwarded: list[str],
) -> None:
    settings.WAGTAIL_PLEDGE_TRUSTED_PROXIES = proxies
    for number, (address, header) in enumerate(zip(addresses, forwarded, strict=True)):
        form = fresh(individual, **{**person, "email": f"p{number}@x.example"})
        client.post(sign_url(individual), form, REMOTE_ADDR=address, headers={"X-Forwarded-For": header})
    keys = {bytes(key or b"") for key in OutboxMessage.objects.values_list("network_key", flat=True)}
    assert OutboxMessage.objects.count() == 20
    assert len(keys) == 1
    assert keys != {b""}


@pytest.mark.requirement("I51", "C6")
@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}]
)
def test_another_website_cannot_sign(client: Client, individual: Any, person: Any, headers: dict[str, str]) -> None:
    response = client.post(sign_url(individual), fresh(individual, **person), headers=headers)
    assert response.status_code == 403
    assert not signatures().exists()
    assert not OutboxMessage.objects.exists()


@pytest.mark.requirement("I44", "I52")
@pytest.mark.parametrize("path", ["confirm", "manage", "not-me", "inbox"])
@pytest.mark.parametrize("token", ["x", "A" * 43, "A" * 4096, "..%2F..%2Fetc", "%00", "%ED%A0%80"])
def test_a_forged_token_does_nothing(campaign: Any, path: str, token: str) -> None:
    client = Client(raise_request_exception=False)
    for method in ("get", "head", "options", "trace", "post"):
        assert getattr(client, method)(f"/pledge/{path}/{token}/").status_code < 500
    assert not signatures().exists()
