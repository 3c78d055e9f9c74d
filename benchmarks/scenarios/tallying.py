"""P6: the delay of the shown counts while people confirm, and the cost of counting."""

from __future__ import annotations

import json
import statistics
import time
from typing import Any, Final

from django.db import connection

from benchmarks.fill import fill
from benchmarks.rounds import Result, Run, load_average
from benchmarks.scenarios.mailing import wait_for, workers
from benchmarks.site import cpu_of
from wagtail_pledge.core.db import database_now, start_of_utc_day, utc_day
from wagtail_pledge.signing.models import Submission, get_signature_model
from wagtail_pledge.signing.services import confirm, counts_for
from wagtail_pledge.signing.worker.tallies import refresh_tallies

PER_SECOND: Final = 50
SAMPLE_SECONDS: Final = 0.5


class CountDelay:
    """Measures for how long a shown count has been out of date."""

    def __init__(self, total: int) -> None:
        #: When each total was reached.
        self._reached_at: dict[int, float] = {}
        self._total = total
        self.seconds: list[float] = []

    def confirmed(self) -> None:
        """Record that one more signature is confirmed."""
        self._total += 1
        self._reached_at[self._total] = time.monotonic()

    def shown(self, total: int) -> None:
        """Record the count that visitors see. It is out of date since the next signature was confirmed."""
        self.seconds.append(time.monotonic() - self._reached_at[total + 1] if total < self._total else 0.0)


def backend_pids(name: str) -> list[int]:
    """Return the process ids of the PostgreSQL backends of an application."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_stat_activity WHERE application_name = %s", [name])
        return [pid for (pid,) in cursor.fetchall()]


def refresh_ms(times: int = 5) -> float:
    """Return the median time of a refresh, in milliseconds."""
    milliseconds = []
    for _time in range(times):
        began = time.perf_counter()
        refresh_tallies()
        milliseconds.append((time.perf_counter() - began) * 1000)
    return round(statistics.median(milliseconds), 1)


def rows_read() -> dict[str, Any]:
    """Return how today's count finds its rows: the innermost node of the query plan and the rows it read."""
    today = start_of_utc_day(utc_day(database_now()))
    queryset = get_signature_model()._default_manager.counted().filter(confirmed_at__gte=today)
    plan = json.loads(queryset.values("pk").explain(format="json", analyze=True))[0]["Plan"]
    while plan.get("Plans"):
        plan = plan["Plans"][0]
    return {"node": plan["Node Type"], "index": plan.get("Index Name"), "rows": plan["Actual Rows"]}


def _confirm_all(pending: list[Any], delay: CountDelay, pledge: Any) -> None:
    began, next_sample = time.monotonic(), 0.0
    for number, submission in enumerate(pending):
        ahead = began + number / PER_SECOND - time.monotonic()
        if ahead > 0:
            time.sleep(ahead)
        if not confirm(submission):
            message = "a submission could not be confirmed"
            raise RuntimeError(message)
        delay.confirmed()
        if time.monotonic() > next_sample:
            delay.shown(counts_for(pledge).total)
            next_sample = time.monotonic() + SAMPLE_SECONDS


def tallies(run: Run) -> Result:
    """P6: 50 confirmations per second and one worker that counts: the delay of the count, and the CPU time."""
    number = max(200, int(run.seconds * run.rounds * PER_SECOND))
    before = refresh_ms()
    fill(number, "pending")
    waiting = Submission.objects.open().select_related("statement__signer_type__pledge")
    pending = list(waiting.order_by("created_at", "pk")[:number])
    pledge = pending[0].statement.signer_type.pledge
    with workers(1, 1, only="tallies") as (pid,):
        name = "worker tallies"
        wait_for("worker", 30, lambda: backend_pids(name))
        database, cpu, began = backend_pids(name), cpu_of(pid), time.monotonic()
        database_cpu = sum(map(cpu_of, database))
        delay = CountDelay(counts_for(pledge).total)
        _confirm_all(pending, delay, pledge)
        seconds = time.monotonic() - began
        cpu = cpu_of(pid) - cpu + sum(map(cpu_of, database)) - database_cpu
        total = counts_for(pledge).total
        wait_for("the last count", 15, lambda: counts_for(pledge).total >= total)
    return {
        "confirmed per second": round(number / seconds, 1),
        "delay of the shown count s": {
            "maximum": round(max(delay.seconds), 1),
            "median": round(statistics.median(delay.seconds), 1),
        },
        "worker and its database process, share of a core": round(cpu / seconds, 3),
        "refresh ms": {"none today": before, f"{number} today": refresh_ms()},
        "rows read by today's count": rows_read(),
        "load average": load_average(),
    }
