"""Automatic review of new signatures before their mail is sent: abuse signals, surges and rate limits.

The signer of a held signature gets the same mail and the same pages; it is not counted until an editor releases it.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from wagtail_pledge.signing.abuse.signals import signal_codes_in
from wagtail_pledge.signing.enums import EventKind, MessageKind, Review, SignatureState
from wagtail_pledge.signing.models import OutboxMessage, SignatureEvent, get_signature_model
from wagtail_pledge.signing.services.switches import SURGE
from wagtail_pledge.signing.worker.rate_limits import RateLimits
from wagtail_pledge.signing.worker.surge import delay_for_surge, without_proof_of_work

#: A message belongs to the signature stored at the same time, not to an older one of the same mailbox. Otherwise an
#: attacker who enters somebody's address many times could have that person's earlier signature held.
SAME_SIGNING_WINDOW: Final = dt.timedelta(seconds=5)


def _claim(messages: list[OutboxMessage]) -> list[OutboxMessage]:
    """Mark the messages that were not screened yet, and return them in the order of signing."""
    new = [message.pk for message in messages if message.kind == MessageKind.SIGNED and message.screened_at is None]
    if not new:
        return []
    unscreened = OutboxMessage.objects.select_for_update().filter(pk__in=new, screened_at__isnull=True)
    claimed = set(unscreened.values_list("pk", flat=True))
    OutboxMessage.objects.filter(pk__in=claimed).update(screened_at=Now())
    return sorted((message for message in messages if message.pk in claimed), key=lambda m: (m.created_at, m.pk))


def screen(messages: list[OutboxMessage]) -> int:
    """Screen the leased ``messages`` and hold the signatures that fail; return how many were held.

    A message is screened once, however often its delivery is attempted. A few queries per batch, in one transaction.
    Messages that a surge holds are postponed.
    """
    with transaction.atomic():
        claimed = _claim(messages)
        without_proof = without_proof_of_work(claimed, SAME_SIGNING_WINDOW)
        rate_limits = RateLimits(claimed)
        reasons = {message.pk: _screen_one(message, without_proof, rate_limits) for message in claimed}
        rate_limits.store()
        delay_for_surge([message for message in claimed if reasons[message.pk] == SURGE])
        return _hold([message for message in claimed if reasons[message.pk]], reasons)


def _screen_one(message: OutboxMessage, without_proof: set[int], rate_limits: RateLimits) -> str:
    """Count ``message`` and return the reason to hold it, ``""`` if there is none."""
    codes = signal_codes_in(message.signals)
    reason = codes[0] if codes else SURGE if message.pk in without_proof else rate_limits.exceeded(message)
    rate_limits.count(message, passed=not reason)
    return reason


def _hold(messages: list[OutboxMessage], reasons: dict[int, str]) -> int:
    if not messages:
        return 0
    signatures: Any = get_signature_model()._default_manager
    mailboxes = [bytes(message.mailbox_key or b"") for message in messages]
    undecided = signatures.exclude(review=Review.INVALID)
    candidates = undecided.select_related("statement").filter(
        Q(mailbox_key__in=mailboxes) | Q(mailbox_key_next__in=mailboxes),
        pledge_id__in={message.pledge_id for message in messages},
        state=SignatureState.PENDING,
    )
    # During a key rotation a signature has two keys
    by_key = {
        (signature.signer_type_id, bytes(key), bytes(signature.seat)): signature
        for signature in candidates
        for key in (signature.mailbox_key, signature.mailbox_key_next)
        if key
    }
    held = [
        (signature, reasons[message.pk])
        for message in messages
        if (signature := by_key.get((message.signer_type_id, bytes(message.mailbox_key or b""), bytes(message.seat))))
        and signature.created_at > message.created_at - SAME_SIGNING_WINDOW
    ]
    signatures.filter(
        pk__in=[signature.pk for signature, _reason in held], state=SignatureState.PENDING, review=Review.OK
    ).update(review=Review.NEEDS_REVIEW)
    SignatureEvent.objects.bulk_create(_event(signature, reason) for signature, reason in held)
    return len(held)


def _event(signature: Any, reason: str) -> SignatureEvent:
    return SignatureEvent(
        pledge_id=signature.pledge_id,
        signature_uuid=signature.uuid,
        epoch=signature.epoch,
        kind=EventKind.HELD,
        statement_sha256=signature.statement.sha256,
        reason=reason,
    )
