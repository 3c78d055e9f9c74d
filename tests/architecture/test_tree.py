"""What must not be committed: places and words of the machine it was written on, addresses of registries."""

from __future__ import annotations

import re
from typing import Final

from tests.architecture.tree import relative, tracked_files

TEXT: Final = {
    ".cfg",
    ".css",
    ".csv",
    ".html",
    ".js",
    ".json",
    ".md",
    ".po",
    ".py",
    ".sh",
    ".toml",
    ".txt",
    ".yaml",
    ".yml",
    "",
}
#: A home or a workspace of somebody's machine. Written apart, so that this file does not find itself.
PLACES: Final = re.compile(
    r"(?<![\w.])/(?:" + "|".join(("ro" + "ot", "ho" + "me", "wo" + "rk", "Us" + "ers")) + r")/\w"
)
#: Talk about how the work was organised means nothing to who reads the code later.
TALK: Final = re.compile(r"\b(?:issue" + r" \d|helper" + r" H\d|the le" + r"ad's|Cla" + r"ude|sub" + r"agent)\b")
REGISTRIES: Final = re.compile(r"--(?:extra-)?index" + r"-url|find-" + r"links|://[\w.]*(?:pypi|registry\.npmjs)")


def _found(pattern: re.Pattern[str]) -> list[str]:
    hits = []
    for path in tracked_files():
        if path.suffix in TEXT:
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
            hits += [f"{relative(path)}:{number}" for number, line in enumerate(lines, 1) if pattern.search(line)]
    return hits


def test_no_path_of_a_machine() -> None:
    assert _found(PLACES) == []


def test_no_talk_of_the_workplace() -> None:
    assert _found(TALK) == []


def test_no_address_of_a_registry() -> None:
    assert _found(REGISTRIES) == []


def test_nothing_that_is_made_is_committed() -> None:
    made = {".mypy_cache", "__pycache__", "node_modules", "var", "_build", ".cache"}
    assert [name for name in map(relative, tracked_files()) if made & set(name.split("/"))] == []
