"""P1, P2, P5: accept a signature, a crowd on one pledge, confirm."""

from __future__ import annotations

import statistics

from django.db import connection

from benchmarks.fill import fill
from benchmarks.requests import confirm_requests
from benchmarks.rounds import (
    Found,
    Run,
    Turn,
    checked,
    interleaved,
    load_average,
    median_ratio,
    take_turns,
    with_ratios,
)
from benchmarks.site import served


def accept(run: Run) -> Found:
    """P1: accept a signature, beside a Wagtail form page and three bare views."""
    with served() as server:
        found = interleaved(run, server, ["sign", "form page", "same statements", "one insert", "constant"])
    return with_ratios(found, "sign")


def shared_updates() -> int:
    """Return how many rows of the package's tables were updated since the database was made."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT coalesce(sum(n_tup_upd), 0) FROM pg_stat_user_tables WHERE relname LIKE 'wagtail_pledge%'"
        )
        return int(cursor.fetchone()[0])


def crowd(run: Run) -> Found:
    """P2: 8 and 32 clients on one pledge; updates of rows that signers would share."""
    before = shared_updates()
    with served(threads=16) as server:
        turns = {f"{clients} clients": Turn(run, server, "sign", clients=clients) for clients in (8, 32)}
        found = take_turns(turns, run.rounds)
    # Workers report their statistics when they end, which they have
    return {**with_ratios(found, "32 clients"), "updated rows": shared_updates() - before}


def confirming(run: Run) -> Found:
    """P5: confirm, beside signing."""
    each = max(20, int(run.seconds * 150))
    fill(each * run.rounds, "pending")
    requests = confirm_requests_pending(each * run.rounds)
    confirms: list[float] = []
    with served() as server:
        sign = Turn(run, server, "sign")
        for turn in range(run.rounds):
            share = requests[turn * each : (turn + 1) * each]
            confirms.append(checked(server, "confirm", share, clients=8, seconds=60).rate)
            sign.take()
    rates = {"confirm": round(statistics.median(confirms), 1), "sign": round(statistics.median(sign.rates), 1)}
    ratios = {"confirm / sign": median_ratio(confirms, sign.rates)}
    return {"per second": rates, "ratios": ratios, "load average": load_average()}


def confirm_requests_pending(limit: int) -> list[bytes]:
    """Return ``limit`` confirmations, and fail where there are fewer."""
    found = confirm_requests(limit)
    if len(found) < limit:
        message = f"only {len(found)} of {limit} signatures are pending"
        raise RuntimeError(message)
    return found
