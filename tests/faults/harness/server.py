"""A PostgreSQL that can be killed and started again, keeping what it was told to keep."""

from __future__ import annotations

import atexit
import os
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Final

import psycopg

from tests import postgres

#: Acknowledged is durable, as in production; the rest as the suite's own server.
SETTINGS: Final = {
    **postgres.SERVER_SETTINGS,
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "max_connections": "60",
}


class MortalCluster(postgres.Cluster):
    """``crash`` is ``pg_ctl stop -m immediate``; ``launch`` starts the same data directory again."""

    def start(self) -> None:
        """Create the data directory and start the server."""
        self.directory = Path(tempfile.mkdtemp(prefix="pledge-faults-"))
        atexit.register(self.stop)
        account = postgres._account()
        if account:
            os.chown(self.directory, account["user"], account["group"])
        self._initialise(self.directory / "data", account)
        self.launch()

    def launch(self, **changed: str) -> None:
        """Start the server, with some settings changed; call from the main thread, with which it ends."""
        command = [*postgres._ends_with_us(), postgres.binary("postgres"), "-D", str(self.directory / "data")]
        command += ["-k", str(self.directory), "-p", str(self.port)]
        command += [f"--{name}={value}" for name, value in {**SETTINGS, **changed}.items()]
        with (self.directory / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=subprocess.STDOUT, cwd=self.directory, **postgres._account()
            )
        self._wait()

    def crash(self) -> None:
        """End the server at once: no checkpoint, open transactions lost."""
        assert self._process is not None
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(60)

    def restart(self, **changed: str) -> None:
        """Crash and start with some settings changed."""
        self.crash()
        self.launch(**changed)

    def url_of(self, database: str) -> str:
        """Return the URL of one of its databases."""
        return self.url.replace("/postgres", f"/{database}")

    def connect(self) -> psycopg.Connection[Any]:
        """Return a connection of the superuser to the maintenance database."""
        return psycopg.connect(self.url, autocommit=True)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return what a query gives."""
        with self.connect() as connection:
            return connection.execute(query).fetchall()
