"""Links and codes in mails, and pressing the button of a page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from tests.forms import HtmlForm, forms_in

_LINK: Final = re.compile(r"https?://[^\s\"<>]+/pledge/[a-z-]+/[^\s\"<>]+")
_CODE: Final = re.compile(r"(?<!\d)\d{6}(?!\d)")
#: The radio buttons of a confirm page that offers several submissions; that of the link comes first.
_OFFERED: Final = re.compile(r'name="submission"[^>]*value="([^"]+)"')
SAME_SITE: Final = {"Sec-Fetch-Site": "same-origin", "Origin": "http://testserver"}


def links_in(message: Any) -> list[str]:
    """Return path and query of the package's links in a mail, in order."""
    parts = [urlsplit(found) for found in dict.fromkeys(_LINK.findall(str(message.body)))]
    return [part.path + (f"?{part.query}" if part.query else "") for part in parts]


def link_in(message: Any, place: str) -> str:
    """Return the first link to ``place``, such as ``confirm``; ``""`` if the mail has none."""
    return next((link for link in links_in(message) if f"/{place}/" in link), "")


def code_in(message: Any) -> str:
    """Return the six-digit code in a mail, ``""`` if it has none."""
    found = _CODE.search(str(message.body))
    return found[0] if found else ""


def posted_form(html: bytes) -> HtmlForm | None:
    """Return the first form of a page that is posted."""
    return next((form for form in forms_in(html) if form.method == "post"), None)


def press(client: Any, url: str, page: Any, chosen: Mapping[str, str] | None = None) -> Any:
    """Post the first form of ``page`` as shown, with ``chosen`` values for those fields that it has.

    Where nothing is preselected of several submissions, the first is chosen.
    """
    form = posted_form(page.content)
    if form is None:
        return None
    offered = _OFFERED.search(page.content.decode())
    first = {"submission": offered[1]} if offered and "submission" in form.names else {}
    data = {**first, **form.data, **{name: value for name, value in (chosen or {}).items() if name in form.names}}
    action = form.action if form.action not in {"", "?"} else url
    return client.post(action, data, headers=SAME_SITE)
