"""The few statements that the ORM cannot say."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

from django.db import connections, models
from django.db.models.expressions import DatabaseDefault
from django.db.models.query import ModelIterable

_UUID: Final = models.UUIDField()


def insert_or_nothing(instance: models.Model, *, using: str = "default") -> None:
    """Insert ``instance`` with a literal ``ON CONFLICT DO NOTHING``; a conflict is silence, not an error.

    Django's ``ignore_conflicts`` says ``INSERT OR IGNORE`` on SQLite, which swallows NOT NULL and CHECK
    failures as well.
    Columns with a database default are left out, so the database's clock sets them. Nothing is returned:
    the caller must not learn whether the row is new.
    """
    is_inserted(instance, using=using)


def is_inserted(instance: models.Model, *, using: str = "default") -> bool:
    """Insert as :func:`insert_or_nothing` does, for the worker: return whether the row is new."""
    connection = connections[using]
    opts = instance._meta
    columns: list[str] = []
    values: list[Any] = []
    for field in opts.local_concrete_fields:
        if field.primary_key:
            continue
        value = field.pre_save(instance, add=True)
        if isinstance(value, DatabaseDefault):
            continue
        columns.append(connection.ops.quote_name(str(field.column)))
        values.append(field.get_db_prep_save(value, connection))
    table = connection.ops.quote_name(opts.db_table)
    places = ", ".join(["%s"] * len(values))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places}) ON CONFLICT DO NOTHING",  # noqa: S608
            values,
        )
        return bool(cursor.rowcount)


class PreparedSelect:
    """A SELECT of model instances that the ORM writes once a thread, and runs again with other values.

    For the hottest paths: writing a SELECT of sixty columns costs more than running it. ``build`` returns the query set
    for its keyword arguments, which are texts and UUIDs; ``samples`` holds one distinct value for each of them.
    Instances are made by the ORM, with what ``build`` annotates and joins. Raises ``ValueError`` where an argument
    does not come back as exactly one parameter of the statement.
    """

    def __init__(self, build: Callable[..., models.QuerySet[Any]], samples: Mapping[str, UUID | str]) -> None:
        self._build = build
        self._samples = samples
        self._of_thread = threading.local()

    def rows(self, **values: UUID | str) -> list[Any]:
        """Return the instances found; one query."""
        written = getattr(self._of_thread, "written", None)
        if written is None or written.compiler.connection is not connections[written.query_set.db]:
            written = self._of_thread.written = _Written(self._build(**self._samples), self._samples)
        return written.run(values)


class _Written:
    """A query set whose compiler answers with the SQL it has written before."""

    def __init__(self, query_set: models.QuerySet[Any], samples: Mapping[str, UUID | str]) -> None:
        self.query_set = query_set
        self.compiler = query_set.query.get_compiler(using=query_set.db)
        self._sql, parameters = self.compiler.as_sql()
        self._parameters = list(parameters)
        self._places = {name: self._place(name, value) for name, value in samples.items()}
        self.compiler.as_sql = self._as_sql
        query_set.query.get_compiler = self._get_compiler  # type: ignore[method-assign]

    def run(self, values: Mapping[str, UUID | str]) -> list[Any]:
        for name, place in self._places.items():
            self._parameters[place] = self._prepared(values[name])
        return list(ModelIterable(self.query_set))

    def _place(self, name: str, value: UUID | str) -> int:
        if self._parameters.count(self._prepared(value)) != 1:
            message = f"{name} is not one parameter of the statement"
            raise ValueError(message)
        return self._parameters.index(self._prepared(value))

    def _prepared(self, value: UUID | str) -> Any:
        if isinstance(value, UUID):
            return _UUID.get_db_prep_value(value, self.compiler.connection)
        return value

    def _get_compiler(self, *_args: Any, **_options: Any) -> Any:
        return self.compiler

    def _as_sql(self, *_args: Any, **_options: Any) -> tuple[str, tuple[Any, ...]]:
        return self._sql, tuple(self._parameters)
