"""Middleware that keeps a web process from starting without a key that stored rows need."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from django.core.checks import CheckMessage, run_checks
from django.core.exceptions import ImproperlyConfigured, MiddlewareNotUsed
from django.db import connections

#: Tag of the checks that run when a process starts.
STORED_KEYS: Final = "wagtail_pledge_keys"


class StoredKeysMiddleware:
    """Runs the checks of the keys when a server loads the application, then leaves the middleware chain.

    A missing key would let people sign twice and break every link, so it stops the process: ``ImproperlyConfigured``
    says which key and how many rows need it. A check in ``SILENCED_SYSTEM_CHECKS`` does not stop it. If the database
    can't be reached, the process starts.
    """

    async_capable = True

    def __init__(self, get_response: Any) -> None:
        errors = _in_sync_thread()
        if errors:
            message = "; ".join(f"{error.msg}. {error.hint} ({error.id})" for error in errors)
            raise ImproperlyConfigured(message)
        raise MiddlewareNotUsed


def stored_keys_errors() -> list[CheckMessage]:
    """Return the errors of the keys that are not silenced."""
    found = run_checks(tags=[STORED_KEYS], databases=["default"])
    return [message for message in found if message.is_serious() and not message.is_silenced()]


def _in_sync_thread() -> list[CheckMessage]:
    """Return the errors; in a thread of its own where an event loop runs, which allows no query."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return _errors_then_disconnect()
    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(_errors_then_disconnect).result()


def _errors_then_disconnect() -> list[CheckMessage]:
    try:
        return stored_keys_errors()
    finally:
        # A server may load the application before it forks: its processes must not share the connection
        if not connections["default"].in_atomic_block:
            connections["default"].close()
