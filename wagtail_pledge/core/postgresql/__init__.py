"""Database engine for PostgreSQL whose waits are limited, and the database settings that go with it.

Imported by settings: nothing here may need Django's settings or apps.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

DJANGO_ENGINE: Final = "django.db.backends.postgresql"
ENGINE: Final = "wagtail_pledge.core.postgresql"
#: Key of a database in ``DATABASES``: the longest statement of a request, in seconds.
STATEMENT_SECONDS: Final = "STATEMENT_SECONDS"

#: libpq's keepalives find a connection whose other end is gone within 25 seconds, also while the client only waits.
_KEEPALIVES: Final = {"keepalives": 1, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}


#: Parameters of the server, and options of the client library, that :func:`with_timeouts` sets.
_SERVER: Final = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
_CLIENT: Final = ("connect_timeout", "tcp_user_timeout")


def missing_timeouts(database: Mapping[str, Any]) -> list[str]:
    """Return the names of the timeouts that ``OPTIONS`` of ``database`` does not set."""
    options = database.get("OPTIONS") or {}
    command_line = str(options.get("options", ""))
    return [name for name in _SERVER if name not in command_line] + [name for name in _CLIENT if name not in options]


def with_timeouts(
    database: dict[str, Any],
    *,
    connect_seconds: int = 2,
    statement_seconds: float = 2,
    lock_seconds: float = 1.5,
    idle_in_transaction_seconds: float = 30,
    network_seconds: float = 2,
) -> dict[str, Any]:
    """Return a copy of ``database``, an entry of ``DATABASES``, with the recommended timeouts.

    Without them a request waits without end for a database that hangs. ``connect_seconds`` is at least 2.
    ``statement_seconds`` and ``idle_in_transaction_seconds`` apply to requests; commands and the worker may take
    longer. ``lock_seconds`` is how long a statement waits for a lock, ``network_seconds`` how long sent data may stay
    unacknowledged by the server's host. What ``OPTIONS`` already has goes first. Other databases than PostgreSQL are
    returned unchanged.

    Replaces Django's engine by one that also gives up when the server accepts a statement and never answers. Another
    engine is kept and gets the options only.
    """
    if "postg" not in database["ENGINE"]:
        return dict(database)
    options = dict(database.get("OPTIONS") or {})
    seconds = (statement_seconds, lock_seconds, idle_in_transaction_seconds)
    given = str(options.get("options", ""))
    command_line = " ".join(f"-c {name}={round(value * 1000)}" for name, value in zip(_SERVER, seconds, strict=True))
    defaults = {"connect_timeout": connect_seconds, "tcp_user_timeout": round(network_seconds * 1000), **_KEEPALIVES}
    engine = ENGINE if database["ENGINE"] == DJANGO_ENGINE else database["ENGINE"]
    # PostgreSQL uses the last of two values for one parameter
    merged = {**defaults, **options, "options": f"{command_line} {given}".strip()}
    return {**database, "ENGINE": engine, STATEMENT_SECONDS: statement_seconds, "OPTIONS": merged}
