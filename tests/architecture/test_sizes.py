"""Rooms that stay liveable: small files, short functions, imports where they belong."""

from __future__ import annotations

import ast
from statistics import median
from typing import Final

from tests.architecture.tree import functions, length, python_files, relative

MAX_FILE: Final = 300
MAX_FUNCTION: Final = 50
MEDIAN_FUNCTION: Final = 8


def test_files_are_under_300_lines() -> None:
    sizes = {relative(path): len(path.read_text(encoding="utf-8").splitlines()) for path in python_files()}
    assert {path: lines for path, lines in sizes.items() if lines >= MAX_FILE} == {}


def test_functions_are_short() -> None:
    lengths = [(f"{relative(path)}:{node.name}", length(node)) for path, node in functions()]
    assert [entry for entry in lengths if entry[1] > MAX_FUNCTION] == []
    assert median(lines for _name, lines in lengths) <= MEDIAN_FUNCTION


def test_no_import_hides_in_a_function() -> None:
    """``AppConfig.ready`` is Django's own place for the imports that need every app loaded."""
    hidden = [
        f"{relative(path)}:{inner.lineno}"
        for path, node in functions()
        if not (path.name == "apps.py" and node.name == "ready")
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    assert hidden == []
