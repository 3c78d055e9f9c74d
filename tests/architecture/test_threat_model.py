"""The threat model names tests that exist, at least one for each promise."""

from __future__ import annotations

import re
from typing import Final

from tests.architecture.tree import ROOT

PAGE: Final = ROOT / "docs" / "explanation" / "threat-model.md"


def test_each_promise_has_tests_that_exist() -> None:
    _before, _heading, promises = PAGE.read_text("utf-8").partition("## Promises and their tests")
    promises, _heading, _after = promises.partition("## What is stored")
    rows = [line for line in promises.splitlines() if line.startswith("| ") and not line.startswith("| Promise")]
    assert len(rows) > 20
    for row in rows:
        named = re.findall(r"`((?:tests|benchmarks)/[\w/.]+)`", row)
        assert named, row
        assert [path for path in named if not (ROOT / path).exists()] == []
