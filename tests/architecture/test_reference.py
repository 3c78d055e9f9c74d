"""The reference pages list exactly the names that a site may use."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.dispatch import Signal
from django.utils.module_loading import import_string

from tests.architecture.tree import PACKAGE, REFERENCE, python_files
from wagtail_pledge.conf import DEFAULTS, PREFIX, get_setting


def _constants(tree: ast.AST) -> list[str]:
    return [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]


def _trees() -> list[ast.Module]:
    return [ast.parse(path.read_text(encoding="utf-8")) for path in python_files()]


def settings() -> set[str]:
    """Ours, and the one that swapper reads."""
    return {PREFIX + name for name in (*DEFAULTS, "SIGNATURE_MODEL")}


def hooks() -> set[str]:
    """Names that are asked for or offered through Wagtail's hooks and are ours."""
    return {text for tree in _trees() for text in _constants(tree) if re.fullmatch(r"register_pledge_\w+", text)}


def signals() -> set[str]:
    """Module-level ``name = Signal()`` anywhere in the package."""
    found = set()
    for tree in _trees():
        for node in tree.body:
            value = getattr(node, "value", None)
            if isinstance(value, ast.Call) and getattr(value.func, "id", "") == Signal.__name__:
                targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
                found |= {target.id for target in targets if isinstance(target, ast.Name)}
    return found


def checks() -> set[str]:
    return {text for tree in _trees() for text in _constants(tree) if re.fullmatch(r"wagtail_pledge\.[EWI]\d{3}", text)}


def commands() -> set[str]:
    folder = PACKAGE / "management" / "commands"
    return {path.stem for path in folder.glob("*.py") if not path.stem.startswith("_")}


def blocks() -> set[str]:
    """Every type that an editor can put into a body."""
    body: Any = import_string(get_setting("BODY_BLOCKS"))()
    return set(body.child_blocks)


def properties() -> set[str]:
    """Every custom property that the stylesheets set."""
    sheets = (PACKAGE / "stylesheets").glob("*.css")
    return {name for sheet in sheets for name in re.findall(r"(--pledge-[\w-]+):", sheet.read_text(encoding="utf-8"))}


@pytest.mark.parametrize(
    ("page", "names"),
    [
        ("settings", settings),
        ("hooks", hooks),
        ("signals", signals),
        ("checks", checks),
        ("commands", commands),
        ("blocks", blocks),
        ("theming", properties),
    ],
)
def test_every_name_is_documented(page: str, names: Callable[[], set[str]]) -> None:
    text = (REFERENCE / f"{page}.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"^#+ .*?`([^`\s]+)", text, flags=re.MULTILINE))
    documented |= set(re.findall(r"^\| `([^`\s]+)", text, flags=re.MULTILINE))
    assert names() - documented == set(), f"docs/reference/{page}.md does not explain these"
    assert documented - names() == set(), f"docs/reference/{page}.md explains what does not exist"
