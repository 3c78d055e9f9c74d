"""Malformed bodies, headers and fields that no browser sends."""

from __future__ import annotations

import gzip
import json
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from tests.campaigns.bad_inputs.conftest import SignEndpoint, ledger
from tests.journey import confirm_all, fresh, sign_url, signatures, submissions, submitted, work
from wagtail_pledge.signing.forms import HONEYPOT
from wagtail_pledge.signing.kinds import get_kind

FORM, JSON = "application/x-www-form-urlencoded", "application/json"
PART = "multipart/form-data; boundary=b"
FILE = b'--b\r\nContent-Disposition: form-data; name="x"\r\n\r\n' + b"a" * 40_000 + b"\r\n--b--\r\n"
BIG_FILE = FILE.replace(b"a" * 40_000, b"a" * 10_000_000)
MANY_PARTS = (
    b"".join(b'--b\r\nContent-Disposition: form-data; name="f%d"\r\n\r\n\r\n' % i for i in range(1001)) + b"--b--"
)

BODIES = [
    pytest.param(b"name=" + b"a" * 10_000_000, FORM, 413, marks=pytest.mark.requirement("I35", "D10")),
    pytest.param(b"name=" + b"a" * 2_400_000, FORM, 413, marks=pytest.mark.requirement("I35", "D10")),
    pytest.param(FILE, PART, 413, marks=pytest.mark.requirement("I35", "D10")),
    pytest.param(BIG_FILE, PART, 413, marks=pytest.mark.requirement("I35", "D10")),
    pytest.param(b'{"name": "' + b"a" * 10_000_000 + b'"}', JSON, 413, marks=pytest.mark.requirement("I35", "D10")),
    pytest.param(MANY_PARTS, PART, 413, marks=pytest.mark.requirement("I36")),
    pytest.param(b"&".join(b"f%d=" % i for i in range(1001)), FORM, 400, marks=pytest.mark.requirement("I36")),
    pytest.param(b"name=%ED%A0%80&email=%C0%AF", FORM, 200, marks=pytest.mark.requirement("I37")),
    pytest.param(b"name=\xff\xfe", FORM, 200, marks=pytest.mark.requirement("I37")),
    pytest.param(b'{"name": "\\ud800"}', JSON, 422, marks=pytest.mark.requirement("I37")),
    pytest.param(b'{"name": "\xff"}', JSON, 400, marks=pytest.mark.requirement("I37")),
    pytest.param(b"name=x", FORM + "; charset=utf-7", 400, marks=pytest.mark.requirement("I38")),
    pytest.param(b"name=x", FORM + "; charset=nonsense", 200, marks=pytest.mark.requirement("I38")),
    pytest.param(b"name=x", FORM + "; charset=idna", 400, marks=pytest.mark.requirement("I38")),
    pytest.param(b"--b\r\n", "multipart/form-data", 400, marks=pytest.mark.requirement("I38")),
    pytest.param(b"--b\r\nContent-Disposition: form-da", PART, 200, marks=pytest.mark.requirement("I38")),
    pytest.param(gzip.compress(b'{"name": "x"}', mtime=0), JSON, 400, marks=pytest.mark.requirement("I38")),
    pytest.param(gzip.compress(b"name=x", mtime=0), FORM, 200, marks=pytest.mark.requirement("I38")),
    pytest.param(b"--b\r\n" * 9, PART + "; charset=hex", 200, marks=pytest.mark.requirement("I38")),
    pytest.param(b'{"name": "x"}', JSON + "; charset=utf-7", 422, marks=pytest.mark.requirement("I38")),
    pytest.param(b"<a/>", "text/xml", 415, marks=pytest.mark.requirement("I38")),
    pytest.param(b'{"name": "a", "name": "b"}', JSON, 400, marks=pytest.mark.requirement("I39", "D8")),
    *(
        pytest.param(body, JSON, 400, marks=pytest.mark.requirement("I39"))
        for body in (
            *(b"NaN", b"[]", b'"name"', b"1", b"null", b" ", b"[" * 9000, b'{"a":' * 5000, b'{"a": NaN}'),
            *(b'{"name": ["a"]}', b'{"name": {}}', b'{"updates": {}}', b'{"updates": []}', b'{"name": 1}'),
            *(
                b'{"name": null}',
                b'{"name": 1e999}',
                b'{"name": Infinity}',
                b'{"name": "a",}',
                b'{"a": {"a": 1, "a": 2}}',
            ),
        )
    ),
]


