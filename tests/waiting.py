"""Waiting for a condition instead of for time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any


def wait_until(done: Callable[[], Any], seconds: float, pause: Callable[[], Any] = lambda: time.sleep(0.05)) -> bool:
    """Return whether ``done()`` came true within ``seconds``; ``pause`` is called between two looks."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if done():
            return True
        pause()
    return bool(done())
