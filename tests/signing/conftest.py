"""A pledge that can be signed."""

from __future__ import annotations

from typing import Any

import pytest

from wagtail_pledge.signing.kinds import SignerData
from wagtail_pledge.signing.models import Pledge, SignerType, get_signature_model
from wagtail_pledge.signing.services import find_statement, freeze_statement, sign
from wagtail_pledge.signing.services.pledges import create_pledge, create_signer_type


@pytest.fixture
def pledge(db: None) -> Pledge:
    return create_pledge("Ratify")


@pytest.fixture
def person_type(pledge: Pledge) -> SignerType:
    return pledge.signer_types.get(kind="individual")


@pytest.fixture
def organization_type(pledge: Pledge) -> SignerType:
    return create_signer_type(pledge, "organization")


def statement_to_sign(signer_type: SignerType, text: str = "<p>Ratify.</p>", locale: str = "en") -> Any:
    """Return the current statement as the sign path finds it."""
    statement = freeze_statement(signer_type=signer_type, locale=locale, text=text, consent={"sign": "I sign."})
    return find_statement(pledge=signer_type.pledge.uuid, signer_type=signer_type.uuid, sha256=statement.sha256)


def person(email: str = "ana@example.org", name: str = "Ana María López", **more: Any) -> SignerData:
    """Return a person's words."""
    return SignerData(name=name, email=email, country="US", **more)


def organization(name: str = "Casa del Pueblo", email: str = "rep@casa.example", **details: Any) -> SignerData:
    """Return an organization's words."""
    filled = {"organization": name, "role": "Director", "authorized": True, **details}
    return SignerData(name="Rosa Ruiz", email=email, country="US", display="name_place", details=filled)


def sign_as(signer_type: SignerType, data: SignerData, **more: Any) -> Any:
    """Sign and return the one signature of this mailbox."""
    receipt = sign(statement=statement_to_sign(signer_type), data=data, **more)
    key = bytes.fromhex(receipt.ticket.mailbox_key)
    model: Any = get_signature_model()
    return model.objects.for_mailbox(
        signer_type.pledge_id, signer_type.kind, key, bytes.fromhex(receipt.ticket.seat)
    ).get()
