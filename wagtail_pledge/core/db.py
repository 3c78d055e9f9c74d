"""The few statements that the ORM cannot say."""

from __future__ import annotations

import datetime as dt
import logging
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final
from uuid import UUID

from django.db import connection, connections, models, transaction
from django.db.models import DateTimeField, DurationField, ExpressionWrapper
from django.db.models import Value as ValueExpression
from django.db.models.expressions import DatabaseDefault
from django.db.models.functions import Now
from django.db.models.query import ModelIterable
from django.db.models.sql import UpdateQuery
from django.utils import timezone

logger = logging.getLogger(__name__)

_UUID: Final = models.UUIDField()
Value = UUID | str | int


def insert_or_ignore(instance: models.Model, *, using: str = "default") -> None:
    """Insert ``instance`` with a literal ``ON CONFLICT DO NOTHING``; a conflict is silence, not an error.

    Django's ``ignore_conflicts`` says ``INSERT OR IGNORE`` on SQLite, which swallows NOT NULL and CHECK
    failures as well.
    Columns with a database default are left out, so the database's clock sets them. Nothing is returned:
    the caller must not learn whether the row is new.
    """
    insert_if_new(instance, using=using)


def insert_if_new(instance: models.Model, *, using: str = "default") -> bool:
    """Insert as :func:`insert_or_nothing` does, for the worker: return whether the row is new."""
    connection = connections[using]
    opts = instance._meta
    columns: list[str] = []
    values: list[Any] = []
    for field in opts.local_concrete_fields:
        if field is opts.auto_field:
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


class Unpreparable(Exception):
    """A value that varies is no parameter of its own in the statement that Django writes."""


class PreparedQuery:
    """A SELECT of instances or an UPDATE that the ORM writes once a thread, and runs again with other values.

    For the hottest paths: writing a statement of sixty columns costs more than running it. ``build`` returns the query
    set for its keyword arguments: ``samples`` has a distinct value (text, number or UUID) for each that varies; others,
    given as ``fixed``, are written anew when they change. ``updates`` returns the values of an UPDATE for the same
    arguments. Where a sample is no parameter of the statement, as a later version of Django may lay it out, the ORM
    writes it each time; that is logged once.
    """

    def __init__(
        self,
        build: Callable[..., models.QuerySet[Any]],
        samples: Mapping[str, Value],
        updates: Callable[..., Mapping[str, Any]] | None = None,
    ) -> None:
        self._build = build
        self._samples = samples
        self._updates = updates
        self._local = threading.local()
        self._is_preparable = True

    def rows(self, **values: Value) -> list[Any]:
        """Return the instances found, made by the ORM with what ``build`` annotates and joins; one query."""
        compiled = self._compiled({})
        if compiled is None:
            return list(self._build(**values))
        compiled.bind(values)
        return list(ModelIterable(compiled.query_set))

    def update(self, fixed: Mapping[str, Any], **values: Value) -> int:
        """Run the UPDATE; return how many rows it changed."""
        compiled = self._compiled(fixed)
        if compiled is None:
            return self._build(**values, **fixed).update(**self._updated(values, fixed))
        compiled.bind(values)
        with connections[compiled.query_set.db].cursor() as cursor:
            cursor.execute(*compiled.as_sql())
            return int(cursor.rowcount)

    def _updated(self, values: Mapping[str, Value], fixed: Mapping[str, Any]) -> Mapping[str, Any]:
        return self._updates(**values, **fixed) if self._updates else {}

    def _compiled(self, fixed: Mapping[str, Any]) -> _CompiledStatement | None:
        """Return the statement, ``None`` where the ORM must write it each time."""
        if not self._is_preparable:
            return None
        try:
            return self._prepared(fixed)
        except Unpreparable as error:
            self._is_preparable = False
            logger.warning("a statement is written by the ORM each time, which is slower: %s", error)
            return None

    def _prepared(self, fixed: Mapping[str, Any]) -> _CompiledStatement:
        known: tuple[Any, _CompiledStatement] | None = getattr(self._local, "known", None)
        if known and known[0] == fixed and known[1].uses_connection(connections[known[1].query_set.db]):
            return known[1]
        arguments = {**self._samples, **fixed}
        updates = self._updated(self._samples, fixed) if self._updates else None
        compiled = _CompiledStatement(self._build(**arguments), self._samples, updates)
        self._local.known = (fixed, compiled)
        return compiled


class _CompiledStatement:
    """A statement as its compiler has written it, whose parameters can be exchanged."""

    def __init__(
        self, query_set: models.QuerySet[Any], samples: Mapping[str, Value], updates: Mapping[str, Any] | None
    ) -> None:
        self.query_set = query_set
        query: Any = query_set.query
        if updates is not None:
            query = query.chain(UpdateQuery)
            query.add_update_values(updates)
        self._compiler = query.get_compiler(using=query_set.db)
        self._sql, parameters = self._compiler.as_sql()
        self._parameters = list(parameters)
        self._positions = {name: self._positions_of(name, value) for name, value in samples.items()}
        self._compiler.as_sql = self.as_sql
        query.get_compiler = self._get_compiler

    def uses_connection(self, connection: Any) -> bool:
        return bool(self._compiler.connection is connection)

    def bind(self, values: Mapping[str, Value]) -> None:
        for name, positions in self._positions.items():
            for position in positions:
                self._parameters[position] = self._adapt_value(values[name])

    def as_sql(self, *_args: Any, **_options: Any) -> tuple[str, tuple[Any, ...]]:
        return self._sql, tuple(self._parameters)

    def _positions_of(self, name: str, value: Value) -> list[int]:
        positions = [position for position, found in enumerate(self._parameters) if found == self._adapt_value(value)]
        if not positions:
            message = f"{name} is no parameter of the statement"
            raise Unpreparable(message)
        return positions

    def _adapt_value(self, value: Value) -> Any:
        return _UUID.get_db_prep_value(value, self._compiler.connection) if isinstance(value, UUID) else value

    def _get_compiler(self, *_args: Any, **_options: Any) -> Any:
        return self._compiler


def from_now(delta: dt.timedelta) -> Any:
    """Return the expression ``now() + delta`` for filters and updates."""
    return ExpressionWrapper(Now() + ValueExpression(delta, output_field=DurationField()), output_field=DateTimeField())


def database_now() -> dt.datetime:
    """Return the database's time, aware; one query on PostgreSQL.

    SQLite runs inside this process, so its clock is ours.
    """
    if connection.vendor != "postgresql":
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        value: dt.datetime = cursor.fetchone()[0]
    return value


def database_today() -> dt.date:
    """Return the day in the active time zone by the database's clock; one query on PostgreSQL."""
    return database_now().astimezone(timezone.get_current_timezone()).date()


def utc_day(moment: dt.datetime) -> dt.date:
    """Return the UTC day of an aware time: the day that tallies use."""
    return moment.astimezone(dt.UTC).date()


def start_of_utc_day(day: dt.date) -> dt.datetime:
    """Return the first moment of a UTC day."""
    return dt.datetime.combine(day, dt.time.min, tzinfo=dt.UTC)


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
