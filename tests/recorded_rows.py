"""Makes rows again that were made once in this process, without the code that made them.

Publishing a campaign takes some fifty milliseconds, inserting its rows a few. Identifiers that caches of the process
know are new each time.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.apps import apps
from django.db import connection, models, transaction

#: Columns whose values are new each time, by table.
NEW: Final = {"wagtail_pledge_pledge": "uuid"}
_Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class _Table:
    name: str
    columns: tuple[str, ...]
    #: Position of the primary key, and of the column whose value is new each time.
    key: int
    new: int | None

    @property
    def quoted(self) -> str:
        return connection.ops.quote_name(self.name)

    @property
    def names(self) -> list[str]:
        return [connection.ops.quote_name(column) for column in self.columns]

    def select(self, where: str = "", values: Sequence[Any] = ()) -> dict[Any, _Row]:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {', '.join(self.names)} FROM {self.quoted} {where}", values)
            return {row[self.key]: row for row in cursor.fetchall()}

    def insert(self) -> str:
        return f"INSERT INTO {self.quoted} ({', '.join(self.names)}) VALUES ({', '.join(['%s'] * len(self.columns))})"

    def kept(self, row: _Row) -> _Row:
        """Return the values that are the same each time."""
        return tuple(value for number, value in enumerate(row) if number != self.new)

    def renewed(self, row: _Row) -> _Row:
        """Return a row to insert."""
        fresh = uuid.uuid4()
        value = fresh if connection.features.has_native_uuid_field else fresh.hex
        return tuple(value if number == self.new else old for number, old in enumerate(row))

    def update(self) -> str:
        names = [f"{name} = %s" for name in self.kept(tuple(self.names))]
        return f"UPDATE {self.quoted} SET {', '.join(names)} WHERE {self.names[self.key]} = %s"


def _tables() -> Iterator[_Table]:
    for model in apps.get_models(include_auto_created=True):
        meta = model._meta
        if meta.managed and not meta.proxy and not meta.swapped:
            columns = tuple(each.column for each in meta.local_concrete_fields)
            new = columns.index(NEW[meta.db_table]) if meta.db_table in NEW else None
            yield _Table(meta.db_table, columns, columns.index(meta.pk.column), new)


class RecordedRows:
    """The rows that ``make`` inserts into the database and changes in it. The rows stay."""

    def __init__(self, make: Callable[[], models.Model]) -> None:
        before = [(table, table.select()) for table in _tables()]
        self.made = make()
        self._inserted: list[tuple[_Table, list[_Row]]] = []
        #: With the row as it was.
        self._changed: list[tuple[_Table, _Row, _Row]] = []
        for table, old in before:
            rows = table.select()
            if new := [row for key, row in rows.items() if key not in old]:
                self._inserted.append((table, new))
            self._changed += [(table, old[key], row) for key, row in rows.items() if old.get(key, row) != row]
        self._sequences = list(_continued(self._inserted))

    def is_repeatable(self) -> bool:
        """Return whether the rows that would be changed are as they were."""
        found = (
            table.select(f"WHERE {table.names[table.key]} = %s", [old[table.key]]) for table, old, _ in self._changed
        )
        return all(
            [table.kept(row) for row in rows.values()] == [table.kept(old)]
            for (table, old, _row), rows in zip(self._changed, found, strict=True)
        )

    def repeat(self) -> None:
        """Insert and change the rows."""
        statements = [(table.insert(), table.renewed(row)) for table, rows in self._inserted for row in rows]
        statements += [(table.update(), (*table.kept(row), row[table.key])) for table, _old, row in self._changed]
        statements += self._sequences
        with transaction.atomic(), connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("; ".join(cursor.mogrify(*each) for each in statements))
                return
            for each in statements:
                cursor.execute(*each)


def _continued(inserted: list[tuple[_Table, list[_Row]]]) -> Iterator[tuple[str, _Row]]:
    """Yield what lets PostgreSQL's sequences continue after the rows; SQLite does so by itself."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        for table, rows in inserted:
            cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [table.quoted, table.columns[table.key]])
            [name] = cursor.fetchone()
            if name:
                newest = max(row[table.key] for row in rows)
                yield f"SELECT setval('{name}', greatest(%s, (SELECT last_value FROM {name})))", (newest,)


class Published:
    """Publishes pages: by repeating their recorded rows, or by ``make`` where those do not fit the database."""

    def __init__(self, recorded: Mapping[Any, RecordedRows]) -> None:
        self._recorded = recorded

    def __call__(self, make: Callable[..., Any], *parents: Any) -> Any:
        """Return the page that ``make`` publishes under ``parents``."""
        rows = self._recorded.get(make)
        if rows is None or not rows.is_repeatable():
            return make(*parents)
        rows.repeat()
        for parent in parents:
            # As treebeard leaves the parent
            parent.numchild += 1
        return type(rows.made)._default_manager.get(pk=rows.made.pk)
