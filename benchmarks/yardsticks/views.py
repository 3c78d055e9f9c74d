"""Bare views: a constant, one INSERT, and the statements of signing without the signing."""

from __future__ import annotations

import secrets
from functools import cache
from typing import Any, Final
from uuid import uuid4

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from benchmarks.rows import columns_of, signature
from benchmarks.yardsticks.models import BareRow
from wagtail_pledge.signing.enums import MessageKind
from wagtail_pledge.signing.models import OutboxMessage, Statement
from wagtail_pledge.signing.services.switches import SIGNING, switch_holds

FRESH: Final = {"uuid": uuid4, "mailbox_key": lambda: secrets.token_bytes(32)}


def constant(_request: HttpRequest) -> HttpResponse:
    """Answer a constant."""
    return HttpResponse(b"ok")


@csrf_exempt
def one_insert(request: HttpRequest) -> HttpResponse:
    """Store what was typed with one INSERT."""
    BareRow.objects.create(email=request.POST["email"], name=request.POST["name"])
    return HttpResponse(b"ok")


@cache
def _prepared() -> tuple[tuple[str, Any], list[tuple[str, dict[str, Any]]]]:
    found = Statement.objects.with_door().annotate(is_paused=switch_holds(SIGNING)).order_by("-number")
    statement = found.first()
    select = found.filter(sha256=statement.sha256)[:1].query.sql_with_params()
    made = signature(statement, "yardstick@example.org")
    message = OutboxMessage(
        kind=MessageKind.SIGNED,
        pledge=made.pledge,
        signer_type=made.signer_type,
        mailbox_key=made.mailbox_key,
        seat=b"",
        locale="en",
    )
    inserts = []
    for row in (made, message):
        columns = columns_of(row)
        names, places = ", ".join(columns), ", ".join(["%s"] * len(columns))
        sql = f"INSERT INTO {row._meta.db_table} ({names}) VALUES ({places}) ON CONFLICT DO NOTHING"
        inserts.append((sql, columns))
    return select, inserts


@csrf_exempt
def five_statements(_request: HttpRequest) -> HttpResponse:
    """SELECT, BEGIN, INSERT, INSERT, COMMIT: the same statements, nothing computed."""
    (select, parameters), inserts = _prepared()
    fresh: dict[str, Any] = {name: make() for name, make in FRESH.items()}
    fresh["mailbox_key_next"] = fresh["mailbox_key"]
    with connection.cursor() as cursor:
        cursor.execute(select, parameters)
        cursor.fetchone()
        with transaction.atomic():
            for sql, columns in inserts:
                cursor.execute(sql, [fresh.get(name, value) for name, value in columns.items()])
    return HttpResponse(b"ok")
