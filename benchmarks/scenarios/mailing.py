"""P10: two workers send confirmation emails to a local SMTP server."""

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

from django.db.models import Count
from django.db.models.functions import Now

from benchmarks.fill import fill
from benchmarks.rounds import Result, Run, load_average
from benchmarks.site import cpu_of, free_port, wait_for_port
from wagtail_pledge.signing.enums import MailQueue
from wagtail_pledge.signing.models import OutboxMessage, Submission

WORKERS: Final = 2
#: Mails sent before the measurement starts, so that the workers have loaded their templates.
WARM_UP: Final = 40


def make_due(number: int) -> None:
    """Make the confirmation emails of ``number`` submissions due."""
    waiting = Submission.objects.open().filter(mailed_at=None, queue=MailQueue.NO_MAIL).order_by("-created_at")
    waiting = waiting.values_list("pk", flat=True)[:number]
    changed = Submission.objects.filter(pk__in=list(waiting)).update(queue=MailQueue.SIGNERS, due_at=Now())
    if changed != number:
        message = f"only {changed} of {number} submissions have no mail yet"
        raise RuntimeError(message)


def due_count() -> int:
    """Return how many messages are due or being sent."""
    return int(Submission.objects.filter(queue=MailQueue.SIGNERS).count())


def wait_for(what: str, seconds: float, done: Any) -> None:
    """Wait until ``done()`` is true. Raise ``RuntimeError`` after ``seconds``."""
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            message = f"{what}: not within {seconds:.0f} s"
            raise RuntimeError(message)
        time.sleep(0.1)


@contextlib.contextmanager
def workers(number: int, port: int, only: str = "mail") -> Iterator[list[int]]:
    """Run workers and yield their process ids."""
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
def _sink(kind: str) -> Iterator[tuple[int, Result]]:
    """Run an SMTP server; yield its port and a dictionary that is filled with its report when it has ended."""
    port, report = free_port(), {}
    command = [sys.executable, "-m", "benchmarks.smtp_sink", str(port), kind]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as sink:
        try:
            wait_for_port(port)
            yield port, report
        finally:
            sink.terminate()
            report.update(json.loads(sink.communicate(timeout=20)[0]))


def send(number: int, kind: str, count: int = WORKERS) -> Result:
    """Send ``number`` mails to a server of ``kind``. Return mails/s, mails per connection and CPU ms per mail."""
    with _sink(kind) as (port, report), workers(count, port) as pids:
        make_due(WARM_UP)
        wait_for("warm-up", 60, lambda: not due_count())
        cpu, began = sum(map(cpu_of, pids)), time.monotonic()
        make_due(number)
        wait_for("mails", 600, lambda: not due_count())
        cpu = sum(map(cpu_of, pids)) - cpu
    times = sorted(moment for moment in report["times"] if moment > began)
    if len(times) != number:
        message = f"{len(times)} mails arrived, {number} were due"
        raise RuntimeError(message)
    rate = (number - 1) / (times[-1] - times[0])
    return {
        "rate": rate,
        "mails per connection": len(report["times"]) / report["connections"],
        "cpu": cpu / number * 1000,
    }


def _delete_replayed_forms() -> None:
    """Delete the forms that a baseline replayed: all have the payload of one, which was sealed for another row."""
    replayed = Submission.objects.exclude(payload=b"").order_by().values("payload").annotate(number=Count("pk"))
    Submission.objects.filter(payload__in=replayed.filter(number__gt=1).values("payload")).delete()


def mails(run: Run) -> Result:
    """P10: two workers with a minimal SMTP server, two with aiosmtpd, and one worker."""
    each = max(50, int(run.seconds * 120))
    cases = {"2 workers": ("plain", 2), "2 workers, aiosmtpd": ("aiosmtpd", 2), "1 worker": ("plain", 1)}
    _delete_replayed_forms()
    # A worker does not start if it cannot read the last signature, which may be a replayed one
    fill(1, "confirmed")
    # Mails of earlier scenarios would be sent first
    OutboxMessage.objects.filter(state="due").update(state="skipped")
    fill((each + WARM_UP) * run.rounds * len(cases), "pending")
    Submission.objects.update(queue=MailQueue.NO_MAIL)
    results: dict[str, list[Result]] = {name: [] for name in cases}
    for _round in range(run.rounds):
        for name, (kind, count) in cases.items():
            results[name].append(send(each, kind, count))

    def median(part: str, digits: int) -> dict[str, float]:
        return {
            name: round(statistics.median(each[part] for each in rounds), digits) for name, rounds in results.items()
        }

    return {
        "per second": median("rate", 1),
        "CPU ms of the workers": median("cpu", 2),
        "mails per connection": median("mails per connection", 0),
        "rounds": {name: [round(each["rate"], 1) for each in rounds] for name, rounds in results.items()},
        "load average": load_average(),
    }
