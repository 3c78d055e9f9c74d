"""A PostgreSQL server that can be killed and started again with its data."""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import psycopg

from tests import postgres
from tests.waiting import wait_until

#: Commits are durable, as in production; other settings as in the test suite's own server.
SETTINGS: Final = {
    **postgres.SERVER_SETTINGS,
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "max_connections": "60",
}


def _signal(processes: list[int], number: signal.Signals) -> None:
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, number)


class KillableCluster(postgres.Cluster):
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
        """Start the server with changed settings. Call it from the main thread: the server ends with the thread."""
        command = [*postgres._ends_with_us(), postgres.binary("postgres"), "-D", str(self.directory / "data")]
        command += ["-k", str(self.directory), "-p", str(self.port)]
        command += [f"--{name}={value}" for name, value in {**SETTINGS, **changed}.items()]
        with (self.directory / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=subprocess.STDOUT, cwd=self.directory, **postgres._account()
            )
        self._wait()

    def crash(self) -> None:
        """Stop the server immediately: no checkpoint, open transactions lost."""
        assert self._process is not None
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(60)

    @contextlib.contextmanager
    def hanging(self) -> Iterator[None]:
        """Stop all processes while the block runs: the system accepts connections, and nobody answers."""
        assert self._process is not None
        listed = subprocess.run(["pgrep", "-P", str(self._process.pid)], capture_output=True, text=True, check=False)
        processes = [self._process.pid, *map(int, listed.stdout.split())]
        _signal(processes, signal.SIGSTOP)
        try:
            yield
        finally:
            _signal(processes, signal.SIGCONT)

    def set(self, name: str, value: str) -> None:
        """Change a setting of the running server, for new and open connections."""
        with self.connect() as connection:
            connection.execute(f"ALTER SYSTEM SET {name} = '{value}'")
            connection.execute("SELECT pg_reload_conf()")
        assert wait_until(lambda: self.rows(f"SHOW {name}")[0][0] == value, 60)

    @property
    def socket(self) -> str:
        """Return the path of its Unix socket."""
        return str(self.directory / f".s.PGSQL.{self.port}")

    def restart(self, **changed: str) -> None:
        """Crash and start with changed settings."""
        self.crash()
        self.launch(**changed)

    def url_of(self, database: str) -> str:
        """Return the URL of one of its databases."""
        return self.url.replace("/postgres", f"/{database}")

    def connect(self) -> psycopg.Connection[Any]:
        """Return a superuser connection to the maintenance database."""
        return psycopg.connect(self.url, autocommit=True)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        with self.connect() as connection:
            return connection.execute(query).fetchall()


class Standby(KillableCluster):
    """A standby of ``primary``, made with ``pg_basebackup``; :meth:`promote` makes it a primary."""

    def __init__(self, primary: KillableCluster, port: int) -> None:
        super().__init__(port=port)
        self._primary = primary

    def _initialise(self, data: Path, account: dict[str, Any]) -> None:
        source = ["-h", str(self._primary.directory), "-p", str(self._primary.port), "-U", postgres.SUPERUSER]
        command = [postgres.binary("pg_basebackup"), *source, "-D", str(data), "-R", "--checkpoint=fast", "--no-sync"]
        subprocess.run(command, check=True, cwd=self.directory, **account)

    def promote(self) -> None:
        """Make it a primary; return when it accepts writes."""
        assert self.rows("SELECT pg_promote(true, 60)")[0][0]
