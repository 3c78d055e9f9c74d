"""Every compiled catalogue says what its source says, and every source is well formed."""

from __future__ import annotations

import gettext
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
PLACES: Final = ("wagtail_pledge", "example_project")


def _content(path: Path) -> dict[object, str]:
    with path.open("rb") as handle:
        return gettext.GNUTranslations(handle)._catalog  # noqa: SLF001


def problem(source: Path) -> str:
    """Return what is wrong with a catalogue, or nothing."""
    compiled = source.with_suffix(".mo")
    with tempfile.TemporaryDirectory() as directory:
        fresh = Path(directory) / "fresh.mo"
        command = ["msgfmt", "--check", "--output-file", str(fresh), str(source)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            return done.stderr
        if not compiled.exists() or _content(compiled) != _content(fresh):
            return f"{compiled.relative_to(ROOT)} is older than its source: make messages"
    return ""


def main() -> int:
    """Look at every catalogue and say what is wrong."""
    sources = [path for place in PLACES for path in sorted((ROOT / place).glob("**/LC_MESSAGES/*.po"))]
    problems = [text for text in map(problem, sources) if text]
    print("\n".join(problems) or f"{len(sources)} catalogues are fresh")
    return len(problems)


if __name__ == "__main__":
    sys.exit(min(main(), 1))
