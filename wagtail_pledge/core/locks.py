"""Jobs that one worker at a time may do."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.db import connection, transaction

_NAMESPACE: Final = 0x504C4447  # "PLDG": our half of PostgreSQL's two-key advisory locks


@contextmanager
def advisory_lock(name: str, fallback: Callable[[str], bool]) -> Iterator[bool]:
    """Open a transaction and yield whether this process holds ``name`` until its end.

    PostgreSQL gives the lock back by itself when the transaction ends, however it ends. Where the database has
    no advisory
    locks, ``fallback(name)`` takes a lease row and answers.
    """
    with transaction.atomic():
        if connection.vendor != "postgresql":
            yield fallback(name)
            return
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [_NAMESPACE, _signed32(name)])
            row: Any = cursor.fetchone()
        yield bool(row[0])


def _signed32(name: str) -> int:
    number = zlib.crc32(name.encode())
    return number - (1 << 32) if number >= 1 << 31 else number
