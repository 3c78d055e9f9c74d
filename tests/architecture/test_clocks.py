"""Times are taken from the database clock: the clocks of application hosts can differ."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path
from typing import Final

import pytest

from tests.architecture.tree import PACKAGE, TEMPLATES, python_files

#: Functions that return the host's time, by the last two parts of their name.
CLOCKS: Final = {
    *(f"timezone.{name}" for name in ("now", "localtime", "localdate")),
    *(f"datetime.{name}" for name in ("now", "utcnow", "today")),
    *("date.today", "time.time", "time.time_ns", "time.localtime", "time.gmtime"),
}
#: Field options by which Django stores the host's time.
STAMPS: Final = {"auto_now", "auto_now_add"}
#: Allowed uses of the host's clock: how many, and why.
ALLOWED: Final = {
    "signing/services/statement_cache.py time.time": (1, "only compared with the monotonic clock"),
    "core/db.py timezone.now": (1, "SQLite runs in the process, so it has the same clock"),
    "testing/factories.py timezone.now": (2, "tests of a site may freeze the clock of their process"),
    "treaties/models.py auto_now": (1, "only invalidates caches; no signature depends on it"),
    "treaties/models.py auto_now_add": (1, "shown in the log of imports"),
    "treaties/importing/serialization.py timezone.now": (1, "the column of auto_now above"),
    "treaties/importing/validation.py timezone.localdate": (1, "rejects a future date entered by an editor"),
    "treaties/display/related.py timezone.localdate": (2, "status as of today: depositaries publish by the day"),
    "treaties/status.py timezone.localdate": (1, "status as of today"),
    "campaigns/context/treaty.py timezone.localdate": (1, "status as of today"),
    "admin/treaties/reports.py timezone.localdate": (1, "facts that were not reviewed for days"),
}


def _dotted_name(node: ast.AST) -> str:
    """Return ``a.b`` for an attribute ``b`` of something whose name ends in ``a``."""
    if not isinstance(node, ast.Attribute):
        return ""
    owner = node.value
    name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
    return f"{name}.{node.attr}"


def _imported_clocks(node: ast.AST) -> list[str]:
    """Return the clocks that ``from … import`` brings in under a bare name."""
    if not isinstance(node, ast.ImportFrom):
        return []
    module = (node.module or "").rpartition(".")[2]
    return [f"{module}.{alias.name}" for alias in node.names if f"{module}.{alias.name}" in CLOCKS]


def clocks_in(source: str) -> list[str]:
    """Return every use of the host's clock in a module, called or passed on."""
    found: list[str] = []
    for node in ast.walk(ast.parse(source)):
        if _dotted_name(node) in CLOCKS:
            found.append(_dotted_name(node))
        found += _imported_clocks(node)
        if isinstance(node, ast.keyword) and node.arg in STAMPS:
            found.append(node.arg)
    return found


def _uses() -> Counter[str]:
    return Counter(
        f"{path.relative_to(PACKAGE).as_posix()} {clock}"
        for path in python_files()
        for clock in clocks_in(path.read_text(encoding="utf-8"))
    )


@pytest.mark.requirement("A9", "F15")
def test_the_hosts_clock_is_read_only_where_allowed() -> None:
    assert _uses() == {use: number for use, (number, _reason) in ALLOWED.items()}


@pytest.mark.requirement("A9")
def test_no_template_reads_the_hosts_clock() -> None:
    asks = re.compile(r"{%-?\s*now\b")
    hits = [path.name for path in Path(TEMPLATES).rglob("*") if path.is_file() and asks.search(path.read_text("utf-8"))]
    assert hits == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("timezone.now()", ["timezone.now"]),
        ("field(default=timezone.now)", ["timezone.now"]),
        ("dt.datetime.now(dt.UTC)", ["datetime.now"]),
        ("datetime.date.today()", ["date.today"]),
        ("from time import time", ["time.time"]),
        ("from django.utils.timezone import now", ["timezone.now"]),
        ("DateTimeField(auto_now=True)", ["auto_now"]),
        ("Now()\ndatabase_now()\ntime.monotonic()\nself.now", []),
    ],
)
def test_clocks_are_found_by_name(source: str, found: list[str]) -> None:
    assert clocks_in(source) == found
