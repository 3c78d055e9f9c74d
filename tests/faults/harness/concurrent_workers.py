"""Workers that start at the same time: Django is loaded once, each worker is a fork."""

from __future__ import annotations

import subprocess
import sys
from typing import Final

from tests.databases import ROOT

#: Each child waits at a pipe that the parent closes for all of them, runs the due jobs, and exits.
PARENT: Final = """
import os, sys
import django
django.setup()
from django.core.management import call_command
from django.db import connection, connections

read_end, write_end = os.pipe()
children = []
for _ in range(int(sys.argv[1])):
    pid = os.fork()
    if not pid:
        os.close(write_end)
        connection.ensure_connection()
        os.read(read_end, 1)
        call_command("pledge_worker", "--once", only=sys.argv[2], verbosity=0)
        connections.close_all()
        sys.stderr.flush()
        os._exit(0)
    children.append(pid)
print("ready", flush=True)
sys.stdin.readline()
os.close(read_end)
os.close(write_end)
bad = [pid for pid in children if os.waitpid(pid, 0)[1]]
sys.exit(len(bad))
"""


class ConcurrentWorkers:
    """``go`` starts all workers at once and returns what they logged after the last has exited."""

    def __init__(self, environment: dict[str, str], number: int, smtp_port: int = 1, only: str = "") -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", PARENT, str(number), only],
            env={**environment, "PLEDGE_FAULTS_SMTP": str(smtp_port), "PYTHONPATH": str(ROOT)},
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline().strip() == "ready"

    def go(self, seconds: float = 180) -> str:
        """Return the log. Raises ``AssertionError`` if a worker failed."""
        _out, log = self.process.communicate("\n", timeout=seconds)
        assert self.process.returncode == 0, log
        return log


def work_once(environment: dict[str, str], smtp_port: int = 1, only: str = "") -> str:
    """Run all due jobs in one worker; return its log."""
    return ConcurrentWorkers(environment, 1, smtp_port, only).go()
