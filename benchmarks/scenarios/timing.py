"""B2: whether the response time of signing reveals if an address has signed before (a timing side channel)."""

from __future__ import annotations

import math
import random
import secrets
import statistics
import time
from typing import Any, Final

from django.utils import timezone

from benchmarks.load import Client, status_of
from benchmarks.requests import sign_request
from benchmarks.rounds import Result, Run, load_average
from benchmarks.rows import signature
from benchmarks.site import serve
from wagtail_pledge.signing.models import Statement
from wagtail_pledge.signing.services.suppression import suppress

REQUESTS_PER_STATE: Final = 400
STATES: Final = ("new", "pending", "confirmed", "withdrawn", "suppressed", "blocked")


def prepare_mailbox(state: str, statement: Statement, address: str) -> None:
    """Create a signature of ``address`` in ``state``; none for ``new``. ``blocked``: staff marked it as invalid."""
    if state == "suppressed":
        suppress(address)
    if state in {"new", "suppressed"}:
        return
    row = signature(statement, address)
    row.state = {"blocked": "confirmed"}.get(state, state)
    if state != "pending":
        row.confirmed_at = timezone.now()
    if state == "withdrawn":
        row.withdrawn_at = timezone.now()
    if state == "blocked":
        row.review = "invalid"
    row.save()


def mann_whitney(one: list[float], other: list[float]) -> float:
    """Return the two-sided p value of the Mann-Whitney U test (normal approximation, corrected for ties)."""
    pooled = sorted([(value, 0) for value in one] + [(value, 1) for value in other])
    n, m, total = len(one), len(other), len(one) + len(other)
    rank_sum, ties, start = 0.0, 0.0, 0
    while start < total:
        end = start
        while end < total and pooled[end][0] == pooled[start][0]:
            end += 1
        rank_sum += (start + 1 + end) / 2 * sum(1 for _value, which in pooled[start:end] if which == 0)
        ties += (end - start) ** 3 - (end - start)
        start = end
    u = rank_sum - n * (n + 1) / 2
    spread = math.sqrt(n * m / 12 * (total + 1 - ties / (total * (total - 1))))
    return math.erfc(abs(u - n * m / 2) / spread / math.sqrt(2)) if spread else 1.0


def timing(run: Run, each: int = REQUESTS_PER_STATE) -> Result:
    """B2: ``each`` requests per state, in random order, from one client: medians, their difference, and p values."""
    statement: Any = Statement.objects.select_related("signer_type__pledge").order_by("pk").first()
    requests = []
    for state in STATES:
        for _number in range(each):
            address = f"{state}-{secrets.token_hex(6)}@example.org"
            prepare_mailbox(state, statement, address)
            requests.append((state, sign_request(run.endpoints, email=address)))
    random.SystemRandom().shuffle(requests)
    times_ms: dict[str, list[float]] = {state: [] for state in STATES}
    with serve() as server:
        client = Client(server.port)
        for _number in range(40):
            client.exchange(sign_request(run.endpoints))
        for state, raw in requests:
            began = time.perf_counter()
            status = status_of(client.exchange(raw))
            times_ms[state].append((time.perf_counter() - began) * 1000)
            if status != 303:
                message = f"{state}: status {status}"
                raise RuntimeError(message)
        client.close()
    p_values = {state: round(mann_whitney(times_ms["new"], times_ms[state]), 6) for state in STATES[1:]}
    medians = {state: round(statistics.median(times), 3) for state, times in times_ms.items()}
    return {
        "median ms": medians,
        "difference of medians ms": round(max(medians.values()) - min(medians.values()), 3),
        "p against new": p_values,
        "smallest p": min(p_values.values()),
        "requests per state": each,
        "load average": load_average(),
    }
