"""The pictures of the docs: what is taken, what is stored and what is shown are the same, each in its window."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Final

import pytest
from PIL import Image

from tests.architecture.tree import ROOT

pytestmark = pytest.mark.requirement("X6")

FOLDER: Final = ROOT / "docs" / "screenshots"
SHOWN: Final = ROOT / "docs" / "editors" / "pictures.md"
#: The rows of the table of pictures to check that show a visitor, and the window that each asks for.
ROWS: Final = {1: 390, 2: 320, 3: 390, 4: 390, 5: 390, 6: 1280, 7: 1280, 8: 1280, 9: 1440, 10: 390}
MAX_BYTES: Final = 6_000_000


def declared() -> dict[str, int]:
    """The names and widths that the script holds itself to."""
    [value] = [
        node.value
        for node in ast.parse((FOLDER / "pictures.py").read_text(encoding="utf-8")).body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id == "PICTURES"
    ]
    assert value is not None
    found: dict[str, int] = ast.literal_eval(value)
    return found


def named() -> set[str]:
    """The pictures that the sessions name; ``shot`` itself refuses a name that is not declared."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("sessions_*.py"))]
    words = {node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    return {word for word in words if isinstance(word, str)} & set(declared())


def pictures() -> list[Path]:
    return sorted(FOLDER.glob("*.png"))


def test_the_script_takes_each_picture_that_it_declares() -> None:
    assert named() == set(declared())


def test_the_folder_holds_what_the_script_takes() -> None:
    assert sorted(path.stem for path in pictures()) == sorted(declared())


def test_the_guide_shows_each_of_them_once() -> None:
    shown = re.findall(r"\]\(\.\./screenshots/([\w-]+)\.png\)", SHOWN.read_text(encoding="utf-8"))
    assert sorted(shown) == sorted(declared())


def test_each_is_as_wide_as_its_window() -> None:
    widths = {}
    for path in pictures():
        with Image.open(path) as picture:
            widths[path.stem] = picture.width
    assert widths == declared()


@pytest.mark.parametrize("row", ROWS)
def test_each_row_of_the_table_has_its_picture(row: int) -> None:
    found = {name: width for name, width in declared().items() if name.startswith(f"{row:02d}-")}
    assert found
    assert set(found.values()) == {ROWS[row]}


def test_row_eight_shows_both_errors() -> None:
    assert {"08-organization-error", "08-logo-error"} <= set(declared())


def test_the_docs_stay_small() -> None:
    assert sum(path.stat().st_size for path in pictures()) <= MAX_BYTES
