"""Moves three clocks together: Python's wall clock, the monotonic clock and the database's clock."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest
import time_machine
from django.db import connection, connections
from django.db.backends.signals import connection_created

#: A Tuesday, so that no test depends on the day on which it runs.
START: Final = dt.datetime(2027, 3, 9, 10, 0, tzinfo=dt.UTC)
#: Between two worlds the monotonic clock jumps, so that whatever a process remembers for a while has expired.
JUMP: Final = 1_000_000.0
#: Schema of the functions that PostgreSQL finds before its own.
SCHEMA: Final = "moved_clock"
_FUNCTIONS: Final = ("statement_timestamp", "now", "clock_timestamp")


class Clock:
    """The time of a world; it does not advance between two calls of :meth:`move`."""

    def __init__(self) -> None:
        self.now = START
        self.monotonic = JUMP
        self._traveller: Any = None

    def set(self, moment: dt.datetime) -> None:
        """Set the wall clock and the database's clock; let the monotonic clock jump ahead."""
        self.now = moment
        self.monotonic += JUMP
        self._apply()

    def move(self, seconds: float) -> None:
        """Move all clocks ahead."""
        self.now += dt.timedelta(seconds=seconds)
        self.monotonic += seconds
        self._apply()

    def _apply(self) -> None:
        self._traveller.move_to(self.now, tick=False)
        if connections["default"].connection is not None:
            self._tell_database(connections["default"])

    def _tell_database(self, connection: Any) -> None:
        if connection.vendor == "postgresql":
            with connection.connection.cursor() as cursor:
                cursor.execute(f"SET {SCHEMA}.now = '{self.now.isoformat()}'")

    def _on_connect(self, *, connection: Any, **_about: Any) -> None:
        if connection.vendor == "sqlite":
            # Replaces SQLite's own function, in the defaults of columns too
            connection.connection.create_function("strftime", 2, self._strftime)
            return
        with connection.connection.cursor() as cursor:
            cursor.execute(f"SET search_path = {SCHEMA}, pg_catalog, public")
        self._tell_database(connection)

    def _strftime(self, pattern: str, moment: str) -> str:
        if (pattern, moment) != ("%Y-%m-%d %H:%M:%f", "NOW"):
            message = f"strftime({pattern!r}, {moment!r}) is not moved"
            raise NotImplementedError(message)
        return self.now.strftime("%Y-%m-%d %H:%M:%S.") + f"{self.now.microsecond // 1000:03d}"

    @contextmanager
    def running(self) -> Iterator[None]:
        """Use this clock everywhere in the process and in new database connections."""
        connection.close()
        if connection.vendor == "postgresql":
            _make_functions()
        with pytest.MonkeyPatch.context() as patch, time_machine.travel(self.now, tick=False) as self._traveller:
            patch.setattr(time, "monotonic", lambda: self.monotonic)
            connection_created.connect(self._on_connect)
            try:
                yield
            finally:
                connection_created.disconnect(self._on_connect)
                connection.close()


def _make_functions() -> None:
    """Create functions that return the moved time, and let the defaults of columns call them.

    A default is stored with the function that it named when the table was made, so the search path is not enough.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
        for name in _FUNCTIONS:
            cursor.execute(
                f"CREATE OR REPLACE FUNCTION {SCHEMA}.{name}() RETURNS timestamptz LANGUAGE sql STABLE"
                f" AS $$ SELECT current_setting('{SCHEMA}.now')::timestamptz $$"
            )
        cursor.execute(
            "SELECT adrelid::regclass::text, attname, pg_get_expr(adbin, adrelid) FROM pg_attrdef"
            " JOIN pg_attribute ON attrelid = adrelid AND attnum = adnum"
            " WHERE pg_get_expr(adbin, adrelid) ~ '^(statement_timestamp|now|clock_timestamp)'"
        )
        for table, column, expression in cursor.fetchall():
            cursor.execute(f'ALTER TABLE {table} ALTER COLUMN "{column}" SET DEFAULT {SCHEMA}.{expression}')
    connection.close()
