"""P6: the counts while people confirm."""

from __future__ import annotations

import json
import statistics
import time
from typing import Any, Final

from django.db import connection

from benchmarks.fill import fill
from benchmarks.rounds import Found, Run, load_average
from benchmarks.scenarios.mailing import wait_for, workers
from benchmarks.site import cpu_of
from wagtail_pledge.core.db import database_now, start_of_utc_day, utc_day
from wagtail_pledge.signing.models import get_signature_model
from wagtail_pledge.signing.services import confirm, counts_for
from wagtail_pledge.signing.worker.tallies import refresh_tallies

PER_SECOND: Final = 50
SAMPLE_SECONDS: Final = 0.5


class Lag:
    """How long a shown number stays behind the truth."""

    def __init__(self, total: int) -> None:
        #: When the truth became each total.
        self._since: dict[int, float] = {}
        self._truth = total
        self.seconds: list[float] = []

    def confirmed(self) -> None:
        """Note one more."""
        self._truth += 1
        self._since[self._truth] = time.monotonic()

    def shown(self, total: int) -> None:
        """Note what visitors see: it has been wrong since one more was true."""
        self.seconds.append(time.monotonic() - self._since[total + 1] if total < self._truth else 0.0)


def backends(name: str) -> list[int]:
    """Return the pids of the database's processes that serve an application."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_stat_activity WHERE application_name = %s", [name])
        return [pid for (pid,) in cursor.fetchall()]


def refresh_ms(times: int = 5) -> float:
    """Return the median milliseconds of a refresh."""
    spent = []
    for _time in range(times):
        began = time.perf_counter()
        refresh_tallies()
        spent.append((time.perf_counter() - began) * 1000)
    return round(statistics.median(spent), 1)


def rows_read() -> dict[str, Any]:
    """Return how the count of today finds its rows: the plan's lowest node and how many rows it read."""
    today = start_of_utc_day(utc_day(database_now()))
    counted = get_signature_model()._default_manager.counted().filter(confirmed_at__gte=today)
    plan = json.loads(counted.values("pk").explain(format="json", analyze=True))[0]["Plan"]
    while plan.get("Plans"):
        plan = plan["Plans"][0]
    return {"node": plan["Node Type"], "index": plan.get("Index Name"), "rows": plan["Actual Rows"]}


def _confirm_all(pending: list[Any], lag: Lag, pledge: Any) -> None:
    began, next_sample = time.monotonic(), 0.0
    for number, signature in enumerate(pending):
        ahead = began + number / PER_SECOND - time.monotonic()
        if ahead > 0:
            time.sleep(ahead)
        if not confirm(signature, epoch=signature.epoch):
            message = "a signature could not be confirmed"
            raise RuntimeError(message)
        lag.confirmed()
        if time.monotonic() > next_sample:
            lag.shown(counts_for(pledge).total)
            next_sample = time.monotonic() + SAMPLE_SECONDS


def tallies(run: Run) -> Found:
    """P6: 50 confirmations a second, one worker that counts: how far it is behind, and what that costs."""
    number = max(200, int(run.seconds * run.rounds * PER_SECOND))
    before = refresh_ms()
    fill(number, "pending")
    signatures = get_signature_model()._default_manager.select_related("pledge", "signer_type", "statement")
    pending = list(signatures.filter(state="pending").order_by("pk")[:number])
    pledge = pending[0].pledge
    with workers(1, 1, only="tallies") as (pid,):
        name = "worker tallies"
        wait_for("worker", 30, lambda: backends(name))
        database, cpu, began = backends(name), cpu_of(pid), time.monotonic()
        database_cpu = sum(map(cpu_of, database))
        lag = Lag(counts_for(pledge).total)
        _confirm_all(pending, lag, pledge)
        seconds = time.monotonic() - began
        cpu = cpu_of(pid) - cpu + sum(map(cpu_of, database)) - database_cpu
        truth = counts_for(pledge).total
        wait_for("the last count", 15, lambda: counts_for(pledge).total >= truth)
    return {
        "confirmed per second": round(number / seconds, 1),
        "shown behind by s": {"most": round(max(lag.seconds), 1), "median": round(statistics.median(lag.seconds), 1)},
        "worker and its database process, share of a core": round(cpu / seconds, 3),
        "refresh ms": {"nobody today": before, f"{number} today": refresh_ms()},
        "today's count reads": rows_read(),
        "load average": load_average(),
    }
