"""Bare views: a constant, one INSERT, and the statements of signing without the signing."""

from __future__ import annotations

import secrets
from functools import cache
from typing import Any, Final
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.views.decorators.csrf import csrf_exempt

from benchmarks.requests import sign_data
from benchmarks.site import Door
from benchmarks.yardsticks.models import BareRow
from wagtail_pledge.signing.models import Statement, get_signature_model

#: What differs from one signer to the next, or the second INSERT would conflict.
OWN: Final = ("uuid", "mailbox_key", "mailbox_key_next", "idempotency_key")

Recorded = list[tuple[str, list[Any]]]


def constant(_request: HttpRequest) -> HttpResponse:
    """Answer a constant."""
    return HttpResponse(b"ok")


@csrf_exempt
def one_insert(request: HttpRequest) -> HttpResponse:
    """Store what was typed with one INSERT."""
    BareRow.objects.create(email=request.POST["email"], name=request.POST["name"])
    return HttpResponse(b"ok")


def _door() -> Door:
    statement = Statement.objects.select_related("signer_type__pledge").order_by("pk").first()
    signer_type = statement.signer_type
    path = f"/pledge/{signer_type.pledge.uuid}/sign/{signer_type.uuid}/"
    return Door(page="", empty_page="", sign=path, count="", form_page="", sha256=statement.sha256)


def _sign(door: Door) -> None:
    address = f"yardstick-{secrets.token_hex(8)}@example.org"
    answer = Client().post(door.sign, sign_data(door, email=address))
    if answer.status_code != 303:
        message = f"signing answered {answer.status_code}"
        raise RuntimeError(message)


@cache
def recorded() -> tuple[Recorded, frozenset[Any]]:
    """Sign once more and return the statements of that, with the values that are the signer's own."""
    door = _door()
    seen: Recorded = []

    def note(execute: Any, sql: str, parameters: Any, many: bool, context: Any) -> Any:
        seen.append((sql, [getattr(value, "obj", value) for value in parameters or ()]))
        return execute(sql, parameters, many, context)

    # The first one may fill caches
    _sign(door)
    with connection.execute_wrapper(note):
        _sign(door)
    if [sql.split()[0] for sql, _parameters in seen] != ["SELECT", "INSERT", "INSERT"]:
        message = f"these are not the statements of signing: {[sql for sql, _parameters in seen]}"
        raise RuntimeError(message)
    row = get_signature_model()._default_manager.order_by("pk").values_list(*OWN).last()
    return seen, frozenset(bytes(value) if isinstance(value, memoryview) else value for value in row if value)


def _fresh(value: UUID | bytes) -> UUID | bytes:
    return uuid4() if isinstance(value, UUID) else secrets.token_bytes(len(value))


@csrf_exempt
def same_statements(_request: HttpRequest) -> HttpResponse:
    """SELECT, BEGIN, INSERT, INSERT, COMMIT: what signing sends, for another signer; nothing computed."""
    seen, own = recorded()
    fresh = {value: _fresh(value) for value in own}
    (select, found), *inserts = seen
    with connection.cursor() as cursor:
        cursor.execute(select, found)
        cursor.fetchone()
        with transaction.atomic():
            for sql, parameters in inserts:
                cursor.execute(sql, [fresh.get(v, v) if isinstance(v, UUID | bytes) else v for v in parameters])
    return HttpResponse(b"ok")
