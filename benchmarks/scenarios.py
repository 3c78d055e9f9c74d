"""The scenarios. Each returns figures by name. Import after Django is set up."""

from __future__ import annotations

import itertools
import os
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

from benchmarks.fill import fill
from benchmarks.load import load
from benchmarks.requests import confirm_requests, makers
from benchmarks.site import Door, served

#: What each kind of request answers when all is well.
EXPECTED: Final = {"sign": 303, "confirm": 303}


@dataclass(frozen=True)
class Run:
    """How large a run is."""

    door: Door
    signatures: int = 1_000_000
    seconds: float = 5.0
    rounds: int = 5


def shared_updates() -> int:
    """Return how many rows of the package's tables were updated since the database was made."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT coalesce(sum(n_tup_upd), 0) FROM pg_stat_user_tables WHERE relname LIKE 'wagtail_pledge%'"
        )
        return int(cursor.fetchone()[0])


def _rate(port: int, name: str, make: Callable[[], bytes], *, clients: int, seconds: float) -> float:
    found = load(port, (make() for _ in itertools.count()), clients=clients, seconds=seconds)
    wanted = EXPECTED.get(name, 200)
    if set(found.statuses) != {wanted}:
        message = f"{name}: answers {dict(found.statuses)}, expected {wanted}"
        raise RuntimeError(message)
    return found.rate


def _interleaved(port: int, run: Run, names: list[str], *, clients: int = 8) -> dict[str, Any]:
    """Return the median rate of each name over the rounds, and every round."""
    made = makers(run.door)
    seen: dict[str, list[float]] = {name: [] for name in names}
    for name in names:
        _rate(port, name, made[name], clients=2, seconds=min(run.seconds, 0.5))
    for _round in range(run.rounds):
        for name in names:
            seen[name].append(_rate(port, name, made[name], clients=clients, seconds=run.seconds))
    medians = {name: round(statistics.median(rates), 1) for name, rates in seen.items()}
    return {"per second": medians, "rounds": seen, "load average": round(os.getloadavg()[0], 1)}


def _with_ratios(found: dict[str, Any], of: str) -> dict[str, Any]:
    rates = found["per second"]
    found["ratios"] = {f"{of} / {name}": round(rates[of] / rate, 2) for name, rate in rates.items() if name != of}
    return found


def accept(run: Run) -> dict[str, Any]:
    """P1: accept a signature, beside a Wagtail form page and three bare views."""
    with served() as port:
        names = ["sign", "form page", "five statements", "one insert", "constant"]
        return _with_ratios(_interleaved(port, run, names), "sign")


def crowd(run: Run) -> dict[str, Any]:
    """P2: 8 and 32 clients on one pledge; updates of rows that signers would share."""
    make = makers(run.door)["sign"]
    seen: dict[int, list[float]] = {8: [], 32: []}
    with served(threads=16) as port:
        _rate(port, "sign", make, clients=32, seconds=min(run.seconds, 0.5))
        before = shared_updates()
        for _round, clients in itertools.product(range(run.rounds), seen):
            seen[clients].append(_rate(port, "sign", make, clients=clients, seconds=run.seconds))
    # Workers report their statistics when they end, which they have
    medians = {str(clients): round(statistics.median(rates), 1) for clients, rates in seen.items()}
    return {
        "per second": medians,
        "ratios": {"32 clients / 8 clients": round(medians["32"] / medians["8"], 2)},
        "updated rows": shared_updates() - before,
        "load average": round(os.getloadavg()[0], 1),
    }


def count(run: Run) -> dict[str, Any]:
    """P4: count.json beside a constant."""
    with served() as port:
        return _with_ratios(_interleaved(port, run, ["count", "constant"]), "count")


def confirming(run: Run) -> dict[str, Any]:
    """P5: confirm, beside signing."""
    each = max(20, int(run.seconds * 150))
    fill(each * run.rounds, "pending", first=run.signatures)
    requests = confirm_requests_pending(each * run.rounds)
    make = makers(run.door)["sign"]
    confirms: list[float] = []
    signs: list[float] = []
    with served() as port:
        _rate(port, "sign", make, clients=2, seconds=min(run.seconds, 0.5))
        for turn in range(run.rounds):
            share = requests[turn * each : (turn + 1) * each]
            found = load(port, share, clients=8, seconds=60)
            if set(found.statuses) != {303}:
                message = f"confirm: {dict(found.statuses)}"
                raise RuntimeError(message)
            confirms.append(found.rate)
            signs.append(_rate(port, "sign", make, clients=8, seconds=run.seconds))
    rates = {"confirm": round(statistics.median(confirms), 1), "sign": round(statistics.median(signs), 1)}
    return _with_ratios({"per second": rates, "load average": round(os.getloadavg()[0], 1)}, "confirm")


def confirm_requests_pending(limit: int) -> list[bytes]:
    """Return ``limit`` confirmations, and fail where there are fewer."""
    found = confirm_requests(limit)
    if len(found) < limit:
        message = f"only {len(found)} of {limit} signatures are pending"
        raise RuntimeError(message)
    return found


SCENARIOS: Final[dict[str, Callable[[Run], dict[str, Any]]]] = {
    "P1": accept,
    "P2": crowd,
    "P4": count,
    "P5": confirming,
}
