"""The site's own signature model: its primary key is a UUID."""

from __future__ import annotations

import secrets
import threading
import time
from uuid import UUID

from django.db import models

from wagtail_pledge.models import AbstractSignature

_lock = threading.Lock()
_last = 0


def growing_uuid() -> UUID:
    """Return a UUID of version 7 that is greater than any that this process made before."""
    global _last  # noqa: PLW0603 - the last value is the process's own
    with _lock:
        # 48 bits of milliseconds and 12 of their fraction, as RFC 9562 allows
        milliseconds, rest = divmod(time.time_ns(), 1_000_000)
        _last = max(_last + 1, milliseconds << 12 | rest * 4096 // 1_000_000)
        high, low = divmod(_last, 4096)
    return UUID(int=high << 80 | 7 << 76 | low << 64 | 2 << 62 | secrets.randbits(62))


class KeyedSignature(AbstractSignature):
    """A signature whose primary key tells nobody how many there are."""

    id = models.UUIDField(primary_key=True, default=growing_uuid, editable=False)

    class Meta(AbstractSignature.Meta):
        abstract = False
        verbose_name = "keyed signature"
        verbose_name_plural = "keyed signatures"
