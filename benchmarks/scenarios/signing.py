"""P1, P2, P5: accepting a signature, many clients on one pledge, confirming."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from benchmarks.fill import fill
from benchmarks.load import forwarded_for
from benchmarks.requests import confirm_requests, same_confirm_requests, sign_data
from benchmarks.rounds import WARM_UP, RequestBenchmark, Result, Run, run_interleaved, run_rounds, with_ratios
from benchmarks.site import Endpoints, serve
from wagtail_pledge.signing.models import Submission


def statements_of_signing(endpoints: Endpoints) -> int:
    """Return the number of SQL statements of a POST in a process that has served one before."""
    client = Client(headers={"X-Forwarded-For": forwarded_for()})
    client.post(endpoints.sign, sign_data(endpoints))
    with CaptureQueriesContext(connection) as captured:
        answer = client.post(endpoints.sign, sign_data(endpoints))
    if answer.status_code != 303:
        message = f"signing answered {answer.status_code}"
        raise RuntimeError(message)
    return len(captured.captured_queries)


def accept(run: Run) -> Result:
    """P1: accepting a signature, compared with a Wagtail form page and four minimal views."""
    names = ["sign", "form page", "same row", "form and same row", "one insert", "constant"]
    with serve() as server:
        result = with_ratios(run_interleaved(run, server, names), "sign")
    return {**result, "statements": {"sign": statements_of_signing(run.endpoints)}}


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
    """P5: confirming, compared with a minimal view that runs its statements, and with signing."""
    each = max(20, int(run.seconds * 150))
    needed = 2 * (each * run.rounds + 2 * WARM_UP)
    fill(needed, "pending")
    waiting = open_submissions(needed)
    with serve() as server:
        benchmarks = {
            "confirm": RequestBenchmark(
                run, server, "confirm", batch=lambda size: confirm_requests(islice(waiting, size)), size=each
            ),
            "same confirm": RequestBenchmark(
                run, server, "same confirm", batch=lambda size: same_confirm_requests(islice(waiting, size)), size=each
            ),
            "sign": RequestBenchmark(run, server, "sign"),
        }
        result = run_rounds(benchmarks, run.rounds)
    return with_ratios(result, "confirm")


def open_submissions(limit: int) -> Iterator[Submission]:
    """Return the ``limit`` newest open submissions. Raise ``RuntimeError`` if there are fewer."""
    waiting = list(Submission.objects.open().order_by("-created_at", "pk")[:limit])
    if len(waiting) < limit:
        message = f"only {len(waiting)} of {limit} submissions are open"
        raise RuntimeError(message)
    return iter(waiting)
