"""Runs each code example of the guide to custom pages as printed, each in a site of its own."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
import wagtail

from tests.architecture.tree import ROOT

GUIDE: Final = (ROOT / "docs" / "howto" / "custom-pages.md").read_text(encoding="utf-8")
PIECES: Final = re.findall(r"```python\n(# actions/models\.py.*?)```", GUIDE, flags=re.DOTALL)
#: Of each piece in order: its page, and fields of the package's and of its own that its editor must have.
EDITORS: Final = [
    ("ActionPage", {"title", "body", "button_text", "privacy_note", "thanks_text", "strapline"}),
    ("ActionPage", {"title", "body", "button_text", "legal_name"}),
    ("ActionPage", {"title", "body", "button_text"}),
    ("CampaignPage", {"title", "body", "button_text", "note"}),
]
SETTINGS: Final = """
from tests.projects.base_settings import *
INSTALLED_APPS = ["actions", *(app for app in INSTALLED_APPS if app != "wagtail_pledge.pages")]
"""
PROGRAM: Final = """
import django
django.setup()
from django.core.management import call_command
from actions import models
from tests.editing import fields_by_tab
call_command("check", fail_level="WARNING", verbosity=0)
print([name for names in fields_by_tab(models.{page}).values() for name in names])
"""


def test_every_piece_is_run() -> None:
    assert len(PIECES) == len(EDITORS)
    assert all("import" in piece for piece in PIECES)


@pytest.mark.requirement("CP1")
@pytest.mark.parametrize("number", range(len(EDITORS)))
def test_it_runs_as_printed(number: int, tmp_path: Path) -> None:
    piece, (page, fields) = PIECES[number], EDITORS[number]
    named = re.search(r'WAGTAIL_PAGE_MODEL = "[\w.]+"', piece)
    if named and wagtail.VERSION < (8,):
        pytest.skip("Wagtail has a page model of the site's own from 8 on")
    app = tmp_path / "actions"
    app.mkdir()
    (app / "__init__.py").touch()
    (app / "models.py").write_text(piece, encoding="utf-8")
    (tmp_path / "guide_settings.py").write_text(f"{SETTINGS}{named[0] if named else ''}\n", encoding="utf-8")
    path = os.pathsep.join([str(tmp_path), str(ROOT)])
    environment = {**os.environ, "PYTHONPATH": path, "DJANGO_SETTINGS_MODULE": "guide_settings"}
    command = [sys.executable, "-W", "ignore", "-c", PROGRAM.format(page=page)]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert fields <= set(ast.literal_eval(done.stdout.strip().splitlines()[-1]))
