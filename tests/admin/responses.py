"""Helpers to read responses of the admin."""

from __future__ import annotations

import html
from typing import Any

from django.contrib.messages import get_messages

#: Wagtail's message for users without the permission.
DENIED = "Sorry, you do not have permission to access this area."


def text(response: Any) -> str:
    """Return the page's content with character references resolved."""
    return html.unescape(response.content.decode())


def messages_of(response: Any) -> str:
    """Return the messages of this response, including those kept for after a redirect."""
    return " ".join(html.unescape(str(message)) for message in get_messages(response.wsgi_request))


def outcome(response: Any) -> str:
    """Return ``ok``, ``denied`` (permission missing), ``absent`` (404), ``login``, or the status."""
    if response.status_code == 302:
        target = str(response.url)
        if target.startswith("/admin/login/"):
            return "login"
        if target.startswith("/en/admin/"):
            # A 404 outside the language prefix: LocaleMiddleware redirects to the prefixed URL, which is a 404 too
            return "absent"
        return "denied" if DENIED in messages_of(response) else "redirect"
    return {200: "ok", 404: "absent", 405: "wrong method"}.get(response.status_code, str(response.status_code))
