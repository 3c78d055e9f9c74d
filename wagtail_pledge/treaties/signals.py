"""Signals of this package, sent with ``send_robust`` after commit, so that no receiver can break an import.

Separate because sites import this module to connect receivers.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from django.db import transaction
from django.dispatch import Signal

from wagtail_pledge.treaties.importing.report import Change
from wagtail_pledge.treaties.models import Treaty

#: Arguments: ``sender`` (``Treaty``), ``treaty``, ``changes`` (a tuple of ``Change``, never empty).
treaty_status_changed = Signal()


def send_status_changed(treaty: Treaty, changes: Sequence[Change]) -> None:
    """Send :data:`treaty_status_changed` after the current transaction commits, if there are any changes."""
    if changes:
        send = partial(treaty_status_changed.send_robust, sender=Treaty, treaty=treaty, changes=tuple(changes))
        transaction.on_commit(send)
