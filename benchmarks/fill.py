"""Bulk-creates signatures: ``python -m benchmarks.fill FIRST LAST pending|confirmed RUN`` inserts a part with COPY."""

from __future__ import annotations

import datetime as dt
import os
import secrets
import string
import subprocess
import sys
import time

import django
from django.db import connection


def fill(count: int, state: str = "confirmed") -> float:
    """Create ``count`` signatures with new addresses, from two processes. Return rows per second."""
    began, half, run = time.perf_counter(), count // 2, secrets.token_hex(4)
    command = [sys.executable, "-m", "benchmarks.fill"]
    parts = [(0, half), (half, count)]
    processes = [subprocess.Popen([*command, str(low), str(high), state, run]) for low, high in parts]
    if sum(abs(process.wait()) for process in processes):
        message = "creating signatures failed"
        raise RuntimeError(message)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return count / (time.perf_counter() - began)


def address_of(number: int, run: str) -> str:
    """Return the address of a signer of one run, at a large provider: no check of the worker holds its mail.

    Its name has no number, since ``john001`` and ``john002`` would be held.
    """
    letters = ""
    while number or not letters:
        number, letter = divmod(number, 26)
        letters += string.ascii_lowercase[letter]
    return f"{run}.{letters}@gmail.com"


def copy_in(first: int, last: int, state: str, run: str) -> None:
    """Insert the signatures ``first`` to ``last`` - 1 with COPY. Confirmed ones are spread over the last 60 days."""
    # Imported here because models need django.setup()
    from benchmarks.rows import columns_of, signature, submission  # noqa: PLC0415
    from wagtail_pledge.signing.models import Statement  # noqa: PLC0415

    statement = Statement.objects.select_related("signer_type__pledge").order_by("pk").first()
    now = dt.datetime.now(dt.UTC)
    build = submission if state == "pending" else signature
    table = build(statement, "first@example.org")._meta.db_table
    copy = None
    with connection.cursor() as cursor:
        for number in range(first, last):
            row = build(statement, address_of(number, run))
            if state == "confirmed":
                row.confirmed_at = now - dt.timedelta(days=1 + number % 60)
            columns = columns_of(row)
            if copy is None:
                context = cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN")
                copy = context.__enter__()
            copy.write_row(list(columns.values()))
        if copy is not None:
            context.__exit__(None, None, None)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.settings")
    django.setup()
    copy_in(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4])
