"""The few statements that the ORM cannot say."""

from __future__ import annotations

from typing import Any

from django.db import connections, models
from django.db.models.expressions import DatabaseDefault


def insert_or_nothing(instance: models.Model, *, using: str = "default") -> None:
    """Insert ``instance`` with a literal ``ON CONFLICT DO NOTHING``; a conflict is silence, not an error.

    Django's ``ignore_conflicts`` says ``INSERT OR IGNORE`` on SQLite, which swallows NOT NULL and CHECK
    failures as well.
    Columns with a database default are left out, so the database's clock sets them. Nothing is returned:
    the caller must not learn whether the row is new.
    """
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
