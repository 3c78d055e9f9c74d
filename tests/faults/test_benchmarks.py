"""One tiny run of the benchmarks; its times mean nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.database import GUARANTEES
from benchmarks.scenarios.timing import STATES
from benchmarks.table import BEGIN, END
from tests.databases import ROOT

KINDS = {"sign", "form page", "same row", "form and same row", "one insert", "constant"}


def _run(*arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.requirement("P1", "P5", "B2")
def test_a_tiny_run_writes_results_and_the_table(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"{BEGIN}\n{END}\n")
    size = ["--signatures", "50", "--seconds", "0.2", "--rounds", "1"]
    _run("P1", "P5", "P10", "B2", *size, "--results", str(tmp_path / "results"), "--page", str(page))
    found = {path.stem: json.loads(path.read_text()) for path in (tmp_path / "results").iterdir()}
    _check_signing(found["P1"])
    assert set(found["P5"]["ratios"]) == {"confirm / same confirm", "confirm / sign"}
    assert found["P10"]["per second"]["2 workers"] > 0
    for request in ("sign", "correct"):
        assert set(found["B2"][request]["median ms"]) == set(STATES)
    ratio = found["P1"]["ratios"]["sign / form page"]
    assert f"| P1 | accept a signature / Wagtail form page | {ratio:g} | ≥ 4 |" in page.read_text()


def _check_signing(found: dict[str, Any]) -> None:
    assert set(found["per second"]) == KINDS
    assert all(rate > 0 for rate in found["per second"].values())
    assert set(found["ratios"]) == {f"sign / {kind}" for kind in KINDS - {"sign"}}
    assert found["statements"] == {"sign": 1}
    assert found["signatures"] == 50
    assert {found["database"][name] for name in GUARANTEES} == {"on"}
    assert found["database"]["shared_buffers"] == "1GB"


@pytest.mark.requirement("P1")
def test_the_stages_of_signing_are_all_timed(tmp_path: Path) -> None:
    _run("cost", "--results", str(tmp_path))
    milliseconds = json.loads((tmp_path / "cost.json").read_text())
    assert all(value > 0 for value in milliseconds.values())
    assert milliseconds["one INSERT"] < milliseconds["the view"] < milliseconds["request"]
