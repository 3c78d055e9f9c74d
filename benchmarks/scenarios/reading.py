"""P3, P4: what visitors read."""

from __future__ import annotations

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from benchmarks.rounds import Found, Run, interleaved, median_ratio, with_ratios
from benchmarks.site import served


def queries(path: str) -> int:
    """Return how many queries a GET costs a process that has served it before."""
    client = Client(SERVER_NAME="localhost")
    client.get(path)
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(path)
    if answer.status_code != 200:
        message = f"{path} answered {answer.status_code}"
        raise RuntimeError(message)
    return len(captured.captured_queries)


def page(run: Run) -> Found:
    """P3: the pledge page made anew, of the pledge that has the signatures and of one that has none; then from the
    shipped page cache.
    """
    with served() as server:
        found = interleaved(run, server, ["pledge page", "empty pledge page", "form page GET", "constant"])
    found = with_ratios(found, "pledge page")
    rounds = found["rounds"]
    found["ratios"]["form page GET / constant"] = median_ratio(rounds["form page GET"], rounds["constant"])
    found["queries"] = {"pledge page": queries(run.door.page), "empty pledge page": queries(run.door.empty_page)}
    with served(page_cache=True) as server:
        found["cached"] = with_ratios(interleaved(run, server, ["pledge page", "constant"]), "pledge page")
    return found


def count(run: Run) -> Found:
    """P4: count.json beside a constant."""
    with served() as server:
        found = with_ratios(interleaved(run, server, ["count", "constant"]), "count")
    return {**found, "queries": {"count": queries(run.door.count)}}
