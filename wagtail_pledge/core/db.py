"""SQL that the ORM can't express, prepared queries, the database's clock and advisory locks."""

from __future__ import annotations

import datetime as dt
import logging
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from django.db import connection, connections, models, transaction
from django.db.models import DateTimeField, DurationField, ExpressionWrapper
from django.db.models import Value as ValueExpression
from django.db.models.expressions import DatabaseDefault
from django.db.models.functions import Now
from django.db.models.signals import post_save
from django.db.models.sql import UpdateQuery
from django.utils import timezone

logger = logging.getLogger(__name__)

_UUID: Final = models.UUIDField()
_BYTES: Final = models.BinaryField()
Value = UUID | bytes | str | int | dt.date


def insert_or_ignore(instance: models.Model, *, using: str = "default") -> None:
    """Insert ``instance`` with ``ON CONFLICT DO NOTHING``: a conflict is not an error.

    Django's ``ignore_conflicts`` is ``INSERT OR IGNORE`` on SQLite, which also ignores NOT NULL and CHECK failures.
    Columns with a database default are left out, so the database's clock sets them. Returns nothing: the caller must
    not learn whether the row is new.
    """
    insert_if_new(instance, using=using)


def insert_if_new(instance: models.Model, *, using: str = "default") -> bool:
    """Insert as :func:`insert_or_ignore` does and return whether the row is new. For the worker."""
    return insert_values(type(instance), _insertable(instance), using=using)


def insert(instance: models.Model, *, using: str = "default") -> None:
    """Insert ``instance`` and send ``post_save``; a conflict is an error. Unlike ``save`` it reads nothing back."""
    model = type(instance)
    insert_values(model, _insertable(instance), using=using, ignores_conflicts=False)
    post_save.send(sender=model, instance=instance, created=True, raw=False, using=using, update_fields=None)


def _insertable(instance: models.Model) -> dict[str, Any]:
    """Return the values of an unsaved instance by ``attname``, without those that the database sets."""
    opts = instance._meta
    fields = (field for field in opts.local_concrete_fields if field is not opts.auto_field)
    values = {field.attname: field.pre_save(instance, add=True) for field in fields}
    return {name: value for name, value in values.items() if not isinstance(value, DatabaseDefault)}


