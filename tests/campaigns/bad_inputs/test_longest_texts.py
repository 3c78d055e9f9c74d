"""The longest texts that the form accepts are stored, confirmed, approved and shown; PostgreSQL checks lengths."""

from __future__ import annotations

import re
import unicodedata
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from tests.campaigns.bad_inputs.conftest import SignEndpoint
from tests.campaigns.test_questions import publish_questions
from tests.journey import confirm, fresh, sign_url, signatures, submissions, submitted, work
from wagtail_pledge.signing.enums import Approval
from wagtail_pledge.signing.kinds import FieldType, get_kind
from wagtail_pledge.signing.models import Organization
from wagtail_pledge.signing.services import approve
from wagtail_pledge.testing.factories import SignatureFactory

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("E9")]

#: Characters that grow: in NFC, in NFKD, without case, in UTF-16.
GROWING: Final = {
    "hebrew": "\ufb2c",
    "devanagari": "\u0958",
    "arabic": "\ufdfa",
    "katakana": "\u3300",
    "greek": "\u0390",
    "german": "ß",
    "adlam": "\U0001e922",
}
TEXTS: Final = (FieldType.NAME, FieldType.TEXT, FieldType.LONG_TEXT, FieldType.POSTAL_CODE)
#: Types of fields with a test of their own, and those that are chosen.
OTHERS: Final = (
    *(FieldType.URL, FieldType.EMAIL, FieldType.COUNTRY, FieldType.CHOICE, FieldType.SELECT),
    FieldType.AGREEMENT,
)


def longest(character: str, length: int) -> str:
    """Return a text that has exactly ``length`` characters once it is normalised, as many as possible grown ones."""
    grown = unicodedata.normalize("NFC", character)
    count = (length - 4) // len(grown)
    return "Ana " + character * count + "a" * (length - 4 - count * len(grown))


def longest_values(kind: str, character: str, *, more: str = "") -> dict[str, str]:
    """Return a value for each text field of the kind."""
    fields = [field for field in get_kind(kind).fields if field.type in TEXTS]
    texts = {field.name: longest(character, field.max_length) + more for field in fields}
    return {**texts, "display": "name_place"}


@pytest.mark.parametrize("character", GROWING.values(), ids=GROWING)
def test_a_person_signs_with_the_longest_texts(endpoint: SignEndpoint, character: str) -> None:
    values = longest_values("individual", character)
    assert endpoint.post(**values).status_code == endpoint.accepted
    work()
    assert confirm(endpoint.client, endpoint.values["email"]).status_code == 303
    signature = signatures().get()
    assert signature.name == unicodedata.normalize("NFC", values["name"])
    assert len(signature.details["comment"]) == 280
    work()
    assert signature.name in signatures().get().public_name or not signature.is_counted


@pytest.mark.parametrize("character", GROWING.values(), ids=GROWING)
def test_an_organization_is_approved_with_the_longest_texts(
    organization_endpoint: SignEndpoint, admin_client: Client, character: str
) -> None:
    values = longest_values("organization", character)
    values["website"] = "https://example.org/" + "é" * (200 - len("https://example.org/"))
    assert organization_endpoint.post(**values).status_code == organization_endpoint.accepted
    work()
    assert confirm(organization_endpoint.client, organization_endpoint.values["email"]).status_code == 303
    signature = signatures().get()
    answer = admin_client.post(reverse("wagtail_pledge_signatures:approve", args=[signature.pk]))
    assert answer.status_code == 302
    signature = signatures().get()
    assert signature.approval == Approval.APPROVED
    stored = Organization.objects.get()
    assert stored.name == signature.details["organization"] == unicodedata.normalize("NFC", values["organization"])
    assert stored.website == values["website"]
    assert signature.organization == stored


def test_every_type_of_field_is_known() -> None:
    assert {*TEXTS, *OTHERS} == set(FieldType)


@pytest.mark.requirement("E12")
def test_a_person_signs_with_a_long_address_of_other_letters(endpoint: SignEndpoint) -> None:
    address = f"{'a' * 64}@{'.'.join(['ü' * 30] * 5)}.example"
    assert endpoint.post(email=address).status_code == endpoint.accepted
    work()
    (message,) = mail.outbox
    assert (message.to[0].isascii(), len(message.to[0]) > len(address)) == (True, True)
    path = urlsplit(re.findall(r"https?://\S+/confirm/\S+", str(message.body))[0]).path
    assert endpoint.client.post(path).status_code == 303
    assert signatures().get().email == address


@pytest.mark.parametrize("character", GROWING.values(), ids=GROWING)
def test_questions_are_answered_with_the_longest_texts(
    client: Client, individual: Any, person: dict[str, str], character: str
) -> None:
    asked = {"short_text": 100, "long_text": 500}
    questions = [(slug, {"label": slug, "required": False, "slug": slug}) for slug in asked]
    page = publish_questions(individual, questions)
    typed = {slug: longest(character, length) for slug, length in asked.items()}
    form = fresh(page, **person, **{f"q_{slug}": text for slug, text in typed.items()})
    assert client.post(sign_url(page), form).status_code == 303
    work()
    assert confirm(client, person["email"]).status_code == 303
    kept = {slug: unicodedata.normalize("NFC", text) for slug, text in typed.items()}
    assert signatures().get().answers == kept
    assert {slug: len(text) for slug, text in kept.items()} == asked


@pytest.mark.parametrize("character", GROWING.values(), ids=GROWING)
def test_a_text_is_measured_as_it_is_stored(endpoint: SignEndpoint, character: str) -> None:
    response = endpoint.post(**longest_values("individual", character, more="a"))
    assert response.status_code == 422
    assert not submissions().exists()
    if endpoint.as_json:
        assert set(response.json()["errors"]) == {"name", "city", "comment", "postal_code"}


def test_typed_marks_do_not_count_twice(endpoint: SignEndpoint) -> None:
    assert endpoint.post(name=unicodedata.normalize("NFD", "Ộ" * 120)).status_code == endpoint.accepted
    assert submitted().name == "Ộ" * 120


@pytest.mark.parametrize("name", ["x" * 5000, "\ufdfa" * 300, "A\x00B", "é" * 201, "\U0001e922" * 999, ""])
def test_a_row_that_no_form_would_accept_is_approved_too(organization: Any, name: str) -> None:
    signature = SignatureFactory(
        pledge=organization.signer_type.pledge,
        kind="organization",
        approval=Approval.WAITING,
        display="name_place",
        details={"organization": name, "city": name, "website": f"https://example.org/{name}"},
    )
    approve(signature)
    assert signatures().get().approval == Approval.APPROVED
    assert Organization.objects.get().name == name.replace("\x00", "")[:200]
