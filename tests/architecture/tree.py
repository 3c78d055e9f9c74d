"""Paths and source files of the project, for the architecture tests."""

from __future__ import annotations

import ast
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent.parent
PACKAGE: Final = ROOT / "wagtail_pledge"
TEMPLATES: Final = PACKAGE / "templates"
REFERENCE: Final = ROOT / "docs" / "reference"

Function = ast.FunctionDef | ast.AsyncFunctionDef


def relative(path: Path) -> str:
    """Return the path relative to the project root."""
    return path.relative_to(ROOT).as_posix()


def python_files() -> list[Path]:
    """Return the package's Python files without migrations."""
    return [path for path in sorted(PACKAGE.rglob("*.py")) if "migrations" not in path.parts]


def functions() -> Iterator[tuple[Path, Function]]:
    """Yield every function of the package, methods and nested ones too."""
    for path in python_files():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, Function):
                yield path, node


def length(node: Function) -> int:
    """Return the lines of a function from its ``def`` to its end, without the docstring."""
    docstring = node.body[0] if ast.get_docstring(node) is not None else None
    taken = (docstring.end_lineno or 0) - docstring.lineno + 1 if docstring else 0
    return (node.end_lineno or node.lineno) - node.lineno + 1 - taken


def tracked_files() -> list[Path]:
    """Return tracked files and new files that are not ignored."""
    git = shutil.which("git")
    assert git, "git is needed to list the tree"
    command = [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]
