"""Reading figures from a Lighthouse report."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.scenarios.lighthouse import CATEGORIES, METRICS, figures, medians

pytestmark = pytest.mark.requirement("P12")


def report(**metrics: float) -> dict[str, Any]:
    audits: dict[str, Any] = {audit: {"numericValue": metrics.get(audit, 0)} for audit in METRICS.values()}
    urls = ("http://127.0.0.1/en/ratify/", "http://127.0.0.1/static/pledge.css", "data:image/svg+xml,…")
    audits["network-requests"] = {"details": {"items": [{"url": url} for url in urls]}}
    return {"categories": {name: {"score": 0.97} for name in CATEGORIES}, "audits": audits}


def test_scores_are_percentages_and_data_urls_are_not_counted_as_requests() -> None:
    result = figures(report(**{"cumulative-layout-shift": 0.01249, "largest-contentful-paint": 1387.7102}))
    assert result == {
        **dict.fromkeys(CATEGORIES, 97),
        "LCP ms": 1387.71,
        "TBT ms": 0,
        "CLS": 0.012,
        "bytes": 0,
        "requests": 2,
    }


def test_the_median_ignores_one_slow_run() -> None:
    runs = [figures(report(**{"total-blocking-time": value})) for value in (20, 900, 30)]
    assert medians(runs)["TBT ms"] == 30
