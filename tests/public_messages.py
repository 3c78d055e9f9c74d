"""Finds the messages that visitors and signers see: all those of the code but the ones that only staff see.

New code counts as public until its path or name is listed here.
"""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

from tests.architecture.tree import PACKAGE
from tests.catalogues import Key, blocks, entry_of

IGNORED: Final = shutil.ignore_patterns("__pycache__", "static", "migrations", "*.mo")
#: Files whose messages only staff or developers see.
ADMIN_PATHS: Final = (
    "admin/",
    "apps.py",
    "blocks/",  # labels and help texts of the editor; what blocks show is in their templates
    "campaigns/editor/",
    "campaigns/optional_fields.py",
    "campaigns/page_types/",
    "campaigns/theme.py",
    "checks.py",
    "delivery/models.py",
    "management/",
    "pages/apps.py",
    "signing/goals.py",
    "signing/messages.py",
    "signing/models/",
    "signing/services/approval.py",
    "signing/services/bulk_review.py",
    "signing/services/link_renewal.py",
    "signing/services/logos.py",
    "signing/services/pledges.py",
    "signing/services/sources.py",
    "templates/wagtail_pledge/admin/",
    "templates/wagtail_pledge/blocks/preview/",
    "templates/wagtail_pledge/pages/mail_preview.html",
    "treaties/errors.py",
    "treaties/importing/",
    "treaties/models.py",
    "treaties/sources/",
)
#: Names in other files, as ``path:class.attribute`` or ``path:call(keyword``; ``*`` is any class or path.
ADMIN_NAMES: Final = tuple(
    re.compile(pattern)
    for pattern in (
        r"signing/enums\.py:(?!Display\b).*",
        r"signing/kinds/.*:.*FieldSwitch\(cost\b.*",
        r"signing/kinds/optional_fields\.py:FieldRequirement\b.*",
        r"signing/questions/.*:\w+\.(label|description)\b.*",
        r"treaties/enums\.py:(_COUNT_LABELS|StateKind|AliasKind|EffectRule|ImportState|Confidence|FactKind)\b.*",
    )
)
#: What blocks show in the editor's preview instead of nothing.
_PREVIEW_NOTE: Final = re.compile(r'request\.is_preview[^%]*%}<p class="[\w-]+">(.*?)</p>')
_TRANSLATED: Final = re.compile(r'{% translate "([^"]+)"')
_REFERENCE: Final = re.compile(r"^#: (.*)$", re.MULTILINE)


def extract_messages(folder: Path) -> Path:
    """Copy the package into ``folder``, run ``makemessages`` there and return the new Spanish catalogue."""
    copy = folder / PACKAGE.name
    shutil.copytree(PACKAGE, copy, ignore=IGNORED)
    command = [sys.executable, "-m", "django", "makemessages", "--locale=es", "--no-obsolete", "--no-wrap"]
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "warning" not in done.stderr, done.stderr
    return copy / "locale" / "es" / "LC_MESSAGES" / "django.po"


def public_keys(catalogue: Path) -> set[Key]:
    """Return the keys of the catalogue's messages that are not for staff only; its references must be new."""
    return {
        entry.key
        for block in blocks(catalogue)
        if (entry := entry_of(block)).text
        and any(_is_public(reference, entry.text) for reference in _references(block))
    }


def _references(block: str) -> list[str]:
    return [reference for line in _REFERENCE.findall(block) for reference in line.split()]


def _is_public(reference: str, text: str) -> bool:
    path, _, line = reference.partition(":")
    if path.startswith(ADMIN_PATHS):
        return False
    if not path.endswith(".py"):
        return text not in _preview_notes(path)
    place = f"{path}:{'.'.join(_place(path, int(line)))}"
    return not any(pattern.fullmatch(place) for pattern in ADMIN_NAMES)


@cache
def _preview_notes(path: str) -> frozenset[str]:
    notes = _PREVIEW_NOTE.findall((PACKAGE / path).read_text(encoding="utf-8"))
    return frozenset(text for note in notes for text in _TRANSLATED.findall(note))


def _place(path: str, line: int) -> list[str]:
    """Return the names around the line, from the outside: classes, assigned names, and calls with their keyword."""
    return [name for first, last, name in _named_ranges(path) if first <= line <= last]


@cache
def _named_ranges(path: str) -> list[tuple[int, int, str]]:
    tree = ast.parse((PACKAGE / path).read_text(encoding="utf-8"))
    return [(node.lineno, node.end_lineno or node.lineno, name) for node, name in _named(tree)]


def _named(tree: ast.AST) -> Iterator[tuple[ast.stmt | ast.expr, str]]:
    for node in ast.iter_child_nodes(tree):
        match node:
            case ast.ClassDef() | ast.FunctionDef():
                yield node, node.name
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                yield node, name
            case ast.Call(func=ast.Name(id=name)):
                yield from ((keyword.value, f"{name}({keyword.arg}") for keyword in node.keywords)
            case _:
                pass
        yield from _named(node)
