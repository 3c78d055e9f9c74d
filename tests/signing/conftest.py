"""A pledge that can be signed, and data to sign it with."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

import pytest
from django.db.models import F

from wagtail_pledge.core.db import database_now
from wagtail_pledge.signing.kinds import SignerData
from wagtail_pledge.signing.models import (
    LinkRequest,
    MailSent,
    NetworkPlace,
    OutboxMessage,
    Pledge,
    SignerType,
    Submission,
    Suppression,
)
from wagtail_pledge.signing.services import confirm, find_statement, freeze_statement, submit
from wagtail_pledge.signing.services.pledges import create_pledge, create_signer_type
from wagtail_pledge.signing.worker.screening import screen


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
    """Return the current statement as the signing view loads it."""
    statement = freeze_statement(signer_type=signer_type, locale=locale, text=text, consent={"sign": "I sign."})
    return find_statement(pledge=signer_type.pledge.uuid, signer_type=signer_type.uuid, sha256=statement.sha256)


def person(email: str = "ana@example.org", name: str = "Ana María López", **more: Any) -> SignerData:
    """Return form data of a person."""
    return SignerData(name=name, email=email, country="US", **more)


def organization(name: str = "Casa del Pueblo", email: str = "rep@casa.example", **details: Any) -> SignerData:
    """Return form data of an organization."""
    filled = {"organization": name, "role": "Director", "authorized": True, **details}
    return SignerData(name="Rosa Ruiz", email=email, country="US", display="name_place", details=filled)


def submit_as(signer_type: SignerType, data: SignerData, **more: Any) -> Submission:
    """Send a form and return the stored submission, as the confirm view loads it."""
    receipt = submit(statement=statement_to_sign(signer_type), data=data, **more)
    return submission_of(receipt.id)


def submission_of(row: UUID) -> Submission:
    """Return a submission from the database, with what the services need."""
    submission: Submission = Submission.objects.select_related("statement__signer_type__pledge").get(pk=row)
    return submission


def sign_as(signer_type: SignerType, data: SignerData, **more: Any) -> Any:
    """Send a form, let the worker screen it, and confirm it; return the signature in the ledger."""
    submission = submit_as(signer_type, data, **more)
    screen([submission], database_now())
    confirmed = confirm(submission_of(submission.pk))
    assert confirmed is not None
    return confirmed.signature


_TIMES: dict[Any, tuple[str, ...]] = {
    Submission: (
        "due_at",
        "created_at",
        "submitted_at",
        "mailed_at",
        "ended_at",
        "screened_at",
        "reminder_at",
        "lease_until",
    ),
    OutboxMessage: ("due_at", "created_at", "finished_at", "lease_until"),
    LinkRequest: ("due_at", "created_at", "lease_until"),
    MailSent: ("sent_at",),
    NetworkPlace: ("at",),
    Suppression: ("until",),
}


def pass_time(**amount: float) -> None:
    """Let time pass (``hours=2``): move every stored time of mail and submissions into the past."""
    shift = dt.timedelta(**amount)
    for model, columns in _TIMES.items():
        model.objects.update(**{column: F(column) - shift for column in columns})
