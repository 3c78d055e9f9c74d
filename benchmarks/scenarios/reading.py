"""P3, P4: the pledge page and ``count.json``."""

from __future__ import annotations

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from benchmarks.rounds import Result, Run, median_ratio, run_interleaved, with_ratios
from benchmarks.site import serve


def count_queries(path: str) -> int:
    """Return the number of queries of a GET in a process that has served the path before."""
    client = Client(SERVER_NAME="localhost")
    client.get(path)
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(path)
    if answer.status_code != 200:
        message = f"{path} returned {answer.status_code}"
        raise RuntimeError(message)
    return len(captured.captured_queries)


def page(run: Run) -> Result:
    """P3: the pledge page of a pledge with signatures and of one without, not cached; then with the page cache."""
    with serve() as server:
        result = run_interleaved(run, server, ["pledge page", "empty pledge page", "form page GET", "constant"])
    result = with_ratios(result, "pledge page")
    rounds = result["rounds"]
    result["ratios"]["form page GET / constant"] = median_ratio(rounds["form page GET"], rounds["constant"])
    result["queries"] = {
        "pledge page": count_queries(run.endpoints.page),
        "empty pledge page": count_queries(run.endpoints.empty_page),
    }
    with serve(page_cache=True) as server:
        result["cached"] = with_ratios(run_interleaved(run, server, ["pledge page", "constant"]), "pledge page")
    return result


def count(run: Run) -> Result:
    """P4: ``count.json`` compared with a constant response."""
    with serve() as server:
        result = with_ratios(run_interleaved(run, server, ["count", "constant"]), "count")
    return {**result, "queries": {"count": count_queries(run.endpoints.count)}}
