"""Minifies the style sheets in ``wagtail_pledge/stylesheets/`` into the package's static files.

``stylesheets.py --check`` only reports the files that are out of date, and exits with 1 if there are any.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Final

PACKAGE: Final = Path(__file__).resolve().parent.parent / "wagtail_pledge"
SOURCES: Final = PACKAGE / "stylesheets"
TARGET: Final = PACKAGE / "static" / "wagtail_pledge" / "css"
COMMENT: Final = re.compile(r"/\*.*?\*/", re.DOTALL)
#: White space that never has a meaning. (White space before ":" or around "+" can have one.)
REPLACEMENTS: Final = (
    (re.compile(r"\s*\n\s*"), " "),
    (re.compile(r"\s*([{};>])\s*"), r"\1"),
    (re.compile(r"([:,])\s+"), r"\1"),
    (re.compile(r";}"), "}"),
)


def minify(source: Path) -> str:
    """Return the minified style sheet."""
    text = COMMENT.sub("", source.read_text(encoding="utf-8"))
    for pattern, replacement in REPLACEMENTS:
        text = pattern.sub(replacement, text)
    # No banner comment: every byte of the first round trip counts
    return f"{text.strip()}\n"


def main() -> int:
    """Write or check every style sheet."""
    stale = []
    for source in sorted(SOURCES.glob("*.css")):
        target, minified = TARGET / source.name, minify(source)
        if "--check" not in sys.argv:
            target.write_text(minified, encoding="utf-8")
        elif not target.exists() or target.read_text(encoding="utf-8") != minified:
            stale.append(source.name)
    if stale:
        print(f"Out of date: {', '.join(stale)}. Run: make css")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
