"""Message catalogues: complete Spanish, matching placeholders, and up to date with the code."""

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


def test_the_package_has_catalogues_in_arabic_and_spanish() -> None:
    assert {path.parts[-3] for path in CATALOGUES if PACKAGE in path.parents} == {"ar", "es"}


@pytest.mark.parametrize("catalogue", SPANISH, ids=relative)
def test_spanish_is_complete(catalogue: Path) -> None:
    assert [entry.key for entry in entries(catalogue) if not entry.is_translated] == []


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=relative)
def test_no_translation_is_fuzzy_or_obsolete(catalogue: Path) -> None:
    assert [entry.key for entry in entries(catalogue) if entry.is_fuzzy] == []
    assert "#~" not in catalogue.read_text(encoding="utf-8")


def _has_wrong_placeholders(entry: Entry) -> bool:
    """Return whether placeholders differ. A plural form may leave out the number ("two days"), no other one."""
    wanted = placeholders(entry.text) | placeholders(entry.plural)
    if entry.plural:
        return any(not placeholders(form) <= wanted for form in entry.forms) or placeholders(entry.forms[-1]) != wanted
    return placeholders(entry.forms[0]) != wanted


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=relative)
def test_every_translation_keeps_the_placeholders(catalogue: Path) -> None:
    translated = [entry for entry in entries(catalogue) if entry.is_translated]
    assert translated
    assert [entry.key for entry in translated if _has_wrong_placeholders(entry)] == []


@pytest.mark.skipif(shutil.which("xgettext") is None, reason="needs gettext's tools")
def test_the_catalogue_has_all_messages_of_the_code(tmp_path: Path) -> None:
    copy = tmp_path / PACKAGE.name
    shutil.copytree(PACKAGE, copy, ignore=IGNORED)
    command = [sys.executable, "-m", "django", "makemessages", "--locale=es", "--no-obsolete"]
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "warning" not in done.stderr, done.stderr
    in_code, in_catalogue = (
        {entry.key for entry in entries(root / "locale" / "es" / "LC_MESSAGES" / "django.po")}
        for root in (copy, PACKAGE)
    )
    assert in_code == in_catalogue, "make messages, then translate"
