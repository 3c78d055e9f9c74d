"""Take the screenshots for the documentation: ``make screenshots``.

It sets up a demo site in a temporary directory and serves it on ``PORT``. ``docs/editors/screenshots.md`` shows the
results. ``take.py signing treaty`` takes only the screenshots of these two groups.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from typing import Final

from browser import DemoBrowser
from demo_site import running_demo
from other_screenshots import editor, embed, mail, other_pages, print_view, staff
from playwright.sync_api import sync_playwright
from signing_screenshots import campaign, errors, failures, logo, several, signing, states, treaty

FLAGS: Final = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
#: ``states`` comes last, because it closes the campaign; all other groups need it to be open.
GROUPS: Final[tuple[Callable[[DemoBrowser], None], ...]] = (
    campaign,
    other_pages,
    errors,
    logo,
    signing,
    several,
    mail,
    embed,
    print_view,
    treaty,
    editor,
    staff,
    failures,
    states,
)


def selected_groups() -> list[Callable[[DemoBrowser], None]]:
    """Return the groups named on the command line, or all of them."""
    known = {group.__name__: group for group in GROUPS}
    return [known[name] for name in sys.argv[1:]] or list(GROUPS)


def main() -> None:
    """Take all screenshots, or those of the groups named on the command line."""
    path = os.environ.get("PLEDGE_CHROMIUM") or shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if not path:
        raise SystemExit("Chromium was not found. Run `make system`, or set PLEDGE_CHROMIUM to its path.")
    with running_demo() as environment, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        for group in selected_groups():
            group(DemoBrowser(chromium, environment))
        chromium.close()


if __name__ == "__main__":
    main()
