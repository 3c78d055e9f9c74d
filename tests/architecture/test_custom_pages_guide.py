"""Runs each code example of the guide to custom pages as printed, each in a separate site."""

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
EXAMPLES: Final = re.findall(r"```python\n(# actions/models\.py.*?)```", GUIDE, flags=re.DOTALL)
#: For each example in order: its page, and fields that its editor must have.
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


def test_every_example_is_run() -> None:
    assert len(EXAMPLES) == len(EDITORS)
    assert all("import" in example for example in EXAMPLES)


@pytest.mark.requirement("CP1")
@pytest.mark.parametrize("number", range(len(EDITORS)))
def test_an_example_runs_as_printed(number: int, tmp_path: Path) -> None:
    example, (page, fields) = EXAMPLES[number], EDITORS[number]
    named = re.search(r'WAGTAIL_PAGE_MODEL = "[\w.]+"', example)
    if named and wagtail.VERSION < (8,):
        pytest.skip("WAGTAIL_PAGE_MODEL needs Wagtail 8")
    app = tmp_path / "actions"
    app.mkdir()
    (app / "__init__.py").touch()
    (app / "models.py").write_text(example, encoding="utf-8")
    (tmp_path / "guide_settings.py").write_text(f"{SETTINGS}{named[0] if named else ''}\n", encoding="utf-8")
    path = os.pathsep.join([str(tmp_path), str(ROOT)])
    environment = {**os.environ, "PYTHONPATH": path, "DJANGO_SETTINGS_MODULE": "guide_settings"}
    command = [sys.executable, "-W", "ignore", "-c", PROGRAM.format(page=page)]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert fields <= set(ast.literal_eval(done.stdout.strip().splitlines()[-1]))
