"""Take the pictures of the docs: ``make screenshots``.

It sets up a demo of its own in a directory that it throws away, and serves it on ``PORT``.
``docs/editors/pictures.md`` shows them; ``take.py signing treaty`` takes only what those two take.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from typing import Final

from picture_demo import demo
from playwright.sync_api import sync_playwright
from sessions_beside import editor, embed, mail, on_paper, other_pages
from sessions_signing import campaign, errors, failures, logo, signing, states, treaty
from studio import Studio

FLAGS: Final = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
#: In this order: the states come last, for the call is open in all the others.
SESSIONS: Final[tuple[Callable[[Studio], None], ...]] = (
    campaign,
    other_pages,
    errors,
    logo,
    signing,
    mail,
    embed,
    on_paper,
    treaty,
    editor,
    failures,
    states,
)


def chosen() -> list[Callable[[Studio], None]]:
    """Return the sessions named on the command line, by default all."""
    known = {session.__name__: session for session in SESSIONS}
    return [known[word] for word in sys.argv[1:]] or list(SESSIONS)


def main() -> None:
    """Take them all, or those of the sessions that are named."""
    path = os.environ.get("PLEDGE_CHROMIUM") or shutil.which("chromium")
    if not path:
        raise SystemExit("No Chromium: make system, or name one with PLEDGE_CHROMIUM")
    with demo() as environment, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        for session in chosen():
            session(Studio(browser, environment))
        browser.close()


if __name__ == "__main__":
    main()
