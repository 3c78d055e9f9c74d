"""Work in a second connection, to see what two transactions do to each other."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from django.db import connection


class Background:
    """Runs ``work`` in a thread with a connection of its own."""

    def __init__(self, work: Callable[[], Any]) -> None:
        self.results: list[Any] = []
        self._work = work
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.results.append(self._work())
        except Exception as error:  # noqa: BLE001 - a thread hands its failure to the test
            self.results.append(error)
        finally:
            connection.close()

    def result(self) -> Any:
        """Return what ``work`` returned, or the exception that it raised."""
        self._thread.join(60)
        return self.results[0]


def waiting_for_locks() -> int:
    """Return how many locks of the PostgreSQL server are waited for."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return int(cursor.fetchone()[0])
