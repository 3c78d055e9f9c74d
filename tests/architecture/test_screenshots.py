"""The documentation's screenshots: the script, the stored files and the page that shows them agree."""

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
PAGE: Final = ROOT / "docs" / "editors" / "screenshots.md"
#: Screenshots whose names begin with a number, and the window width that each number requires.
NUMBERED: Final = {1: 390, 2: 320, 3: 390, 4: 390, 5: 390, 6: 1280, 7: 1280, 8: 1280, 9: 1440, 10: 390}
MAX_BYTES: Final = 6_000_000


def declared() -> dict[str, int]:
    """Return the names and widths that ``sizes.py`` declares."""
    [value] = [
        node.value
        for node in ast.parse((FOLDER / "sizes.py").read_text(encoding="utf-8")).body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id == "WIDTHS"
    ]
    assert value is not None
    found: dict[str, int] = ast.literal_eval(value)
    return found


def taken() -> set[str]:
    """Return the declared names that the scripts take; ``save_screenshot`` refuses any other name."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*_screenshots.py"))]
    constants = {node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    return {value for value in constants if isinstance(value, str)} & set(declared())


def stored() -> list[Path]:
    return sorted(FOLDER.glob("*.png"))


def test_the_scripts_take_every_declared_screenshot() -> None:
    assert taken() == set(declared())


def test_the_folder_holds_exactly_the_declared_screenshots() -> None:
    assert sorted(path.stem for path in stored()) == sorted(declared())


def test_the_page_shows_each_screenshot_once() -> None:
    shown = re.findall(r"\]\(\.\./screenshots/([\w-]+)\.png\)", PAGE.read_text(encoding="utf-8"))
    assert sorted(shown) == sorted(declared())


def test_each_screenshot_has_its_declared_width() -> None:
    widths = {}
    for path in stored():
        with Image.open(path) as screenshot:
            widths[path.stem] = screenshot.width
    assert widths == declared()


@pytest.mark.parametrize("number", NUMBERED)
def test_each_number_has_screenshots_of_its_width(number: int) -> None:
    found = {name: width for name, width in declared().items() if name.startswith(f"{number:02d}-")}
    assert found
    assert set(found.values()) == {NUMBERED[number]}


def test_number_eight_shows_both_errors() -> None:
    assert {"08-organization-error", "08-logo-error"} <= set(declared())


def test_the_screenshots_stay_small() -> None:
    assert sum(path.stat().st_size for path in stored()) <= MAX_BYTES
