"""``pledge_worker``: a log that accepts nothing more stops no job, and the signal to stop always ends the process."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.databases import ROOT
from tests.faults.harness.pipe import full_pipe

pytestmark = pytest.mark.requirement("E18")

#: Runs the worker with one job, which logs, reports to the test, and may hang. It needs no database.
PROGRAM = """
import logging, sys, time
import django
django.setup()
from django.core.management import call_command
from wagtail_pledge.core.registry import WorkerJob, worker_jobs
from wagtail_pledge.management.commands import pledge_worker

def run():
    logging.getLogger("tests").warning("a line for a log that accepts nothing more")
    sys.stdout.write("x")
    sys.stdout.flush()
    time.sleep(float(sys.argv[1]))
    return 1

pledge_worker.STOP_SECONDS = float(sys.argv[2])
worker_jobs.register("noisy", WorkerJob(run=run))
call_command("pledge_worker", only="noisy")
"""


@contextlib.contextmanager
def _worker(log: int, *, job_seconds: float = 0, stop_seconds: float = 30) -> Iterator[subprocess.Popen[bytes]]:
    environment = {**os.environ, "DATABASE_URL": "sqlite://:memory:", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", PROGRAM, str(job_seconds), str(stop_seconds)]
    process = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, stderr=log)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_a_full_log_pipe_stops_neither_the_jobs_nor_the_signal_to_stop() -> None:
    with full_pipe() as log, _worker(log) as process:
        assert process.stdout is not None
        assert process.stdout.read(5) == b"xxxxx", "the job ran once and then waited for the log"
        process.send_signal(signal.SIGTERM)
        assert process.wait(120) == 0


def test_a_job_that_hangs_is_given_up_after_the_signal_to_stop() -> None:
    with full_pipe() as log, _worker(log, job_seconds=3600, stop_seconds=0.5) as process:
        assert process.stdout is not None
        assert process.stdout.read(1) == b"x"
        process.send_signal(signal.SIGTERM)
        assert process.wait(120) == 1


#: Runs the worker and sends it the signal to stop at one line of what it waits in, where a lock may be held.
INTERRUPTED = """
import signal, sys
import django
django.setup()
from django.core.management import call_command
from wagtail_pledge.core.registry import WorkerJob, worker_jobs

line, lines = int(sys.argv[1]), 0

def in_wait(frame, event, _argument):
    global lines
    if event == "line":
        lines += 1
        if lines == line:
            signal.raise_signal(signal.SIGTERM)
    return in_wait

def tracer(frame, _event, _argument):
    is_ours = frame.f_code.co_name == "wait" and "stop" in frame.f_back.f_locals
    return in_wait if is_ours and lines < line else None

worker_jobs.register("quiet", WorkerJob(run=lambda: 1))
sys.settrace(tracer)
call_command("pledge_worker", only="quiet")
"""


@pytest.mark.parametrize("line", [1, 2, 3, 4])
def test_a_signal_to_stop_never_waits_for_a_lock_of_the_interrupted_line(line: int) -> None:
    environment = {**os.environ, "DATABASE_URL": "sqlite://:memory:", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", INTERRUPTED, str(line)]
    assert subprocess.run(command, env=environment, cwd=ROOT, timeout=60, check=False).returncode == 0
