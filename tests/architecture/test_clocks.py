"""Times are taken from the database clock: the clocks of application hosts can differ."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path
from typing import Final

import pytest

from tests.architecture.tree import PACKAGE, TEMPLATES, python_files

#: What tells the time of the host, by the last two words of the name.
CLOCKS: Final = {
    *(f"timezone.{name}" for name in ("now", "localtime", "localdate")),
    *(f"datetime.{name}" for name in ("now", "utcnow", "today")),
    *("date.today", "time.time", "time.time_ns", "time.localtime", "time.gmtime"),
}
#: Django's own ways to stamp a row with the host's time.
STAMPS: Final = {"auto_now", "auto_now_add"}
#: Everything that may ask the host's clock: how often, and why. Of the signing core, nothing.
ALLOWED: Final = {
    "core/db.py timezone.now": (1, "SQLite runs inside the process: its clock is ours"),
    "testing/factories.py timezone.now": (3, "a site's own test may stop the clock of its process"),
    "treaties/models.py auto_now": (1, "tells caches that something changed; nothing is signed by it"),
    "treaties/models.py auto_now_add": (1, "shown in the log of imports"),
    "treaties/importing/serialization.py timezone.now": (1, "the column of auto_now above"),
    "treaties/importing/validation.py timezone.localdate": (1, "a day, typed by an editor, that must not be to come"),
    "treaties/display/related.py timezone.localdate": (2, "status as of today: depositaries publish by the day"),
    "treaties/status.py timezone.localdate": (1, "status as of today"),
    "campaigns/context/treaty.py timezone.localdate": (2, "status as of today"),
    "admin/treaties/reports.py timezone.localdate": (1, "facts that nobody looked at for days"),
}


def _words(node: ast.AST) -> str:
    """Return ``a.b`` for an attribute ``b`` of something whose name ends in ``a``."""
    if not isinstance(node, ast.Attribute):
        return ""
    owner = node.value
    name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
    return f"{name}.{node.attr}"


def _imported(node: ast.AST) -> list[str]:
    """Return the clocks that ``from … import`` brings in under a bare name."""
    if not isinstance(node, ast.ImportFrom):
        return []
    module = (node.module or "").rpartition(".")[2]
    return [f"{module}.{alias.name}" for alias in node.names if f"{module}.{alias.name}" in CLOCKS]


def clocks_in(source: str) -> list[str]:
    """Return every use of the host's clock in a module, called or handed on."""
    found: list[str] = []
    for node in ast.walk(ast.parse(source)):
        if _words(node) in CLOCKS:
            found.append(_words(node))
        found += _imported(node)
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
def test_nothing_new_asks_the_clock_of_the_host() -> None:
    assert _uses() == {use: number for use, (number, _reason) in ALLOWED.items()}


@pytest.mark.requirement("A9")
def test_no_template_asks_the_clock_of_the_host() -> None:
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
def test_a_clock_is_known_by_its_name(source: str, found: list[str]) -> None:
    assert clocks_in(source) == found
