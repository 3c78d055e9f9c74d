"""Names of the screenshots and the width of the browser window in pixels.

A test compares the list with the scripts, with the files in this folder and with ``docs/editors/screenshots.md``.
"""

from __future__ import annotations

from typing import Final

WIDTHS: Final = {
    "01-call-phone": 390,
    "02-call-large-text": 320,
    "03-errors": 390,
    "03-errors-arabic-dark": 390,
    "04-inbox-dark": 390,
    "05-thank-you": 390,
    "06-call-desktop": 1280,
    "06-call-whole": 1280,
    "07-call-arabic": 1280,
    "07-names-arabic": 1280,
    "08-organization-error": 1280,
    "08-logo-error": 1280,
    "09-treaty-dark": 1440,
    "09-treaty-table-dark": 1440,
    "10-treaty-phone": 390,
    "10-treaty-table-phone": 390,
    "call-spanish-phone": 390,
    "calls": 1280,
    "editor-block-picker": 1366,
    "embed-partner": 1280,
    "home-desktop": 1440,
    "home-phone": 390,
    "mail-360": 360,
    "mail-360-dark": 360,
    "mail-640": 640,
    "mail-640-dark": 640,
    "print": 816,
    "state-already-confirmed": 390,
    "state-closed": 390,
    "state-confirm": 390,
    "state-delivered": 390,
    "state-expired": 390,
    "state-failure": 390,
    "state-manage": 390,
    "state-not-found": 390,
    "state-not-yet": 390,
    "state-paused": 390,
    "state-resent": 390,
    "state-throttled": 390,
    "state-withdrawn": 390,
    "state-won": 390,
    "summary-desktop": 1280,
    "update": 1280,
}
