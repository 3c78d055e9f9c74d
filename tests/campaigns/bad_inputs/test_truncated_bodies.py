"""A body that is shorter than its ``Content-Length`` is refused: its last field may be half a name."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from PIL import Image

from tests.campaigns.bad_inputs.conftest import ledger
from tests.journey import fresh, sign_url
from wagtail_pledge.signing.enums import Approval
from wagtail_pledge.signing.models import OrganizationLogo
from wagtail_pledge.signing.services import MANAGE, token_for
from wagtail_pledge.testing.factories import SignatureFactory

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("E13")]

Encoder = Callable[[dict[str, str]], tuple[bytes, str]]
ENCODERS: dict[str, Encoder] = {
    "form": lambda data: (urlencode(data).encode(), "application/x-www-form-urlencoded"),
    "json": lambda data: (json.dumps(data).encode(), "application/json"),
    "multipart": lambda data: (encode_multipart(BOUNDARY, data), MULTIPART_CONTENT),
}


def post_part(path: str, body: bytes, content_type: str, *, kept: int) -> Any:
    """Post the first ``kept`` bytes of ``body`` with the length of all of it."""
    client = Client(raise_request_exception=False)
    # Not Django's payload, which would not let anybody read more than there is
    return client.generic("POST", path, body, content_type=content_type, **{"wsgi.input": BytesIO(body[:kept])})


@pytest.mark.parametrize("encoding", ENCODERS)
def test_a_form_that_was_cut_off_is_never_stored(individual: Any, person: dict[str, str], encoding: str) -> None:
    form = fresh(individual, **person)
    # The name is last, as in "Ana Rui" of "Ana Ruiz"
    body, content_type = ENCODERS[encoding]({**{key: form[key] for key in form if key != "name"}, "name": form["name"]})
    before = ledger()
    for kept in (0, 1, len(body) // 2, *range(len(body) - 12, len(body))):
        response = post_part(sign_url(individual), body, content_type, kept=kept)
        assert response.status_code == 400, kept
    assert ledger() == before
    complete = post_part(sign_url(individual), body, content_type, kept=len(body))
    assert complete.status_code == (202 if encoding == "json" else 303)


@pytest.mark.parametrize("encoding", ENCODERS)
def test_a_signature_is_not_withdrawn_by_half_a_form(individual: Any, encoding: str) -> None:
    signature = SignatureFactory(pledge=individual.signer_type.pledge)
    body, content_type = ENCODERS[encoding]({"action": "withdraw", "x": "y" * 50})
    before = ledger()
    path = f"/pledge/manage/{token_for(MANAGE, signature)}/"
    assert post_part(path, body, content_type, kept=len(body) - 10).status_code == 400
    assert ledger() == before


def test_a_logo_that_was_cut_off_is_never_stored(organization: Any) -> None:
    pledge = organization.signer_type.pledge
    signature = SignatureFactory(pledge=pledge, kind="organization", approval=Approval.APPROVED)
    image = BytesIO()
    # A JPEG of which a part is still a picture, and text after the file that hides the cut
    Image.effect_noise((300, 100), 90).save(image, "JPEG")
    image.seek(0)
    image.name = "logo.jpg"
    body = encode_multipart(BOUNDARY, {"logo": image, "after": "x" * 200})
    path = f"/pledge/manage/{token_for(MANAGE, signature)}/logo/"
    for kept in (len(body) - 1, len(body) - 150, len(body) - 500, len(body) // 2):
        assert post_part(path, body, MULTIPART_CONTENT, kept=kept).status_code == 400, kept
    assert not OrganizationLogo.objects.exists()
    assert post_part(path, body, MULTIPART_CONTENT, kept=len(body)).status_code == 303
    assert OrganizationLogo.objects.exists()


@pytest.mark.requirement("E12")
@pytest.mark.parametrize("charset", ["hex", "undefined", "idna", "rot13", "punycode", "nonsense", "utf-16"])
@pytest.mark.parametrize("part", ["", "; charset=hex", "; x*=klingon''y", "; name*=klingon''logo"])
def test_no_charset_of_a_logo_is_a_server_error(organization: Any, charset: str, part: str) -> None:
    signature = SignatureFactory(
        pledge=organization.signer_type.pledge, kind="organization", approval=Approval.APPROVED
    )
    head = f'Content-Disposition: form-data; name="logo"; filename="a.png"{part}\r\nContent-Type: image/png{part}'
    body = f"--b\r\n{head}\r\n\r\nx\r\n--b--\r\n".encode()
    path = f"/pledge/manage/{token_for(MANAGE, signature)}/logo/"
    client = Client(raise_request_exception=False)
    for content_type in (f"multipart/form-data; boundary=b; charset={charset}", f"text/plain; charset={charset}"):
        assert client.generic("POST", path, body, content_type=content_type).status_code < 500
