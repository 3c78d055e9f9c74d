"""Brings the package's tables back to what they were, in milliseconds: each world begins with the same rows."""

from __future__ import annotations

import sqlite3
import weakref
from contextlib import closing
from itertools import count
from typing import Any, Final, Protocol

from django.db import connection, transaction

#: Names of the schemas with copies.
_COPIES: Final = (f"rows_{number}" for number in count())


class Snapshot(Protocol):
    """The content of the database at one moment."""

    def restore(self) -> None:
        """Bring the rows back."""


class SqliteSnapshot:
    """A copy of the whole file in memory."""

    def __init__(self) -> None:
        self._path = str(connection.settings_dict["NAME"])
        self._memory = sqlite3.connect(":memory:")
        weakref.finalize(self, self._memory.close)
        connection.close()
        with closing(sqlite3.connect(self._path)) as source:
            source.backup(self._memory)

    def restore(self) -> None:
        """Copy the pages back."""
        connection.close()
        with closing(sqlite3.connect(self._path)) as target:
            self._memory.backup(target)


class PostgresSnapshot:
    """Copies of the package's tables in another schema, with the positions of their sequences."""

    def __init__(self) -> None:
        copies = next(_COPIES)
        names = [name for name in connection.introspection.table_names() if name.startswith("wagtail_pledge")]
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE SCHEMA {copies}")
            for name in names:
                cursor.execute(f'CREATE TABLE {copies}."{name}" AS TABLE public."{name}"')
            cursor.execute(
                "SELECT sequencename, last_value FROM pg_sequences"
                " WHERE schemaname = 'public' AND sequencename LIKE 'wagtail_pledge%'"
            )
            sequences: list[tuple[str, Any]] = cursor.fetchall()
        self._statements = [
            "SET CONSTRAINTS ALL DEFERRED",
            *(f'DELETE FROM public."{name}"' for name in names),
            *(f'INSERT INTO public."{name}" SELECT * FROM {copies}."{name}"' for name in names),
            *(f"SELECT setval('public.\"{name}\"', {last or 1}, {last is not None})" for name, last in sequences),
        ]

    def restore(self) -> None:
        """Replace all rows in one transaction."""
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("; ".join(self._statements))


def take_snapshot() -> Snapshot:
    """Return a snapshot of the database."""
    return PostgresSnapshot() if connection.vendor == "postgresql" else SqliteSnapshot()
