"""Records the SQL statements of signing and of confirming, and runs them again for another person."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Any, Final
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.test import Client
from psycopg import Binary

from benchmarks.load import forwarded_for
from benchmarks.requests import confirm_data, confirm_path, sign_data
from benchmarks.rows import submission
from benchmarks.site import Endpoints
from wagtail_pledge.core.db import insert_or_ignore
from wagtail_pledge.signing.models import Statement, Submission, get_signature_model

_LOCK: Final = "pg_advisory_xact_lock"


@dataclass(frozen=True, slots=True)
class RecordedStatement:
    """One SQL statement with its parameters, and whether it ran in a transaction."""

    sql: str
    parameters: Sequence[Any]
    in_transaction: bool


class Recording:
    """Statements of one request, and the values in them that belong to its person only."""

    def __init__(self, statements: Sequence[RecordedStatement], unique: set[Any]) -> None:
        groups = groupby(statements, key=lambda statement: statement.in_transaction)
        self._groups = [(in_transaction, list(group)) for in_transaction, group in groups]
        self._unique = unique

    def run(self, known: Mapping[Any, Any] | None = None) -> None:
        """Run the statements for another person: ``known`` has new values for some of the unique ones."""
        fresh = {value: _fresh(value) for value in self._unique} | dict(known or {})
        for in_transaction, statements in self._groups:
            with transaction.atomic() if in_transaction else nullcontext(), connection.cursor() as cursor:
                for statement in statements:
                    parameters = [
                        fresh.get(v, v) if isinstance(v, UUID | bytes | int) else v for v in statement.parameters
                    ]
                    cursor.execute(statement.sql, parameters)
                    if cursor.description:
                        cursor.fetchall()


def _fresh(value: UUID | bytes | int) -> UUID | bytes | int:
    if isinstance(value, UUID):
        return uuid4()
    if isinstance(value, bytes):
        # A keyed hash begins with the version of its key, without which no worker would start
        return value[:1] + secrets.token_bytes(len(value) - 1)
    return secrets.randbelow(2**31)


def _record(action: Callable[[], None]) -> list[RecordedStatement]:
    statements: list[RecordedStatement] = []

    def note(execute: Any, sql: str, parameters: Any, many: bool, context: Any) -> Any:
        plain = [value.obj if isinstance(value, Binary) else value for value in parameters or ()]
        statements.append(RecordedStatement(sql, plain, connection.in_atomic_block))
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(note):
        action()
    return statements


def _post(path: str, data: Mapping[str, str]) -> None:
    answer = Client().post(path, data, headers={"X-Forwarded-For": forwarded_for()})
    if answer.status_code != 303:
        message = f"{path} answered {answer.status_code}"
        raise RuntimeError(message)


def _endpoints() -> Endpoints:
    signer_type = _statement().signer_type
    path = f"/pledge/{signer_type.pledge.uuid}/sign/{signer_type.uuid}/"
    return Endpoints(page="", empty_page="", sign=path, count="", form_page="", sha256=_statement().sha256)


def _statement() -> Any:
    return Statement.objects.select_related("signer_type__pledge").order_by("pk").first()


def _plain(values: Sequence[Any]) -> set[Any]:
    return {bytes(value) if isinstance(value, memoryview) else value for value in values if value}


def _new_address() -> str:
    return f"baseline-{secrets.token_hex(8)}@example.org"


@cache
def recorded_signing() -> Recording:
    """Sign twice and return the statements of the second time: one INSERT. The first time may fill caches."""
    endpoints = _endpoints()
    _post(endpoints.sign, sign_data(endpoints))
    data = sign_data(endpoints, email=_new_address())
    statements = _record(lambda: _post(endpoints.sign, data))
    if [statement.sql.split()[0] for statement in statements] != ["INSERT"]:
        message = f"unexpected statements of signing: {[statement.sql for statement in statements]}"
        raise RuntimeError(message)
    (row,) = [value for value in statements[0].parameters if isinstance(value, UUID)]
    return Recording(statements, _plain([row, Submission.objects.get(pk=row).mailbox_key]))


@cache
def recorded_confirming() -> tuple[Recording, UUID]:
    """Confirm twice; return the statements of the second time, and the id of the submission in them."""
    unsaved = [submission(_statement(), _new_address()) for _time in range(2)]
    for row in unsaved:
        insert_or_ignore(row)
    rows = [Submission.objects.get(pk=row.pk) for row in unsaved]
    _post(confirm_path(rows[0]), confirm_data(rows[0]))
    statements = _record(lambda: _post(confirm_path(rows[1]), confirm_data(rows[1])))
    row = Submission.objects.get(pk=rows[1].pk)
    signature = get_signature_model()._default_manager.get(pledge_id=row.pledge_id, uuid=row.signature_uuid)
    locks = {statement.parameters[-1] for statement in statements if _LOCK in statement.sql}
    if not locks:
        message = "confirming takes no lock of the mailbox"
        raise RuntimeError(message)
    unique = _plain([row.pk, signature.uuid, signature.mailbox_key, signature.mailbox_key_next]) | locks
    return Recording(statements, unique), row.pk
