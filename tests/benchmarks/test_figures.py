"""The figures of the benchmarks: ratios, the statistical test, the delay of counts, and the published tables."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from benchmarks.rounds import median_ratio, with_ratios
from benchmarks.scenarios import SCENARIOS
from benchmarks.scenarios.tallying import CountDelay
from benchmarks.scenarios.timing import mann_whitney
from benchmarks.table import BEGIN, END, TARGETS, Target, read, tables, write

P1: dict[str, Any] = {
    "per second": {"sign": 500.0, "form page": 90.0},
    "ratios": {"sign / form page": 5.5, "sign / same row": 0.4, "sign / one insert": 0.3},
    "signatures": 1_000_000,
    "load average": 1.5,
    "database": {"server_version": "15.1", "fsync": "on", "shared_buffers": "1GB", "commit ms": 1.2},
}


def test_a_ratio_is_the_median_of_the_rounds_ratios() -> None:
    assert median_ratio([10, 1, 30], [5, 1, 10]) == 2.0
    result = with_ratios({"rounds": {"sign": [10, 20], "constant": [100, 100]}}, "sign")
    assert result["ratios"] == {"sign / constant": 0.15}


@pytest.mark.requirement("B2")
@pytest.mark.parametrize(
    ("one", "other", "p"),
    [
        # Worked by hand: U = 0, mean 12.5, spread √(25/12 · 11) = 4.787
        ([1, 2, 3, 4, 5], [6, 7, 8, 9, 10], 0.00902),
        # All ranks tied
        ([1, 1, 1], [1, 1, 1], 1.0),
        # U = 5 of 12, a tie of two: spread √(12/12 · (8 - 6/42)) = 2.8031
        ([1, 2, 4], [2, 3, 5, 0], 0.8584),
    ],
)
def test_mann_whitney_p_value(one: list[float], other: list[float], p: float) -> None:
    assert mann_whitney(one, other) == pytest.approx(p, abs=0.0005)
    assert mann_whitney(other, one) == pytest.approx(p, abs=0.0005)


def test_the_delay_of_a_count_starts_when_the_next_signature_is_confirmed(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(100))
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    delay = CountDelay(10)
    delay.confirmed()  # 11 at 0
    delay.confirmed()  # 12 at 1
    delay.shown(12)
    delay.shown(11)  # at 2
    delay.shown(10)  # at 3
    assert delay.seconds == [0.0, 1, 3]


def test_every_scenario_has_a_target_and_every_target_a_scenario() -> None:
    assert {target.scenario for target in TARGETS} == set(SCENARIOS)


@pytest.mark.parametrize(
    ("figure", "verdict"),
    [(None, "not measured"), (0.89, "**missed**"), (0.9, "met"), (1.1, "met"), (1.2, "**missed**")],
)
def test_verdict_of_a_figure(figure: float | None, verdict: str) -> None:
    assert Target("P3", "", (), minimum=0.9, maximum=1.1).verdict(figure) == verdict
    assert Target("P3", "", ()).verdict(1) == ""


def test_the_tables_show_what_was_met_missed_and_not_measured() -> None:
    rows = tables({"P1": P1}).splitlines()
    assert "| P1 | accept a signature / Wagtail form page | 5.5 | ≥ 4 | met |" in rows
    of_same_row = "| P1 | accept a signature / minimal view, one INSERT of the same row | 0.4 | ≥ 0.6 | **missed** |"
    assert of_same_row in rows
    assert "| P2 | rows that were updated | – | ≤ 0 | not measured |" in rows
    assert "| P1 | 1,000,000 | 1.5 | per second: sign 500.0, form page 90.0; commit ms: 1.2 |" in rows


def test_the_tables_name_the_servers_settings_once() -> None:
    rows = tables({"P1": P1, "P2": {**P1, "database": {**P1["database"], "commit ms": 9}}}).splitlines()
    server = "PostgreSQL 15.1 with `fsync = on`, `shared_buffers = 1GB`."
    assert [row for row in rows if row.startswith("PostgreSQL")] == [server]


def test_write_replaces_only_the_figures_of_the_page(tmp_path: Path) -> None:
    results, page = tmp_path / "results", tmp_path / "page.md"
    results.mkdir()
    (results / "P1.json").write_text(json.dumps(P1))
    page.write_text(f"Before\n\n{BEGIN}\nold\n{END}\n\nAfter\n")
    for _time in range(2):
        write(page, read(results))
    text = page.read_text()
    assert text == f"Before\n\n{BEGIN}\n\n{tables({'P1': P1})}\n{END}\n\nAfter\n"


def test_a_page_without_markers_is_an_error(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("Nothing")
    with pytest.raises(ValueError, match="no markers"):
        write(page, {})
