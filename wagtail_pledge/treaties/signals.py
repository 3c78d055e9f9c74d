"""Signals of the treaties room; sent after commit and robustly: a receiver can neither stop nor break an import."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from django.db import transaction
from django.dispatch import Signal

from wagtail_pledge.treaties.importing.report import Change
from wagtail_pledge.treaties.models import Treaty

#: Arguments: ``sender`` (``Treaty``), ``treaty``, ``changes`` (a tuple of ``Change``, never empty).
treaty_status_changed = Signal()


def announce(treaty: Treaty, changes: Sequence[Change]) -> None:
    """Send :data:`treaty_status_changed` once the running transaction is committed; nothing without changes."""
    if changes:
        send = partial(treaty_status_changed.send_robust, sender=Treaty, treaty=treaty, changes=tuple(changes))
        transaction.on_commit(send)
