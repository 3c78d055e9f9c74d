"""The site under load: a private PostgreSQL, one published pledge, one Wagtail form page, gunicorn."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import django
from django.core.management import call_command

from tests.postgres import Cluster


@dataclass(frozen=True)
class Door:
    """Where requests of a run go."""

    page: str
    empty_page: str
    sign: str
    count: str
    form_page: str
    sha256: str


@contextlib.contextmanager
def database() -> Iterator[None]:
    """Start and migrate a database of its own and set Django up on it."""
    cluster = Cluster()
    cluster.start()
    os.environ["DATABASE_URL"] = cluster.url
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
    try:
        django.setup()
        call_command("migrate", verbosity=0)
        yield
    finally:
        cluster.stop()


@dataclass(frozen=True)
class Served:
    """A running server."""

    port: int
    pid: int

    def cpu(self) -> float:
        """Return the CPU seconds of the server's workers so far; 0 where the system doesn't tell."""
        return sum(cpu_of(int(child)) for child in _read(f"/proc/{self.pid}/task/{self.pid}/children").split())


def _read(path: str) -> str:
    with contextlib.suppress(OSError):
        return Path(path).read_text(encoding="ascii")
    return ""


def cpu_of(pid: int) -> float:
    """Return the CPU seconds that a process has used; 0 where the system doesn't tell."""
    fields = _read(f"/proc/{pid}/stat").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") if fields else 0.0


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextlib.contextmanager
def served(*, threads: int = 1, page_cache: bool = False) -> Iterator[Served]:
    """Serve with two gunicorn workers, which keep public pages in memory if ``page_cache``.

    Sync workers close each connection; threaded ones are told to, so that eight connections are never all kept by
    one of the two workers.
    """
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "benchmarks.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "2"]
    command += ["--threads", str(threads), "--keep-alive", "0", "--log-level", "warning", "--no-control-socket"]
    process = subprocess.Popen(command, env={**os.environ, **({"BENCHMARKS_PAGE_CACHE": "1"} if page_cache else {})})
    try:
        wait_for_port(port)
        yield Served(port=port, pid=process.pid)
    finally:
        process.terminate()
        process.wait(20)


def wait_for_port(port: int) -> None:
    """Return when somebody listens on ``port``."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    message = f"nobody listens on port {port}"
    raise RuntimeError(message)
