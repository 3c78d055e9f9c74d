"""The worker's verdict, before a message is mailed: windows per network, and what the door noticed.

A held signer gets the same mail and the same pages; the signature is not counted until somebody releases it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, Final

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from wagtail_pledge.core.dates import start_of_utc_day, utc_day
from wagtail_pledge.core.settings import get_setting
from wagtail_pledge.core.sql import insert_or_nothing
from wagtail_pledge.signing.enums import EventKind, MessageKind, SignatureState, Verdict
from wagtail_pledge.signing.models import LimitBucket, OutboxMessage, SignatureEvent, get_signature_model

#: A message stands for the signature that was stored with it, not for an older one of the same mailbox: else a
#: flood that names somebody's address could hold what that person signed before.
TOGETHER: Final = dt.timedelta(seconds=5)

Network = tuple[int, bytes]


class Windows:
    """How many signatures of each network were let through, hour by hour, of the UTC days of some messages."""

    def __init__(self, messages: Iterable[OutboxMessage]) -> None:
        self.buckets: dict[tuple[Network, dt.datetime], LimitBucket] = {}
        self.changed: set[int] = set()
        wanted = {(_network(message), _hour(message)) for message in messages if message.network_key}
        # In one order everywhere, so that two workers never wait for each other
        for (pledge_id, key), hour in sorted(wanted):
            insert_or_nothing(LimitBucket(pledge_id=pledge_id, network_key=key, hour=hour, count=0))
        networks = {network for network, _hour in wanted}
        if networks:
            self._read(networks, min(hour for _network, hour in wanted))

    def _read(self, networks: set[Network], first_hour: dt.datetime) -> None:
        rows = LimitBucket.objects.select_for_update().filter(
            pledge_id__in={pledge_id for pledge_id, _key in networks},
            network_key__in=[key for _pledge_id, key in networks],
            hour__gte=start_of_utc_day(utc_day(first_hour)),
        )
        for bucket in rows.order_by("pk"):
            self.buckets[(bucket.pledge_id, bytes(bucket.network_key)), bucket.hour] = bucket

    def let_through(self, message: OutboxMessage) -> str:
        """Return ``""`` and count the message, or the name of the window that is full."""
        if not message.network_key:
            return ""
        network, hour = _network(message), _hour(message)
        bucket = self.buckets[network, hour]
        if bucket.count >= get_setting("NETWORK_PER_HOUR"):
            return "network_hour"
        of_day = [b.count for (n, h), b in self.buckets.items() if n == network and utc_day(h) == utc_day(hour)]
        if sum(of_day) >= get_setting("NETWORK_PER_DAY"):
            return "network_day"
        bucket.count += 1
        self.changed.add(bucket.pk)
        return ""

    def store(self) -> None:
        """Write what :meth:`let_through` counted."""
        changed = [bucket for bucket in self.buckets.values() if bucket.pk in self.changed]
        if changed:
            LimitBucket.objects.bulk_update(changed, ["count"])


def _network(message: OutboxMessage) -> Network:
    return message.pledge_id, bytes(message.network_key or b"")


def _hour(message: OutboxMessage) -> dt.datetime:
    return message.created_at.astimezone(dt.UTC).replace(minute=0, second=0, microsecond=0)


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
    """Fold the networks of the leased ``messages`` into their windows and hold what exceeds them; return how many.

    A message is judged once, however often it is tried. A few statements a batch, one transaction.
    """
    with transaction.atomic():
        claimed = _claim(messages)
        windows = Windows(claimed)
        reasons = {message.pk: message.signals.partition(",")[0] or windows.let_through(message) for message in claimed}
        windows.store()
        return _hold([message for message in claimed if reasons[message.pk]], reasons)


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
