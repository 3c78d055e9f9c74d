"""Reading the admin's answers."""

from __future__ import annotations

import html
from typing import Any

from django.contrib.messages import get_messages

#: What Wagtail says to somebody without the right.
DENIED = "Sorry, you do not have permission to access this area."


def text(response: Any) -> str:
    """The page as a reader sees it, more or less: character references resolved."""
    return html.unescape(response.content.decode())


def said(response: Any) -> str:
    """The messages of this answer, also those that a redirect takes along."""
    return " ".join(html.unescape(str(message)) for message in get_messages(response.wsgi_request))


def outcome(response: Any) -> str:
    """``ok``, ``denied`` (the right is missing), ``absent`` (no such row for you), ``login``, or the status."""
    if response.status_code == 302:
        target = str(response.url)
        if target.startswith("/admin/login/"):
            return "login"
        if target.startswith("/en/admin/"):
            # A 404 outside the language prefix: Django's LocaleMiddleware tries the prefix, where nothing is either
            return "absent"
        return "denied" if DENIED in said(response) else "redirect"
    return {200: "ok", 404: "absent", 405: "wrong method"}.get(response.status_code, str(response.status_code))
