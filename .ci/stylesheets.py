"""Pack the stylesheets: ``wagtail_pledge/stylesheets/*.css``, as people write them, into what a site serves.

``stylesheets.py`` writes them; ``stylesheets.py --check`` says which are not fresh and ends with 1.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Final

PACKAGE: Final = Path(__file__).resolve().parent.parent / "wagtail_pledge"
SOURCES: Final = PACKAGE / "stylesheets"
SERVED: Final = PACKAGE / "static" / "wagtail_pledge" / "css"
COMMENT: Final = re.compile(r"/\*.*?\*/", re.DOTALL)
#: Blanks that mean nothing wherever they stand. A blank before ":" or around "+" may mean something.
SAFE: Final = (
    (re.compile(r"\s*\n\s*"), " "),
    (re.compile(r"\s*([{};>])\s*"), r"\1"),
    (re.compile(r"([:,])\s+"), r"\1"),
    (re.compile(r";}"), "}"),
)


def packed(source: Path) -> str:
    """Return the stylesheet as it is served."""
    text = COMMENT.sub("", source.read_text(encoding="utf-8"))
    for pattern, replacement in SAFE:
        text = pattern.sub(replacement, text)
    return f"/* Packed from stylesheets/{source.name} */\n{text.strip()}\n"


def main() -> int:
    """Write or check every stylesheet."""
    stale = []
    for source in sorted(SOURCES.glob("*.css")):
        served, fresh = SERVED / source.name, packed(source)
        if "--check" not in sys.argv:
            served.write_text(fresh, encoding="utf-8")
        elif not served.exists() or served.read_text(encoding="utf-8") != fresh:
            stale.append(source.name)
    if stale:
        print(f"Not fresh: {', '.join(stale)}. Run make css")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
