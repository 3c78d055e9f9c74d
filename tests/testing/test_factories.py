"""Factories create the same rows as the package's own services."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from wagtail_pledge.signing.addresses import mailbox_key
from wagtail_pledge.signing.enums import Approval, Display, EventKind, Review, SignatureState
from wagtail_pledge.signing.models import OutboxMessage, SignatureEvent, get_signature_model
from wagtail_pledge.signing.names import name_key
from wagtail_pledge.signing.services import confirm, counts_for
from wagtail_pledge.signing.worker.tallies import refresh_tallies
from wagtail_pledge.testing.factories import (
    PledgeFactory,
    SignatureFactory,
    SignerTypeFactory,
    StatementFactory,
    SubmissionFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.swappable]


def stored(signature: Any) -> Any:
    return get_signature_model().objects.get(pk=signature.pk)


def events(signature: Any) -> list[str]:
    rows = SignatureEvent.objects.filter(signature_uuid=signature.uuid).order_by("pk")
    return list(rows.values_list("kind", flat=True))


def test_the_default_signature_is_confirmed_and_counted() -> None:
    signature = SignatureFactory()
    refresh_tallies()
    assert signature.is_counted
    assert dict(counts_for(signature.pledge).kinds) == {"individual": 1}
    assert events(signature) == [EventKind.CONFIRMED]


def test_hashes_and_encrypted_values_match_the_packages() -> None:
    pledge = PledgeFactory()
    signature = stored(SignatureFactory(pledge=pledge, name="Ana López", email="A.B+x@GoogleMail.com"))
    assert bytes(signature.mailbox_key) == mailbox_key(pledge.uuid.bytes, "ab@gmail.com")
    assert bytes(signature.name_key) == name_key(pledge.uuid.bytes, "Ana López")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT name, email FROM {signature._meta.db_table}")
        for column in cursor.fetchone():
            assert b"Ana" not in bytes(column)
            assert b"GoogleMail" not in bytes(column)


@pytest.mark.parametrize(
    "text",
    [
        "=cmd|'/C calc'!A0",
        "x" * 5000,
        "\x00nul",
        "\u0627\u200f\u0628\u202e",
        "👩‍👩‍👧‍👦",
        "\t\r\n",
        "",
        "<b>&amp;",
        "\ufdfa" * 200,
    ],
)
@pytest.mark.parametrize("field", ["name", "email"])
def test_any_text_is_stored(field: str, text: str) -> None:
    assert getattr(stored(SignatureFactory(**{field: text})), field) == text


def test_hashes_of_invalid_addresses_differ() -> None:
    pledge = PledgeFactory()
    keys = {bytes(SignatureFactory(pledge=pledge, email=email).mailbox_key) for email in ("", "x", "y@localhost")}
    assert len(keys) == 3


def test_a_mailbox_signs_only_once() -> None:
    first = SignatureFactory(email="ana@example.org")
    with pytest.raises(ValueError, match="has signed this pledge already"):
        SignatureFactory(pledge=first.pledge, email="ana@example.org")
    SignatureFactory(pledge=first.pledge, kind="organization", email="ana@example.org")


@pytest.mark.parametrize(
    ("state", "wanted"),
    [
        (SignatureState.CONFIRMED, [EventKind.CONFIRMED]),
        (SignatureState.WITHDRAWN, [EventKind.CONFIRMED, EventKind.WITHDRAWN]),
    ],
)
def test_every_state_has_its_history(state: str, wanted: list[str]) -> None:
    signature = stored(SignatureFactory(state=state))
    assert signature.state == state
    assert events(signature) == wanted
    assert signature.confirmed_at is not None
    assert (signature.withdrawn_at is not None) is (state == SignatureState.WITHDRAWN)
    assert not OutboxMessage.objects.exists()


@pytest.mark.parametrize("kind", ["individual", "organization"])
def test_a_submission_can_be_confirmed(kind: str) -> None:
    submission = SubmissionFactory(kind=kind, name="Ana", email="ana@example.org", consent_updates=True)
    signature = confirm(submission).signature
    assert (signature.name, signature.email, signature.consent_updates) == ("Ana", "ana@example.org", True)
    assert signature.details.get("organization", "").startswith("Organization") is (kind == "organization")


def test_an_anonymised_signature_contains_no_personal_data() -> None:
    signature = stored(SignatureFactory(state=SignatureState.ANONYMISED, name="Ana", display=Display.NAME))
    left = (signature.name, signature.email, signature.public_name, signature.details, signature.mailbox_key)
    assert left == ("", "", "", {}, None)


def test_an_organization_waits_unless_approved() -> None:
    pledge = PledgeFactory()
    waiting = SignatureFactory(pledge=pledge, kind="organization", organization="Union", email="a@example.org")
    assert (waiting.approval, waiting.organization, waiting.public_name) == (Approval.WAITING, None, "")
    approved = SignatureFactory(pledge=pledge, kind="organization", organization="Union", approval=Approval.APPROVED)
    assert (approved.organization.name, approved.public_name) == ("Union", "Union")
    assert events(approved) == [EventKind.CONFIRMED, EventKind.APPROVED]


def test_a_held_signature_is_not_shown() -> None:
    assert SignatureFactory(review=Review.NEEDS_REVIEW, display=Display.NAME).public_name == ""
    assert SignatureFactory(name="Ana", display=Display.NAME).public_name == "Ana"


def test_signatures_of_a_pledge_share_signer_type_and_statement() -> None:
    pledge = PledgeFactory()
    signatures = SignatureFactory.create_batch(3, pledge=pledge)
    assert {signature.statement for signature in signatures} == {pledge.statements.get()}
    assert SignatureFactory(pledge=pledge, locale="es").statement != pledge.statements.get(locale="en")


def test_signer_type_and_statement_can_be_given() -> None:
    statement = StatementFactory(signer_type=SignerTypeFactory(kind="organization", approval_required=False))
    signature = SignatureFactory(statement=statement, kind="organization")
    assert (signature.pledge, signature.approval) == (statement.pledge, Approval.NOT_NEEDED)


def test_additional_columns_can_be_set() -> None:
    assert stored(SignatureFactory(consent_partner=True, epoch=2)).consent_partner is True
