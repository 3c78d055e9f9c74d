"""A private PostgreSQL: its own data directory, reachable through a Unix socket in that directory only.

It ends with the process that started it.
"""

from __future__ import annotations

import atexit
import contextlib
import getpass
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Final
from urllib.parse import quote

import psycopg

SUPERUSER: Final = "pledge"
START_SECONDS: Final = 120
#: Test data need not survive a crash: all durability is traded for speed.
SERVER_SETTINGS: Final = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "jit": "off",
    "max_connections": "120",
    "shared_buffers": "64MB",
    "log_min_messages": "fatal",
}


class PostgresMissing(RuntimeError):
    """Raised if PostgreSQL's server binaries are not installed."""


def binary(name: str) -> str:
    """Return the path of a server binary, from ``PATH`` or from Debian's directory of the newest version."""
    found = shutil.which(name)
    if found and not Path(found).resolve().name.startswith("pg_wrapper"):
        return found
    candidates = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: float(path.parts[-3]))
    if not candidates:
        message = f"PostgreSQL's {name} was not found: install the package postgresql, or set DATABASE_URL"
        raise PostgresMissing(message)
    return str(candidates[-1])


def _account() -> dict[str, Any]:
    """Return Popen's arguments for the account to run as: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    entry = pwd.getpwnam("postgres")
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _ends_with_us() -> list[str]:
    """Return the prefix that ends the server even when this process is killed, where the system has it."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "INT"] if setpriv else []


@dataclass
class Cluster:
    """One server for one run. ``start`` returns when it accepts connections; ``stop`` removes its directory."""

    #: Settings of the server.
    settings: ClassVar[Mapping[str, str]] = SERVER_SETTINGS

    port: int = 5432
    directory: Path = field(init=False)
    _process: subprocess.Popen[bytes] | None = field(init=False, default=None)

    @property
    def url(self) -> str:
        """Return the URL of the maintenance database, with the socket's directory as host."""
        return f"postgres://{SUPERUSER}@{quote(str(self.directory), safe='')}:{self.port}/postgres"

    def start(self) -> None:
        """Create a data directory and start the server."""
        server = binary("postgres")
        self.directory = Path(tempfile.mkdtemp(prefix="pledge-pg-"))
        atexit.register(self.stop)
        account = _account()
        if account:
            os.chown(self.directory, account["user"], account["group"])
        data = self.directory / "data"
        self._initialise(data, account)
        settings = [f"--{name}={value}" for name, value in self.settings.items()]
        with (self.directory / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [
                    *_ends_with_us(),
                    *(server, "-D", str(data), "-k", str(self.directory), "-p", str(self.port)),
                    *settings,
                ],
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.directory,
                **account,
            )
        self._wait()

    def _initialise(self, data: Path, account: dict[str, Any]) -> None:
        command = [binary("initdb"), "-D", str(data), "-U", SUPERUSER, "--auth=trust", "--no-sync"]
        command += ["--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions"]
        done = subprocess.run(command, capture_output=True, text=True, cwd=self.directory, check=False, **account)
        if done.returncode:
            message = f"initdb as {account.get('user', getpass.getuser())} failed: {done.stderr}"
            raise RuntimeError(message)

    def _wait(self) -> None:
        """Wait until the server accepts connections; raise ``RuntimeError`` with its log if it never does."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._process and self._process.poll() is None:
            with contextlib.suppress(psycopg.OperationalError), psycopg.connect(self.url):
                return
            time.sleep(0.05)
        log = (self.directory / "log").read_text(encoding="utf-8", errors="replace")
        self.stop()
        message = f"PostgreSQL did not start: {log}"
        raise RuntimeError(message)

    def stop(self) -> None:
        """Stop the server and remove its directory. Safe to call twice."""
        process, self._process = self._process, None
        if process is not None and process.poll() is None:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGQUIT)
                process.wait(60)
        shutil.rmtree(self.directory, ignore_errors=True)
        atexit.unregister(self.stop)
