"""B2: whether response times reveal if an address has signed before: of signing, and of correcting the address."""

from __future__ import annotations

import math
import random
import re
import secrets
import statistics
import time
from typing import Any, Final

from django.utils import timezone

from benchmarks.load import Client, status_of
from benchmarks.requests import form_request, sign_request
from benchmarks.rounds import Result, Run, load_average
from benchmarks.rows import signature
from benchmarks.site import serve
from wagtail_pledge.signing.models import Statement
from wagtail_pledge.signing.services.suppression import suppress

#: Requests per state and second of a round: 400 in a usual run.
REQUESTS_PER_SECOND: Final = 80
#: Requests before the measurement.
WARM_UP: Final = 40
STATES: Final = ("new", "pending", "confirmed", "withdrawn", "suppressed", "blocked")


def prepare_mailbox(state: str, statement: Statement, address: str) -> None:
    """Create a signature of ``address`` in ``state``. ``blocked``: staff marked it as invalid.

    None for ``new`` and ``suppressed``; ``pending`` is made by signing over HTTP.
    """
    if state == "suppressed":
        suppress(address)
    if state in {"new", "pending", "suppressed"}:
        return
    row = signature(statement, address)
    row.state, row.confirmed_at = "withdrawn" if state == "withdrawn" else "confirmed", timezone.now()
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


def _location(answer: bytes) -> str:
    """Return the URL that a redirect leads to. Raise ``RuntimeError`` for any other response."""
    head = answer.partition(b"\r\n\r\n")[0]
    found = re.search(rb"(?im)^location: (\S+)", head)
    if status_of(answer) != 303 or found is None:
        message = f"status {status_of(answer)} instead of a redirect"
        raise RuntimeError(message)
    return found[1].decode()


def _measure(client: Client, raw: bytes) -> tuple[float, str]:
    """Return how many milliseconds the response took, and where it leads."""
    began = time.perf_counter()
    answer = client.exchange(raw)
    return (time.perf_counter() - began) * 1000, _location(answer)


def _summary(times_ms: dict[str, list[float]]) -> Result:
    medians = {state: round(statistics.median(times), 3) for state, times in times_ms.items()}
    p_values = {state: round(mann_whitney(times_ms["new"], times_ms[state]), 6) for state in STATES[1:]}
    return {
        "median ms": medians,
        "difference of medians ms": round(max(medians.values()) - min(medians.values()), 3),
        "p against new": p_values,
        "smallest p": min(p_values.values()),
    }


def timing(run: Run) -> Result:
    """B2: many times per state, in random order, one after the other: sign with the address, then correct it.

    Each visitor comes from a network of its own. The corrected address is always new. Reports medians, their
    difference, and p values for both requests.
    """
    each = max(4, int(run.seconds * REQUESTS_PER_SECOND))
    statement: Any = Statement.objects.select_related("signer_type__pledge").order_by("pk").first()
    addresses = [(state, f"{state}-{secrets.token_hex(6)}@example.org") for state in STATES for _number in range(each)]
    random.SystemRandom().shuffle(addresses)
    signing: dict[str, list[float]] = {state: [] for state in STATES}
    correcting: dict[str, list[float]] = {state: [] for state in STATES}
    with serve() as server:
        client = Client(server.port)
        for state, address in addresses:
            prepare_mailbox(state, statement, address)
            if state == "pending":
                _measure(client, sign_request(run.endpoints, email=address))
        for _number in range(WARM_UP):
            _measure(client, sign_request(run.endpoints))
        for state, address in addresses:
            took, inbox = _measure(client, sign_request(run.endpoints, email=address))
            signing[state].append(took)
            corrected = {"email": f"corrected-{secrets.token_hex(6)}@example.org"}
            correcting[state].append(_measure(client, form_request(inbox, corrected))[0])
        client.close()
    return {
        "sign": _summary(signing),
        "correct": _summary(correcting),
        "requests per state": each,
        "load average": load_average(),
    }
