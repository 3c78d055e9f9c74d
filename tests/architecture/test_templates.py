"""Templates: each lists its variables first, and none has inline scripts, styles or handlers."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.architecture.tree import ROOT, TEMPLATES, relative

#: ``{% extends %}`` has to be a template's first tag, and translated comments need their library.
FIRST: Final = re.compile(r"\A(\s*\{% (extends|load) [^%]*%\})*\s*\{% comment %\}")
BAD: Final = {
    "P001": "<script>alert(1)</script>",
    "P002": "<style>p { color: red }</style>",
    "P003": '<p style="color: red">red</p>',
    "P004": '<button type="button" onclick="go()">Go</button>',
    "P005": '<a href="javascript:go()">Go</a>',
}
GOOD: Final = """<script type="module" src="/static/wagtail_pledge/js/pledge.js"></script>
<script type="application/ld+json">{"name": "Ratify"}</script>
<p class="only" data-on="x">One style of content; JavaScript: off.</p>
"""


def test_every_template_begins_with_a_list_of_its_variables() -> None:
    pages = [path for path in sorted(TEMPLATES.rglob("*.html")) if "emails" not in path.parts]
    assert pages
    without_list = [relative(path) for path in pages if not FIRST.match(path.read_text(encoding="utf-8"))]
    assert without_list == []


def _lint(directory: Path, html: str) -> subprocess.CompletedProcess[str]:
    (directory / "page.html").write_text(html, encoding="utf-8")
    command = [sys.executable, "-m", "djlint", "--lint", "--quiet", "--profile=django", str(directory)]
    return subprocess.run(
        [*command, "--rules", str(ROOT / ".djlint_rules.yaml")],
        cwd=directory,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("rule", BAD)
def test_the_linter_finds_inline_code(rule: str, tmp_path: Path) -> None:
    assert rule in _lint(tmp_path, BAD[rule]).stdout


def test_the_linter_accepts_external_scripts_and_json(tmp_path: Path) -> None:
    assert [rule for rule in BAD if rule in _lint(tmp_path, GOOD).stdout] == []
