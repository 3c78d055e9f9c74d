"""One tiny run of the benchmarks from the database to the table; its figures mean nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.table import BEGIN, END
from tests.databases import ROOT


@pytest.mark.requirement("P1")
def test_a_tiny_run_writes_results_and_the_table(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"{BEGIN}\n{END}\n")
    size = ["--signatures", "50", "--seconds", "0.2", "--rounds", "1"]
    places = ["--results", str(tmp_path / "results"), "--page", str(page)]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "P1", *size, *places],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads((tmp_path / "results" / "P1.json").read_text())
    kinds = {"sign", "form page", "same statements", "one insert", "constant"}
    assert set(found["per second"]) == kinds
    assert all(rate > 0 for rate in found["per second"].values())
    assert set(found["ratios"]) == {f"sign / {kind}" for kind in kinds - {"sign"}}
    assert found["signatures"] == 50
    assert (
        f"| P1 | accept a signature / Wagtail form page | {found['ratios']['sign / form page']:g} | ≥ 5 |"
        in page.read_text()
    )
