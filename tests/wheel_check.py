"""Checks an installed wheel for templates, static files, catalogues and data."""

from __future__ import annotations

import sys
from importlib.resources import files
from pathlib import Path

PARTS = (
    "py.typed",
    "templates/wagtail_pledge/base.html",
    "templates/wagtail_pledge/pages/pledge_page.html",
    "static/wagtail_pledge/css/message.css",
    "static/wagtail_pledge/css/pledge.css",
    "static/wagtail_pledge/img/card.png",
    "static/wagtail_pledge/css/treaty.css",
    "static/wagtail_pledge/css/decision.css",
    "treaties/data/states.csv",
    "treaties/data/catalogue/treaties.csv",
    "treaties/data/catalogue/status/cat.csv",
    "migrations/0001_initial.py",
    "pages/migrations/0001_initial.py",
)


def main() -> int:
    """Print missing parts and return their number."""
    package = files("wagtail_pledge")
    if Path(str(package)).parent == Path(__file__).resolve().parent.parent:
        print("this is the checkout, not the wheel")
        return 1
    missing = [part for part in PARTS if not package.joinpath(part).is_file()]
    print(f"missing in the wheel: {missing}" if missing else f"{len(PARTS)} parts found in {package}")
    return len(missing)


if __name__ == "__main__":
    sys.exit(main())
