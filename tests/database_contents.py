"""Bringing a PostgreSQL test database back to the content of its template without a new copy.

``CREATE DATABASE`` copies some 900 files; a test changes a few rows. Deleting and re-inserting those takes a tenth of
the time. :meth:`Contents.restore` refuses where rows are not all that a test may have changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import psycopg
from psycopg import sql

TABLES: Final = """SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1"""
SEQUENCES: Final = """SELECT c.oid::regclass::text FROM pg_class c WHERE c.relkind = 'S' ORDER BY 1"""
#: Where a change of the schema leaves newer rows or fewer of them, as do ANALYZE and TRUNCATE.
CATALOGS: Final = (
    *("pg_class", "pg_attribute", "pg_attrdef", "pg_constraint", "pg_index", "pg_trigger", "pg_proc", "pg_type"),
    *("pg_rewrite", "pg_statistic", "pg_namespace", "pg_extension", "pg_event_trigger", "pg_policy"),
    *("pg_publication", "pg_largeobject_metadata", "pg_sequence", "pg_depend"),
)
SCHEMA: Final = " UNION ALL ".join(
    f"SELECT '{name}', count(*), max(xmin::text::bigint) FROM {name}" for name in CATALOGS
)
#: Settings of the database end with a new copy; a prepared transaction outlives its connection.
LEFT: Final = """SELECT
    (SELECT count(*) FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase
        WHERE d.datname = current_database())
    + (SELECT count(*) FROM pg_prepared_xacts WHERE database = current_database())"""
END_OTHERS: Final = """SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()"""
#: Deleted rows slow down later reads: no autovacuum runs.
MANY_ROWS: Final = 5_000


class MoreThanRowsError(Exception):
    """Raised if a test changed more than rows, or too many of them."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table with rows in the template: their digest and their text."""

    name: str
    digest: tuple[Any, ...]
    rows: bytes


def _digest_of(name: str) -> str:
    return f"SELECT '{name}', count(*), coalesce(sum(hashtextextended(t::text, 0)), 0) FROM {name} t"


class Contents:
    """All rows and sequences of a fresh copy, read when it is made."""

    def __init__(self, url: str) -> None:
        self._url = url
        with self._connect() as connection:
            names = [name for (name,) in connection.execute(TABLES)]
            self._filled = [table for name in names if (table := self._read(connection, name)).rows]
            filled = {table.name for table in self._filled}
            self._emptied = [name for name in names if name not in filled]
            self._schema = connection.execute(SCHEMA).fetchall()
            self._sequences = self._read_sequences(connection)

    def _connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self._url, autocommit=True)

    def _read(self, connection: psycopg.Connection[Any], name: str) -> Table:
        digest = connection.execute(_digest_of(name)).fetchone()  # type: ignore[arg-type]
        with connection.cursor().copy(f"COPY {name} TO STDOUT") as rows:  # type: ignore[arg-type]
            return Table(name, digest or (), b"".join(bytes(block) for block in rows))

    def _read_sequences(self, connection: psycopg.Connection[Any]) -> sql.Composed:
        """Return the statement that sets all sequences back."""
        calls = []
        for (name,) in connection.execute(SEQUENCES).fetchall():
            [(value, is_called)] = connection.execute(f"SELECT last_value, is_called FROM {name}").fetchall()
            calls.append(sql.SQL("setval({}, {}, {})").format(name, value, is_called))
        return sql.SQL("SELECT {}").format(sql.SQL(", ").join(calls))

    def restore(self) -> None:
        """End the database's other connections and bring its content back; raise ``MoreThanRowsError`` if it cannot."""
        with self._connect() as connection:
            connection.execute(END_OTHERS)
            if connection.execute(LEFT).fetchone() != (0,) or connection.execute(SCHEMA).fetchall() != self._schema:
                raise MoreThanRowsError
            with connection.transaction():
                # Neither triggers nor foreign keys: the rows are the template's
                connection.execute("SET LOCAL session_replication_role = replica")
                self._restore_rows(connection)
                connection.execute(self._sequences)

    def _restore_rows(self, connection: psycopg.Connection[Any]) -> None:
        found = connection.execute(" UNION ALL ".join(_digest_of(table.name) for table in self._filled)).fetchall()
        changed = [table for table in self._filled if table.digest not in found]
        self._delete(connection, [*self._emptied, *(table.name for table in changed)])
        for table in changed:
            with connection.cursor().copy(f"COPY {table.name} FROM STDIN") as rows:
                rows.write(table.rows)

    def _delete(self, connection: psycopg.Connection[Any], names: list[str]) -> None:
        cursor = connection.execute("; ".join(f"DELETE FROM {name}" for name in names))
        deleted = cursor.rowcount
        while cursor.nextset():
            deleted += cursor.rowcount
        if deleted > MANY_ROWS:
            raise MoreThanRowsError