@pytest.mark.parametrize(("body", "content_type", "status"), BODIES)
def test_a_malformed_body_is_refused(individual: Any, body: bytes, content_type: str, status: int) -> None:
    client = Client(raise_request_exception=False)
    assert client.generic("POST", sign_url(individual), body, content_type=content_type).status_code == status
    assert not submissions().exists()


@pytest.mark.requirement("I36")
def test_a_json_object_with_5000_keys_is_refused(individual: Any) -> None:
    client = Client(raise_request_exception=False)
    body = json.dumps({f"f{i}": "" for i in range(5000)})
    assert client.post(sign_url(individual), body, content_type=JSON).status_code == 413


@pytest.mark.requirement("I34")
def test_unknown_fields_are_ignored(endpoint: SignEndpoint) -> None:
    extra = {"state": "confirmed", "is_verified": "1", "petition": "2", "review": "ok", "middle_name": "x"}
    assert endpoint.post(**extra).status_code == endpoint.accepted
    assert not signatures().exists()
    assert submitted().review == "needs_review"


@pytest.mark.requirement("I31", "A5", "E2")
def test_a_form_sent_with_two_addresses_is_two_submissions_and_the_same_twice_is_one(endpoint: SignEndpoint) -> None:
    form = fresh(endpoint.page, **endpoint.values)
    for address in (form["email"], "other@y.example", form["email"]):
        body = {**form, "email": address}
        data, content_type = (json.dumps(body), JSON) if endpoint.as_json else (urlencode(body), FORM)
        answer = endpoint.client.post(sign_url(endpoint.page), data, content_type=content_type)
        assert answer.status_code == endpoint.accepted
    assert submissions().count() == 2


@pytest.mark.requirement("I31", "EM1", "E2")
@pytest.mark.parametrize("victim_signed", [False, True])
def test_the_second_address_of_a_form_gets_its_mail_whatever_the_first_one_is(
    client: Client, individual: Any, person: Any, mailoutbox: Any, victim_signed: bool
) -> None:
    """The oracle: a second address under one stamp got a mail only if the first one had signed."""
    if victim_signed:
        client.post(sign_url(individual), fresh(individual, **person))
        confirm_all()
        work()
        mailoutbox.clear()
    form = fresh(individual, **{**person, "name": "Eva"})
    for address in (person["email"], "other@y.example"):
        client.post(sign_url(individual), {**form, "email": address})
    work()
    assert ["other@y.example"] in [message.to for message in mailoutbox]


@pytest.mark.requirement("I34", "D8")
def test_an_organization_cannot_approve_itself(organization_endpoint: SignEndpoint) -> None:
    extra = {"approval": "approved", "organization_id": "1", "public_name": "Nobody", "review": "ok", "epoch": "9"}
    assert organization_endpoint.post(**extra).status_code == organization_endpoint.accepted
    (stored,) = confirm_all()
    assert (stored.approval, stored.organization_id, stored.public_name, stored.epoch) == ("waiting", None, "", 1)
    assert not set(extra) & set(stored.details)


@pytest.mark.parametrize("which", ["individual", "organization"])
@pytest.mark.requirement("I32", "D8")
def test_a_repeated_field_is_rejected(which: str, request: pytest.FixtureRequest) -> None:
    page = request.getfixturevalue(which)
    values = request.getfixturevalue("organization_form" if which == "organization" else "person")
    client, url, form = Client(), sign_url(page), fresh(page, **values)
    before = ledger()
    fields = {field.name for field in get_kind(which).fields} | {"statement", "stamp", HONEYPOT, "not_asked"}
    for name in sorted(fields):
        given = {**form, name: form.get(name, "on")}
        value, body = given[name], urlencode(given)
        twice, in_query = f"{body}&{urlencode({name: value})}", f"{url}?{urlencode({name: value})}"
        pairs = [*given.items(), (name, value)]
        as_json = "{" + ", ".join(f"{json.dumps(key)}: {json.dumps(text)}" for key, text in pairs) + "}"
        three = f"{twice}&{urlencode({name: 'C'})}"
        for target, sent, content_type in (
            *((url, sent, FORM) for sent in (twice, three)),
            (in_query, body, FORM),
            (url, as_json, JSON),
        ):
            assert client.post(target, sent, content_type=content_type).status_code == 400, name
    assert ledger() == before


