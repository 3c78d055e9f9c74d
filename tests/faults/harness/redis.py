"""A Redis server that does not reply, loses all keys or is stopped."""

from __future__ import annotations

import contextlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator

from tests import postgres
from tests.faults.harness.site import free_port


class RedisServer:
    """A Redis server on the loopback interface, without persistence."""

    def __init__(self) -> None:
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Return the cache's ``LOCATION``."""
        return f"redis://127.0.0.1:{self.port}/0"

    def launch(self) -> None:
        """Start it empty; return when it replies."""
        server = shutil.which("redis-server")
        assert server, "the tests need redis-server"
        command = [*postgres._ends_with_us(), server, "--bind", "127.0.0.1", "--port", str(self.port)]
        command += ["--save", "", "--appendonly", "no", "--dir", tempfile.gettempdir()]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                assert self.command("PING") == "+PONG"
                return
            time.sleep(0.05)
        message = "redis-server did not start"
        raise RuntimeError(message)

    def command(self, command: str) -> str:
        """Send one command and return the first line of the reply."""
        with socket.create_connection(("127.0.0.1", self.port), 2) as connection:
            connection.sendall(f"{command}\r\n".encode())
            return connection.makefile().readline().strip()

    @property
    def keys(self) -> int:
        """Return the number of keys."""
        return int(self.command("DBSIZE").removeprefix(":"))

    @property
    def connections(self) -> int:
        """Return the number of connections it has accepted, also those that ended without a reply."""
        with socket.create_connection(("127.0.0.1", self.port), 2) as connection, connection.makefile() as reply:
            connection.sendall(b"INFO stats\r\n")
            name = "total_connections_received:"
            return next(int(line.removeprefix(name)) for line in reply if line.startswith(name))

    @contextlib.contextmanager
    def silent(self) -> Iterator[None]:
        """Accept connections and do not reply while the block runs."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """Kill it; safe to call twice."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait(60)
