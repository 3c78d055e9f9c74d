"""Django signals for changes of signatures.

They are sent after the commit with ``send_robust``, so a receiver can neither prevent nor break a change. Separate from
the services because this module is the public address from which integrators import the signals.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db import transaction
from django.dispatch import Signal

from wagtail_pledge.core.log_redaction import redact_logs

#: Arguments of each: ``sender`` (the signature model), ``signature``.
signature_confirmed = Signal()
signature_withdrawn = Signal()
#: Sent when the personal data of a signature was removed; ``signature`` has what is left.
signature_anonymised = Signal()


def send_on_commit(signal: Signal, signature: Any) -> None:
    """Send ``signal`` after the current transaction is committed."""
    transaction.on_commit(partial(_send, signal, signature))


def _send(signal: Signal, signature: Any) -> None:
    with redact_logs():
        signal.send_robust(sender=type(signature), signature=signature)
