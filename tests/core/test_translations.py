"""Spanish is whole, every catalogue fits the code, and every word in the code has reached the catalogues."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import PACKAGE, relative
from tests.catalogues import CATALOGUES, Entry, entries, placeholders

SPANISH = [path for path in CATALOGUES if path.parts[-3] == "es"]
IGNORED = shutil.ignore_patterns("__pycache__", "static", "migrations", "*.mo")


def test_the_package_speaks_english_spanish_and_to_arabic_visitors() -> None:
    assert {path.parts[-3] for path in CATALOGUES if PACKAGE in path.parents} == {"ar", "es"}


@pytest.mark.parametrize("catalogue", SPANISH, ids=relative)
def test_spanish_is_whole(catalogue: Path) -> None:
    assert [entry.key for entry in entries(catalogue) if not entry.is_translated] == []


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=relative)
def test_no_translation_is_a_guess(catalogue: Path) -> None:
    assert [entry.key for entry in entries(catalogue) if entry.is_fuzzy] == []
    assert "#~" not in catalogue.read_text(encoding="utf-8")


def _misfits(entry: Entry) -> bool:
    """A plural form may leave the number out ("two days"), never another placeholder, and none invents one."""
    wanted = placeholders(entry.text) | placeholders(entry.plural)
    if entry.plural:
        return any(not placeholders(form) <= wanted for form in entry.forms) or placeholders(entry.forms[-1]) != wanted
    return placeholders(entry.forms[0]) != wanted


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=relative)
def test_every_translation_keeps_the_placeholders(catalogue: Path) -> None:
    translated = [entry for entry in entries(catalogue) if entry.is_translated]
    assert translated
    assert [entry.key for entry in translated if _misfits(entry)] == []


@pytest.mark.skipif(shutil.which("xgettext") is None, reason="needs gettext's tools")
def test_every_word_in_the_code_is_in_the_catalogue(tmp_path: Path) -> None:
    copy = tmp_path / PACKAGE.name
    shutil.copytree(PACKAGE, copy, ignore=IGNORED)
    command = [sys.executable, "-m", "django", "makemessages", "--locale=es", "--no-obsolete"]
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "warning" not in done.stderr, done.stderr
    said, known = (
        {entry.key for entry in entries(root / "locale" / "es" / "LC_MESSAGES" / "django.po")}
        for root in (copy, PACKAGE)
    )
    assert said == known, "make messages, then translate"
