"""P1, P2, P5: accepting a signature, many clients on one pledge, confirming."""

from __future__ import annotations

import statistics

from django.db import connection

from benchmarks.fill import fill
from benchmarks.requests import confirm_requests
from benchmarks.rounds import (
    RequestBenchmark,
    Result,
    Run,
    load_average,
    load_checked,
    median_ratio,
    run_interleaved,
    run_rounds,
    with_ratios,
)
from benchmarks.site import serve


def accept(run: Run) -> Result:
    """P1: accepting a signature, compared with a Wagtail form page and three minimal views."""
    with serve() as server:
        result = run_interleaved(run, server, ["sign", "form page", "same statements", "one insert", "constant"])
    return with_ratios(result, "sign")


def updated_rows() -> int:
    """Return how many rows of the package's tables have been updated since the database was created."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT coalesce(sum(n_tup_upd), 0) FROM pg_stat_user_tables WHERE relname LIKE 'wagtail_pledge%'"
        )
        return int(cursor.fetchone()[0])


def many_clients(run: Run) -> Result:
    """P2: 8 and 32 clients on one pledge, and how many rows were updated (an updated row would be shared)."""
    before = updated_rows()
    with serve(threads=16) as server:
        benchmarks = {
            f"{clients} clients": RequestBenchmark(run, server, "sign", clients=clients) for clients in (8, 32)
        }
        result = run_rounds(benchmarks, run.rounds)
    # PostgreSQL backends report their statistics when they end; the server has stopped by now
    return {**with_ratios(result, "32 clients"), "updated rows": updated_rows() - before}


def confirming(run: Run) -> Result:
    """P5: confirming, compared with signing."""
    each = max(20, int(run.seconds * 150))
    fill(each * run.rounds, "pending")
    requests = enough_confirm_requests(each * run.rounds)
    confirms: list[float] = []
    with serve() as server:
        sign = RequestBenchmark(run, server, "sign")
        for number in range(run.rounds):
            batch = requests[number * each : (number + 1) * each]
            confirms.append(load_checked(server, "confirm", batch, clients=8, seconds=60).rate)
            sign.measure()
    rates = {"confirm": round(statistics.median(confirms), 1), "sign": round(statistics.median(sign.rates), 1)}
    ratios = {"confirm / sign": median_ratio(confirms, sign.rates)}
    return {"per second": rates, "ratios": ratios, "load average": load_average()}


def enough_confirm_requests(limit: int) -> list[bytes]:
    """Return ``limit`` requests that confirm. Raise ``RuntimeError`` if there are fewer."""
    requests = confirm_requests(limit)
    if len(requests) < limit:
        message = f"only {len(requests)} of {limit} signatures are pending"
        raise RuntimeError(message)
    return requests
