"""What is read once while one page is made: a treaty or a pledge in ten blocks costs what it costs in one.

Only while a ``GET`` or ``HEAD`` is answered, which changes nothing, and never beyond it. Anywhere else (a command, a
form that is sent, a preview that is rendered without a request) each look is a new one.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from contextvars import ContextVar
from typing import Any, Final, TypeVar

from django.core.signals import request_finished, request_started

Value = TypeVar("Value")

_read: Final[ContextVar[dict[Hashable, Any] | None]] = ContextVar("wagtail_pledge_read", default=None)


def read_once(key: Hashable, read: Callable[[], Value]) -> Value:
    """Return what ``read`` returned when this request first asked for ``key``; whoever gets it must not change it.

    The key names all that the answer depends on: what is looked for, the language where words are in it.
    """
    known = _read.get()
    if known is None:
        return read()
    if key not in known:
        known[key] = read()
    found: Value = known[key]
    return found


def _begin(environ: Mapping[str, Any] | None = None, scope: Mapping[str, Any] | None = None, **_sent: Any) -> None:
    method = (environ or {}).get("REQUEST_METHOD") or (scope or {}).get("method")
    _read.set({} if method in {"GET", "HEAD"} else None)


def _end(**_sent: Any) -> None:
    _read.set(None)


def watch_requests() -> None:
    """Remember from the start of each request to its end."""
    request_started.connect(_begin, dispatch_uid="wagtail_pledge.reads")
    request_finished.connect(_end, dispatch_uid="wagtail_pledge.reads")
