"""Builds rows of signatures and submissions with the package's code, for bulk inserts."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Any
from uuid import uuid4

from django.db import connection
from django.db.models.expressions import DatabaseDefault

from wagtail_pledge.signing.abuse.signals import screening_notes
from wagtail_pledge.signing.kinds import SignerData
from wagtail_pledge.signing.models import Statement, Submission
from wagtail_pledge.signing.services.payloads import Payload, build_signature
from wagtail_pledge.signing.services.submissions import new_submission


def signature(statement: Statement, address: str) -> Any:
    """Return an unsaved signature for ``address``, with the keys that confirming would give it."""
    return build_signature(statement, _payload(address))


def submission(statement: Statement, address: str) -> Submission:
    """Return an unsaved submission for ``address``, as from a network of its own, with the notes for its checks."""
    payload = _payload(address)
    notes = screening_notes(data=payload.data, proof=None, now=dt.datetime.now(dt.UTC))
    network_key, signals = secrets.token_bytes(8), ",".join(notes)
    return new_submission(uuid4(), statement, payload, network_key=network_key, signals=signals)


def _payload(address: str) -> Payload:
    data = SignerData(
        email=address,
        name=f"Signer {address.partition('@')[0]}",
        country="US",
        display="hidden",
        consent_updates=False,
        details={},
        answers={},
    )
    return Payload(data=data, locale="en")


def columns_of(instance: Any) -> dict[str, Any]:
    """Return the values that an INSERT sends, by column. Encrypted fields are encrypted here."""
    columns: dict[str, Any] = {}
    for field in instance._meta.local_concrete_fields:
        is_auto = field is instance._meta.auto_field
        value = None if is_auto else field.pre_save(instance, add=True)
        if is_auto or isinstance(value, DatabaseDefault):
            continue
        prepared = field.get_db_prep_save(value, connection)
        columns[field.column] = str(prepared) if isinstance(prepared, str) else prepared
    return columns
