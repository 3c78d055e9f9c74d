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

import django
from django.core.management import call_command

from tests.postgres import Cluster


@dataclass(frozen=True)
class Door:
    """Where requests of a run go."""

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


@contextlib.contextmanager
def served(*, threads: int = 1) -> Iterator[int]:
    """Serve with two gunicorn workers; yield the port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    command = [sys.executable, "-m", "gunicorn", "benchmarks.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "2"]
    command += ["--threads", str(threads), "--log-level", "warning", "--no-control-socket"]
    process = subprocess.Popen(command)
    try:
        _wait(port)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def _wait(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    message = "gunicorn did not start"
    raise RuntimeError(message)
