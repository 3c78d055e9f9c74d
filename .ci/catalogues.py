"""Checks that every message catalogue is valid and that its compiled file is up to date."""

from __future__ import annotations

import gettext
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
APPS: Final = ("wagtail_pledge", "example_project")


def _read_catalogue(path: Path) -> dict[object, str]:
    with path.open("rb") as handle:
        return gettext.GNUTranslations(handle)._catalog  # noqa: SLF001


def check_catalogue(source: Path) -> str:
    """Return the error of a catalogue, or an empty string."""
    compiled = source.with_suffix(".mo")
    with tempfile.TemporaryDirectory() as directory:
        fresh = Path(directory) / "fresh.mo"
        command = ["msgfmt", "--check", "--output-file", str(fresh), str(source)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            return done.stderr
        if not compiled.exists() or _read_catalogue(compiled) != _read_catalogue(fresh):
            return f"{compiled.relative_to(ROOT)} is out of date. Run: make messages"
    return ""


def main() -> int:
    """Check every catalogue and print the errors."""
    sources = [path for app in APPS for path in sorted((ROOT / app).glob("**/LC_MESSAGES/*.po"))]
    errors = [error for error in map(check_catalogue, sources) if error]
    print("\n".join(errors) or f"{len(sources)} catalogues are up to date")
    return len(errors)


if __name__ == "__main__":
    sys.exit(min(main(), 1))
