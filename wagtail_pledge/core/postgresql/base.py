"""PostgreSQL engine that does not wait for a server which accepts a statement and never answers.

PostgreSQL ends a long statement itself (``statement_timeout``), and the kernel a connection to a host that is gone
(``tcp_user_timeout``). Neither helps if the server process is stopped, its disk hangs, or a commit waits for a standby
that is missing: statement timeouts do not apply to commits. So the client limits its waiting too.

1. A statement, a commit or a rollback that takes longer than the limit closes the connection: ``OperationalError``.
   What it did is not known then.
2. For a moment no connection is opened in this process, then one caller may try.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Generator
from typing import Any, Final

import psycopg
from django.db.backends.postgresql import base

from wagtail_pledge.core.postgresql import STATEMENT_SECONDS
from wagtail_pledge.core.postgresql.limits import (
    MARGIN_SECONDS,
    SLOW_SECONDS,
    ConnectionBreaker,
    statement_seconds,
    statements_of,
)

#: Seconds for the health check of a persistent connection.
CHECK_SECONDS: Final = 0.1
#: Not the limit of any connection, so that it is set again.
_UNKNOWN: Final = -1.0

breakers: Final[defaultdict[str, ConnectionBreaker]] = defaultdict(ConnectionBreaker)


class ServerSilent(psycopg.OperationalError):
    """Raised when the server did not answer in time. What it did with the statement is not known."""


def _limited(steps: Generator[Any, Any, Any], seconds: float) -> Generator[Any, Any, Any]:
    """Run psycopg's protocol steps; raise :class:`ServerSilent` when the server has not answered within ``seconds``.

    psycopg (3.2 and later) resumes the steps ten times a second, with nothing ready, while it waits.
    """
    deadline = time.monotonic() + seconds
    try:
        wanted = next(steps)
        while True:
            ready = yield wanted
            if not ready and time.monotonic() >= deadline:
                message = "the database did not answer in time"
                raise ServerSilent(message)
            wanted = steps.send(ready)
    except StopIteration as end:
        return end.value


class TimeoutsMixin:
    """Limits waiting for the server; for engines derived from Django's PostgreSQL engine, with psycopg 3."""

    settings_dict: dict[str, Any]
    alias: str
    connection: Any
    #: Read by the deployment check. psycopg before 3.2 does not resume the steps while it waits.
    limits_waiting = tuple(int(part) for part in psycopg.__version__.split(".")[:2]) >= (3, 2)
    _is_health_check = False

    @property
    def _limit(self) -> float | None:
        return statement_seconds(self.settings_dict.get(STATEMENT_SECONDS))

    def get_new_connection(self, conn_params: Any) -> Any:
        """Connect, unless the server was silent a moment ago."""
        breaker = breakers[self.alias]
        if not breaker.allows_attempt():
            message = "not connected: the database did not answer a moment ago"
            raise psycopg.OperationalError(message)
        began = time.monotonic()
        try:
            connection = super().get_new_connection(conn_params)  # type: ignore[misc]
        except psycopg.OperationalError:
            if time.monotonic() - began >= SLOW_SECONDS:
                breaker.record_silence()
            else:
                breaker.record_answer()  # it refused, which is an answer too
            raise
        breaker.record_answer()
        return self._with_limit(connection)

    def _with_limit(self, connection: Any) -> Any:
        wait = type(connection).wait

        def limited_wait(steps: Any, *args: Any, **kwargs: Any) -> Any:
            limit = self._limit
            if limit is None:
                return wait(connection, steps, *args, **kwargs)
            try:
                return wait(connection, _limited(steps, limit + MARGIN_SECONDS), *args, **kwargs)
            except ServerSilent:
                connection.close()
                if not self._is_health_check:
                    breakers[self.alias].record_silence()
                raise

        connection.wait = limited_wait
        connection.statement_seconds = self.settings_dict.get(STATEMENT_SECONDS)
        return connection

    def create_cursor(self, name: Any = None) -> Any:
        """Return a cursor, after telling the server how long a statement may take here."""
        limit = self._limit
        if limit != getattr(self.connection, "statement_seconds", limit):
            self._apply(limit)
        return super().create_cursor(name)  # type: ignore[misc]

    def _apply(self, limit: float | None) -> None:
        # The same for an idle transaction: a command may compute for long between two statements
        milliseconds = "0" if limit is None else str(round(limit * 1000))
        names = ("statement_timeout", "idle_in_transaction_session_timeout")
        idle = "0" if limit is None else str(max(30_000, round(limit * 1000)))
        with self.connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config(%s, %s, false), set_config(%s, %s, false)", [names[0], milliseconds, names[1], idle]
            )
        self.connection.statement_seconds = limit

    def _rollback(self) -> Any:
        """Roll back, which also takes back what :meth:`_apply` set in the transaction."""
        connection = self.connection
        if connection is not None and connection.statement_seconds != self.settings_dict.get(STATEMENT_SECONDS):
            connection.statement_seconds = _UNKNOWN
        return super()._rollback()  # type: ignore[misc]

    def is_usable(self) -> bool:
        """Return whether the server answers at once; if not, Django connects anew."""
        self._is_health_check = True
        try:
            with statements_of(CHECK_SECONDS):
                return bool(super().is_usable())  # type: ignore[misc]
        finally:
            self._is_health_check = False


class DatabaseWrapper(TimeoutsMixin, base.DatabaseWrapper):
    """Django's PostgreSQL engine with :class:`TimeoutsMixin`."""
