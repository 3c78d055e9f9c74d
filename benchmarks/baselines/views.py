"""Minimal views: a constant response, one INSERT, and the SQL statements of signing alone."""

from __future__ import annotations

import secrets
from functools import cache
from typing import Any, Final
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.views.decorators.csrf import csrf_exempt

from benchmarks.baselines.models import BareRow
from benchmarks.requests import sign_data
from benchmarks.site import Endpoints
from wagtail_pledge.signing.models import Statement, get_signature_model

#: The columns that must be unique for each signer.
UNIQUE_COLUMNS: Final = ("uuid", "mailbox_key", "mailbox_key_next", "idempotency_key")

Recorded = list[tuple[str, list[Any]]]


def constant(_request: HttpRequest) -> HttpResponse:
    """Return a constant response."""
    return HttpResponse(b"ok")


@csrf_exempt
def one_insert(request: HttpRequest) -> HttpResponse:
    """Store the form data with one INSERT."""
    BareRow.objects.create(email=request.POST["email"], name=request.POST["name"])
    return HttpResponse(b"ok")


def _endpoints() -> Endpoints:
    statement = Statement.objects.select_related("signer_type__pledge").order_by("pk").first()
    signer_type = statement.signer_type
    path = f"/pledge/{signer_type.pledge.uuid}/sign/{signer_type.uuid}/"
    return Endpoints(page="", empty_page="", sign=path, count="", form_page="", sha256=statement.sha256)


def _sign(endpoints: Endpoints) -> None:
    address = f"baseline-{secrets.token_hex(8)}@example.org"
    answer = Client().post(endpoints.sign, sign_data(endpoints, email=address))
    if answer.status_code != 303:
        message = f"signing answered {answer.status_code}"
        raise RuntimeError(message)


@cache
def recorded() -> tuple[Recorded, frozenset[Any]]:
    """Sign once. Return the SQL statements of that and the values that are unique to the signer."""
    endpoints = _endpoints()
    statements: Recorded = []

    def note(execute: Any, sql: str, parameters: Any, many: bool, context: Any) -> Any:
        statements.append((sql, [getattr(value, "obj", value) for value in parameters or ()]))
        return execute(sql, parameters, many, context)

    # The first time may fill caches
    _sign(endpoints)
    with connection.execute_wrapper(note):
        _sign(endpoints)
    if [sql.split()[0] for sql, _parameters in statements] != ["SELECT", "INSERT", "INSERT"]:
        message = f"unexpected statements of signing: {[sql for sql, _parameters in statements]}"
        raise RuntimeError(message)
    row = get_signature_model()._default_manager.order_by("pk").values_list(*UNIQUE_COLUMNS).last()
    return statements, frozenset(bytes(value) if isinstance(value, memoryview) else value for value in row if value)


def _fresh(value: UUID | bytes) -> UUID | bytes:
    return uuid4() if isinstance(value, UUID) else secrets.token_bytes(len(value))


@csrf_exempt
def same_statements(_request: HttpRequest) -> HttpResponse:
    """Run the recorded statements for another signer: SELECT, BEGIN, INSERT, INSERT, COMMIT."""
    statements, unique = recorded()
    fresh = {value: _fresh(value) for value in unique}
    (select, select_parameters), *inserts = statements
    with connection.cursor() as cursor:
        cursor.execute(select, select_parameters)
        cursor.fetchone()
        with transaction.atomic():
            for sql, parameters in inserts:
                cursor.execute(sql, [fresh.get(v, v) if isinstance(v, UUID | bytes) else v for v in parameters])
    return HttpResponse(b"ok")
