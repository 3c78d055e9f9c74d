"""Times by the database's clock: application hosts may disagree, the database does not."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import connection
from django.db.models import DateTimeField, DurationField, ExpressionWrapper, Value
from django.db.models.functions import Now
from django.utils import timezone


def from_now(delta: dt.timedelta) -> Any:
    """Return the expression ``now() + delta`` for filters and updates."""
    return ExpressionWrapper(Now() + Value(delta, output_field=DurationField()), output_field=DateTimeField())


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
