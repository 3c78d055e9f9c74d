"""Code examples in the README, the tutorial and the how-to guides parse and import public modules only."""

from __future__ import annotations

import ast
import re
from importlib import import_module
from pathlib import Path
from typing import Final

import pytest

from tests.architecture.tree import ROOT, relative

#: The facades, and the packages that integrators import from.
PUBLIC: Final = {
    "wagtail_pledge.blocks",
    "wagtail_pledge.kinds",
    "wagtail_pledge.middleware",
    "wagtail_pledge.database",
    "wagtail_pledge.models",
    "wagtail_pledge.pages.models",
    "wagtail_pledge.questions",
    "wagtail_pledge.services",
    "wagtail_pledge.signals",
    "wagtail_pledge.testing.factories",
}
GUIDES: Final = [
    path
    for path in (
        ROOT / "README.md",
        *sorted((ROOT / "docs").glob("tutorial/*.md")),
        *sorted((ROOT / "docs").glob("howto/*.md")),
    )
    if "```python" in path.read_text(encoding="utf-8")
]


def _examples(path: Path) -> list[ast.Module]:
    blocks = re.findall(
        r"^( *)```python\n(.*?)^ *```$", path.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE
    )
    return [
        ast.parse(re.sub(rf"^{indent}", "", code, flags=re.MULTILINE).replace("…", "...")) for indent, code in blocks
    ]


@pytest.mark.parametrize("path", GUIDES, ids=relative)
def test_examples_import_public_modules_only(path: Path) -> None:
    examples = _examples(path)
    assert examples
    imported = {
        node.module or ""
        for tree in examples
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "wagtail_pledge"
    }
    assert imported - PUBLIC == set()


@pytest.mark.parametrize("path", GUIDES, ids=relative)
def test_examples_import_public_names_only(path: Path) -> None:
    imported = {
        (node.module, alias.name)
        for tree in _examples(path)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module in PUBLIC
        for alias in node.names
    }
    assert {(module, name) for module, name in imported if name not in import_module(module).__all__} == set()


def test_guides_with_imports_are_found() -> None:
    names = {path.name for path in GUIDES}
    assert {"custom-pages.md", "custom-signer-kind.md", "production.md", "README.md"} <= names
