"""P10: confirmations sent by two workers to a mail server on the loopback."""

from __future__ import annotations

import contextlib
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any, Final

from django.db import connection

from benchmarks.fill import fill
from benchmarks.rounds import Found, Run, load_average
from benchmarks.site import cpu_of, free_port, wait_for_port
from wagtail_pledge.signing.models import OutboxMessage, get_signature_model

WORKERS: Final = 2
#: Sent before the clock starts: workers load their templates.
WARM_UP: Final = 40
#: As the sign path writes it, each from a network of its own.
_DUE: Final = """
INSERT INTO {outbox} (kind, pledge_id, signer_type_id, mailbox_key, seat, locale, network_key, signals, state, lane,
    attempts, last_code)
SELECT 'signed', pledge_id, signer_type_id, mailbox_key, seat, locale, substr(mailbox_key, 1, 8), '', 'due', 1, 0, ''
FROM {signatures} s WHERE state = 'pending' AND NOT EXISTS (
    SELECT 1 FROM {outbox} m WHERE m.pledge_id = s.pledge_id AND m.mailbox_key = s.mailbox_key)
ORDER BY id LIMIT %s
"""


def make_due(number: int) -> None:
    """Note that ``number`` pending signatures wait for their mail."""
    tables = {"outbox": OutboxMessage._meta.db_table, "signatures": get_signature_model()._meta.db_table}
    with connection.cursor() as cursor:
        cursor.execute(_DUE.format(**tables), [number])
        if cursor.rowcount != number:
            message = f"only {cursor.rowcount} of {number} signatures wait for a mail"
            raise RuntimeError(message)


def left() -> int:
    """Return how many messages are due or in a worker's hands."""
    return int(OutboxMessage.objects.filter(kind="signed", state="due").count())


def wait_for(what: str, seconds: float, done: Any) -> None:
    """Return when ``done()`` is true; raises when it isn't in time."""
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            message = f"{what}: not within {seconds:.0f} s"
            raise RuntimeError(message)
        time.sleep(0.1)


@contextlib.contextmanager
def workers(number: int, port: int, only: str = "mail") -> Iterator[list[int]]:
    """Run workers; yield their pids."""
    environment = {**os.environ, "BENCHMARKS_SMTP": str(port), "PGAPPNAME": f"worker {only}"}
    command = [sys.executable, "-m", "django", "pledge_worker", "--only", only]
    running = [subprocess.Popen(command, env=environment) for _number in range(number)]
    try:
        yield [process.pid for process in running]
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(30)


@contextlib.contextmanager
def _sink(kind: str) -> Iterator[tuple[int, Found]]:
    """Run a mail server; yield its port and what it has seen, which is known when it has ended."""
    port, seen = free_port(), {}
    command = [sys.executable, "-m", "benchmarks.sink", str(port), kind]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as sink:
        try:
            wait_for_port(port)
            yield port, seen
        finally:
            sink.terminate()
            seen.update(json.loads(sink.communicate(timeout=20)[0]))


def send(number: int, kind: str, count: int = WORKERS) -> Found:
    """Send ``number`` mails to a server of ``kind``; return mails/s, connections and the workers' CPU ms a mail."""
    with _sink(kind) as (port, seen), workers(count, port) as pids:
        make_due(WARM_UP)
        wait_for("warm-up", 60, lambda: not left())
        cpu, began = sum(map(cpu_of, pids)), time.monotonic()
        make_due(number)
        wait_for("mails", 600, lambda: not left())
        cpu = sum(map(cpu_of, pids)) - cpu
    times = sorted(moment for moment in seen["times"] if moment > began)
    if len(times) != number:
        message = f"{len(times)} mails came, {number} were due"
        raise RuntimeError(message)
    rate = (number - 1) / (times[-1] - times[0])
    return {"rate": rate, "mails a connection": len(seen["times"]) / seen["connections"], "cpu": cpu / number * 1000}


def mails(run: Run) -> Found:
    """P10: two workers, a plain mail server and aiosmtpd in turns, and one worker beside them."""
    each = max(50, int(run.seconds * 120))
    cases = {"2 workers": ("plain", 2), "2 workers, aiosmtpd": ("aiosmtpd", 2), "1 worker": ("plain", 1)}
    # What earlier scenarios have signed would go out first
    OutboxMessage.objects.filter(state="due").update(state="skipped")
    fill((each + WARM_UP) * run.rounds * len(cases), "pending")
    seen: dict[str, list[Found]] = {name: [] for name in cases}
    for _round in range(run.rounds):
        for name, (kind, count) in cases.items():
            seen[name].append(send(each, kind, count))

    def median(part: str, digits: int) -> dict[str, float]:
        return {name: round(statistics.median(f[part] for f in found), digits) for name, found in seen.items()}

    return {
        "per second": median("rate", 1),
        "CPU ms of the workers": median("cpu", 2),
        "mails a connection": median("mails a connection", 0),
        "rounds": {name: [round(f["rate"], 1) for f in found] for name, found in seen.items()},
        "load average": load_average(),
    }
