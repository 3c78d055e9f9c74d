"""A private PostgreSQL server with the guarantees of a production server."""

from __future__ import annotations

import contextlib
import os
import statistics
import time
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final

import django
from django.core.management import call_command
from django.db import connection

from tests.postgres import Cluster
from wagtail_pledge.core.postgresql.limits import statements_of

#: What makes a commit durable, and keeps tables in shape. Switched off, every figure would be better than a site's.
GUARANTEES: Final = ("fsync", "synchronous_commit", "full_page_writes", "autovacuum")
#: Reported with the figures, besides the guarantees.
_REPORTED: Final = ("server_version", "shared_buffers", *GUARANTEES)
#: Longest statement of this process, which is a command: filling tables, counting, ``ANALYZE``.
_STATEMENT_SECONDS: Final = 3600.0


class ProductionCluster(Cluster):
    """A private server with 1 GB of shared buffers; all other settings are PostgreSQL's defaults."""

    settings: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(GUARANTEES, "on"),
        "shared_buffers": "1GB",
        "listen_addresses": "",
        "log_min_messages": "fatal",
    }


@contextlib.contextmanager
def private_database() -> Iterator[None]:
    """Start and migrate a private server and call ``django.setup()`` with it."""
    cluster = ProductionCluster()
    cluster.start()
    os.environ["DATABASE_URL"] = cluster.url
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
    try:
        with statements_of(_STATEMENT_SECONDS):
            django.setup()
            call_command("migrate", verbosity=0)
            yield
    finally:
        cluster.stop()


def server_settings() -> dict[str, str]:
    """Return the server's version and the settings that matter. Raise ``RuntimeError`` if a guarantee is off."""
    found: dict[str, str] = {}
    with connection.cursor() as cursor:
        for name in _REPORTED:
            cursor.execute(f"SHOW {name}")
            row: Any = cursor.fetchone()
            found[name] = row[0]
    if missing := [name for name in GUARANTEES if found[name] != "on"]:
        message = f"PostgreSQL runs without {', '.join(missing)}"
        raise RuntimeError(message)
    return found


def commit_ms(times: int = 100) -> float:
    """Return the median milliseconds of an INSERT of one row with its commit, as the disk allows it now."""
    # Imported here because models need django.setup()
    from benchmarks.baselines.models import BareRow  # noqa: PLC0415

    milliseconds = []
    for _time in range(times):
        began = time.perf_counter()
        BareRow.objects.create(email="commit@example.org", name="Commit")
        milliseconds.append((time.perf_counter() - began) * 1000)
    return round(statistics.median(milliseconds), 2)
