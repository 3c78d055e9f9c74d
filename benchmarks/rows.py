"""Builds signature rows with the package's code, for bulk inserts."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.db.models.expressions import DatabaseDefault

from wagtail_pledge.signing.kinds import SignerData
from wagtail_pledge.signing.models import Statement
from wagtail_pledge.signing.services.signing import _build


def signature(statement: Statement, address: str) -> Any:
    """Return an unsaved signature for ``address``, with the keys that a POST would give it."""
    data = SignerData(
        email=address,
        name=f"Signer {address.partition('@')[0]}",
        country="US",
        display="hidden",
        consent_updates=False,
        details={},
        answers={},
    )
    return _build(statement.signer_type, statement, data, "en", None)


def columns_of(instance: Any) -> dict[str, Any]:
    """Return the values that an INSERT sends, by column. Encrypted fields are encrypted here."""
    columns: dict[str, Any] = {}
    for field in instance._meta.local_concrete_fields:
        value = None if field.primary_key else field.pre_save(instance, add=True)
        if field.primary_key or isinstance(value, DatabaseDefault):
            continue
        prepared = field.get_db_prep_save(value, connection)
        columns[field.column] = str(prepared) if isinstance(prepared, str) else prepared
    return columns