@pytest.mark.requirement("D8")
@pytest.mark.parametrize("is_bulk", [False, True])
@pytest.mark.parametrize("body", ["reason=a&reason=b", "reason=a"])
def test_a_repeated_field_of_an_admin_form_is_rejected(
    admin_client: Client, organization_endpoint: SignEndpoint, body: str, is_bulk: bool
) -> None:
    organization_endpoint.post()
    confirm_all()
    signature, before = signatures().get(), ledger()
    one = reverse("wagtail_pledge_signatures:reject", args=[signature.pk])
    many = reverse("wagtail_bulk_action", args=[signature._meta.app_label, signature._meta.model_name, "reject"])
    url = f"{many}?id={signature.pk}&reason=x" if is_bulk else f"{one}?reason=x"
    assert admin_client.post(url, body, content_type=FORM).status_code == 400
    assert ledger() == before
    sent = admin_client.post(one, body, content_type=FORM)
    assert sent.status_code == (400 if body.count("reason") > 1 else 302)
    assert signatures().get().approval == ("waiting" if body.count("reason") > 1 else "rejected")


@pytest.mark.requirement("I37", "I09")
@pytest.mark.parametrize(
    ("name", "status"),
    [('"\\ud800 Ana"', 202), ('"Ana \\udfff\\ud800"', 202), ('"Ana \\u0000"', 422), ('"\\ud83d\\ude00 Ana"', 202)],
)
def test_lone_surrogates_and_nul_are_not_stored(individual: Any, person: Any, name: str, status: int) -> None:
    client = Client(raise_request_exception=False)
    form = json.dumps({**fresh(individual, **person), "name": "NAME"}).replace('"NAME"', name)
    assert client.post(sign_url(individual), form, content_type=JSON).status_code == status
    for row in submissions():
        stored = submitted(pk=row.pk)
        stored.name.encode()
        assert "\0" not in stored.name


@pytest.mark.requirement("I43")
def test_an_uploaded_file_is_not_stored(
    client: Client, individual: Any, person: Any, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("media", "tmp"):
        (tmp_path / name).mkdir()
    settings.MEDIA_ROOT, settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "media"), str(tmp_path / "tmp")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    asked, program = fresh(individual, **person), b"MZ" + b"\0" * 20_000
    as_name = client.post(sign_url(individual), {**asked, "name": SimpleUploadedFile("a.exe", program)})
    assert as_name.status_code == 422
    assert not submissions().exists()
    beside = client.post(sign_url(individual), {**asked, "photo": SimpleUploadedFile("../../a.exe", program)})
    assert beside.status_code == 303
    assert "photo" not in submitted().details
    large = {**asked, "photo": SimpleUploadedFile("a.exe", program * 200)}
    assert client.post(sign_url(individual), large).status_code == 413
    assert not [found for found in tmp_path.rglob("*") if found.is_file()]


@pytest.mark.requirement("D10")
@pytest.mark.parametrize(
    ("length", "as_form", "as_json"),
    [("0", 200, 400), ("5", 200, 400), ("40000", 413, 413), ("99999999999999999999999", 413, 413), ("", 200, 400)],
)
@pytest.mark.parametrize("is_json", [False, True])
def test_a_wrong_content_length_is_a_client_error(
    individual: Any, person: Any, is_json: bool, length: str, as_form: int, as_json: int
) -> None:
    client, before = Client(raise_request_exception=False), ledger()
    form = fresh(individual, **person)
    body, content_type = (json.dumps(form), JSON) if is_json else (urlencode(form), FORM)
    answer = client.generic("POST", sign_url(individual), body, content_type=content_type, CONTENT_LENGTH=length)
    assert answer.status_code == (as_json if is_json else as_form)
    assert ledger() == before
