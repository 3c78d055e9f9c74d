"""The worker's verdict, before a message is mailed: what the door noticed, the surge, and windows.

A held signer gets the same mail and the same pages; the signature is not counted until somebody releases it.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from wagtail_pledge.signing.abuse.signals import codes_of
from wagtail_pledge.signing.enums import EventKind, MessageKind, SignatureState, Verdict
from wagtail_pledge.signing.models import OutboxMessage, SignatureEvent, get_signature_model
from wagtail_pledge.signing.services.switches import SURGE
from wagtail_pledge.signing.worker.rate_limits import Windows
from wagtail_pledge.signing.worker.surge import slow_down, unproven

#: A message stands for the signature that was stored with it, not for an older one of the same mailbox: else a
#: flood that names somebody's address could hold what that person signed before.
TOGETHER: Final = dt.timedelta(seconds=5)


def _claim(messages: list[OutboxMessage]) -> list[OutboxMessage]:
    """Mark what nobody has judged, and return it in the order in which it was signed."""
    asked = [message.pk for message in messages if message.kind == MessageKind.SIGNED and message.judged_at is None]
    if not asked:
        return []
    open_ones = OutboxMessage.objects.select_for_update().filter(pk__in=asked, judged_at__isnull=True)
    mine = set(open_ones.values_list("pk", flat=True))
    OutboxMessage.objects.filter(pk__in=mine).update(judged_at=Now())
    return sorted((message for message in messages if message.pk in mine), key=lambda m: (m.created_at, m.pk))


def judge(messages: list[OutboxMessage]) -> int:
    """Fold the leased ``messages`` into their windows and hold what exceeds them; return how many.

    A message is judged once, however often it is tried. A few statements a batch, one transaction. What a surge holds
    is given back, to be sent later.
    """
    with transaction.atomic():
        claimed = _claim(messages)
        without_proof = unproven(claimed, TOGETHER)
        windows = Windows(claimed)
        reasons = {message.pk: _judge_one(message, without_proof, windows) for message in claimed}
        windows.store()
        slow_down([message for message in claimed if reasons[message.pk] == SURGE])
        return _hold([message for message in claimed if reasons[message.pk]], reasons)


def _judge_one(message: OutboxMessage, without_proof: set[int], windows: Windows) -> str:
    """Return why ``message`` is held, ``""`` if it is not, and count it."""
    codes = codes_of(message.signals)
    reason = codes[0] if codes else SURGE if message.pk in without_proof else windows.full(message)
    windows.count(message, passed=not reason)
    return reason


def _hold(messages: list[OutboxMessage], reasons: dict[int, str]) -> int:
    if not messages:
        return 0
    signatures: Any = get_signature_model()._default_manager
    asked = [bytes(message.mailbox_key or b"") for message in messages]
    undecided = signatures.exclude(verdict=Verdict.INVALID)
    candidates = undecided.select_related("statement").filter(
        Q(mailbox_key__in=asked) | Q(mailbox_key_next__in=asked),
        pledge_id__in={message.pledge_id for message in messages},
        state=SignatureState.PENDING,
    )
    # Under either key of a rotation
    found = {
        (signature.signer_type_id, bytes(key), bytes(signature.seat)): signature
        for signature in candidates
        for key in (signature.mailbox_key, signature.mailbox_key_next)
        if key
    }
    held = [
        (signature, reasons[message.pk])
        for message in messages
        if (signature := found.get((message.signer_type_id, bytes(message.mailbox_key or b""), bytes(message.seat))))
        and signature.created_at > message.created_at - TOGETHER
    ]
    signatures.filter(
        pk__in=[signature.pk for signature, _reason in held], state=SignatureState.PENDING, verdict=Verdict.CLEAR
    ).update(verdict=Verdict.HELD)
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