def insert_values(
    model: type[models.Model], values: Mapping[str, Any], *, using: str = "default", ignores_conflicts: bool = True
) -> bool:
    """Insert a row as :func:`insert_if_new` does, without an instance: for the busiest code path.

    ``values`` has the values by ``attname``; the database sets the other columns.
    """
    connection = connections[using]
    sql, fields = _insert_statement(model, tuple(values), using, ignores_conflicts)
    prepared = [field.get_db_prep_save(value, connection) for field, value in zip(fields, values.values(), strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(sql, prepared)
        return bool(cursor.rowcount)


@lru_cache(maxsize=64)
def _insert_statement(
    model: type[models.Model], names: tuple[str, ...], using: str, ignores_conflicts: bool
) -> tuple[str, list[Any]]:
    quote = connections[using].ops.quote_name
    by_name = {field.attname: field for field in model._meta.local_concrete_fields}
    fields = [by_name[name] for name in names]
    columns, places = ", ".join(quote(str(field.column)) for field in fields), ", ".join(["%s"] * len(fields))
    sql = f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES ({places})"  # noqa: S608
    return f"{sql} ON CONFLICT DO NOTHING" if ignores_conflicts else sql, fields


class CannotPrepare(Exception):
    """Raised when a varying value is not a parameter of its own in the compiled statement."""


class PreparedQuery:
    """A SELECT or an UPDATE that is compiled once per thread and run again with other values.

    For the busiest code paths: compiling a statement of sixty columns takes longer than running it. ``build`` returns
    the query set for its keyword arguments. ``samples`` has a distinct value (text, number, date, UUID or bytes) for
    each argument that varies; the statement is compiled again when one of the others (``fixed``) changes. ``updates``
    returns the values of an UPDATE for the same arguments. If a sample is not a parameter of the statement, for
    instance because a later version of Django compiles it differently, the ORM compiles it each time; that is logged
    once.
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
        """Return the rows: instances with the annotations and joins of ``build``, or its ``values()``; one query."""
        compiled = self._compiled({})
        if compiled is None:
            return list(self._build(**values))
        compiled.bind(values)
        # Iterating the query set itself would keep the first rows
        iterable: Any = compiled.query_set._iterable_class  # noqa: SLF001 - what ``values()`` sets
        return list(iterable(compiled.query_set))

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
        """Return the compiled statement, ``None`` if the ORM must compile it each time."""
        if not self._is_preparable:
            return None
        try:
            return self._prepared(fixed)
        except CannotPrepare as error:
            self._is_preparable = False
            logger.warning("a statement is compiled by the ORM each time, which is slower: %s", error)
            return None

    def _prepared(self, fixed: Mapping[str, Any]) -> _CompiledStatement:
        cached: tuple[Any, _CompiledStatement] | None = getattr(self._local, "cached", None)
        if cached and cached[0] == fixed and cached[1].uses_connection(connections[cached[1].query_set.db]):
            return cached[1]
        arguments = {**self._samples, **fixed}
        updates = self._updated(self._samples, fixed) if self._updates else None
        compiled = _CompiledStatement(self._build(**arguments), self._samples, updates)
        self._local.cached = (fixed, compiled)
        return compiled


class _CompiledStatement:
    """A compiled statement with replaceable parameters."""

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
        self._converters: Any = None
        self._compiler.get_converters = self._get_converters
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
        adapted = _plain(self._adapt_value(value))
        positions = [position for position, parameter in enumerate(self._parameters) if _plain(parameter) == adapted]
        if not positions:
            message = f"{name} is not a parameter of the statement"
            raise CannotPrepare(message)
        return positions

    def _adapt_value(self, value: Value) -> Any:
        if isinstance(value, UUID | bytes):
            field: models.Field[Any, Any] = _UUID if isinstance(value, UUID) else _BYTES
            return field.get_db_prep_value(value, self._compiler.connection)
        if isinstance(value, dt.date):
            return self._compiler.connection.ops.adapt_datefield_value(value)
        return value

    def _get_converters(self, expressions: Any) -> Any:
        """Return the converters of the result's columns. The ORM asks every column again for each execution."""
        if self._converters is None:
            self._converters = type(self._compiler).get_converters(self._compiler, expressions)
        return self._converters

    def _get_compiler(self, *_args: Any, **_options: Any) -> Any:
        return self._compiler


class QueryNotAllowed(RuntimeError):
    """Code of the site queried the database where it must not: strangers could measure the time it takes."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} must not query the database")


@contextmanager
def no_queries(what: str) -> Iterator[None]:
    """Context manager in which a query raises :class:`QueryNotAllowed`; ``what`` must not query."""

    def refuse(*_statement: Any) -> Any:
        raise QueryNotAllowed(what)

    with connection.execute_wrapper(refuse):
        yield


def _plain(parameter: Any) -> Any:
    """Return a parameter without psycopg's wrapper of bytes, which is equal to no other one."""
    return getattr(parameter, "obj", parameter)


def from_now(delta: dt.timedelta) -> Any:
    """Return the expression ``now() + delta`` for filters and updates."""
    return ExpressionWrapper(Now() + ValueExpression(delta, output_field=DurationField()), output_field=DateTimeField())


def database_now() -> dt.datetime:
    """Return the database's time as an aware datetime; one query on PostgreSQL.

    SQLite runs in this process and has the same clock.
    """
    if connection.vendor != "postgresql":
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        value: dt.datetime = cursor.fetchone()[0]
    return value


def database_today() -> dt.date:
    """Return today's date in the current time zone by the database's clock; one query on PostgreSQL."""
    return database_now().astimezone(timezone.get_current_timezone()).date()


def utc_day(moment: dt.datetime) -> dt.date:
    """Return the UTC date of an aware datetime; tallies count by it."""
    return moment.astimezone(dt.UTC).date()


def start_of_utc_day(day: dt.date) -> dt.datetime:
    """Return midnight UTC at the start of ``day``."""
    return dt.datetime.combine(day, dt.time.min, tzinfo=dt.UTC)


_NAMESPACE: Final = 0x504C4447  # "PLDG": the first key of PostgreSQL's two-key advisory locks


@contextmanager
def advisory_lock(name: str, fallback: Callable[[str], bool]) -> Iterator[bool]:
    """Open a transaction and yield whether this process holds the lock ``name`` until its end.

    PostgreSQL releases the lock when the transaction ends, also after a crash. On databases without advisory locks,
    ``fallback(name)`` tries to take a lease row and returns whether it did.
    """
    with transaction.atomic():
        if connection.vendor != "postgresql":
            yield fallback(name)
            return
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [_NAMESPACE, _signed32(name)])
            row: Any = cursor.fetchone()
        yield bool(row[0])


def wait_for_lock(name: str) -> None:
    """Wait for the lock ``name``, which the current transaction holds until it ends; only on PostgreSQL.

    SQLite has one writer at a time anyway.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_NAMESPACE, _signed32(name)])


def _signed32(name: str) -> int:
    number = zlib.crc32(name.encode())
    return number - (1 << 32) if number >= 1 << 31 else number
