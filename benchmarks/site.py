"""Runs the benchmarked site with gunicorn."""

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


@dataclass(frozen=True)
class Endpoints:
    """The URLs that a run requests, and the digest of the statement."""

    page: str
    empty_page: str
    sign: str
    count: str
    form_page: str
    sha256: str


@dataclass(frozen=True)
class Server:
    """A running gunicorn server."""

    port: int
    pid: int

    def cpu(self) -> float:
        """Return the CPU seconds that the workers have used; 0 on systems without ``/proc``."""
        return sum(cpu_of(int(child)) for child in _read(f"/proc/{self.pid}/task/{self.pid}/children").split())


def _read(path: str) -> str:
    with contextlib.suppress(OSError):
        return Path(path).read_text(encoding="ascii")
    return ""


def cpu_of(pid: int) -> float:
    """Return the CPU seconds that a process has used; 0 on systems without ``/proc``."""
    fields = _read(f"/proc/{pid}/stat").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") if fields else 0.0


def free_port() -> int:
    """Return a port on which no process listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextlib.contextmanager
def serve(*, threads: int = 1, page_cache: bool = False) -> Iterator[Server]:
    """Serve with two gunicorn workers; ``page_cache`` turns on the package's page cache.

    Keep-alive is off. Sync workers never keep connections; with threaded workers, one of the two workers might
    otherwise keep all eight connections.
    """
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "benchmarks.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "2"]
    command += ["--threads", str(threads), "--keep-alive", "0", "--log-level", "warning", "--no-control-socket"]
    process = subprocess.Popen(command, env={**os.environ, **({"BENCHMARKS_PAGE_CACHE": "1"} if page_cache else {})})
    try:
        wait_for_port(port)
        yield Server(port=port, pid=process.pid)
    finally:
        process.terminate()
        process.wait(20)


def wait_for_port(port: int) -> None:
    """Wait until a process listens on ``port``."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    message = f"no process listens on port {port}"
    raise RuntimeError(message)
