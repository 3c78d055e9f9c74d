"""Resolves leased messages to a signature and a mail, at send time, with a few queries per batch."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Self

from django.db.models import Max, Q
from django.db.models.functions import Now
from django.utils import translation

from wagtail_pledge.conf import get_setting
from wagtail_pledge.core.db import database_now
from wagtail_pledge.core.errors import PledgeError
from wagtail_pledge.core.registry import message_kinds
from wagtail_pledge.signing.enums import Approval, MessageKind, OutboxReason, OutboxState, Review, SignatureState
from wagtail_pledge.signing.messages import DECISIONS, MailContent
from wagtail_pledge.signing.models import OutboxMessage, get_signature_model
from wagtail_pledge.signing.services.lifecycle import can_confirm
from wagtail_pledge.signing.services.suppression import is_suppressed, suppressed_addresses
from wagtail_pledge.signing.services.switches import is_mail_quality_low

#: A batch is read again after this many seconds, so that withdrawals and suppressions take effect while it is sent.
FRESH_SECONDS: Final = 2.0

Key = tuple[Any, ...]


def _signature_key(message: OutboxMessage) -> Key:
    return message.pledge_id, message.signer_type.kind, bytes(message.mailbox_key or b""), bytes(message.seat)


def _sent_key(kind: str, pledge_id: int, signer_type_id: int, mailbox_key: Any, seat: Any) -> Key:
    return kind, pledge_id, signer_type_id, bytes(mailbox_key), bytes(seat)


class BatchContext:
    """Signatures, suppressed addresses and earlier mails of a batch of leased messages."""

    def __init__(self, messages: Iterable[OutboxMessage]) -> None:
        self._read_at = time.monotonic()
        self.now: dt.datetime = database_now()
        self.is_quality_low: bool = is_mail_quality_low()
        self._signatures: dict[Key, Any] = {}
        #: Whether mail to an address is suppressed, by address.
        self._suppressed: dict[str, bool] = {}
        #: When a mailbox last got a mail, by the requested message and by the kind of the mail that was sent.
        self._last_sent: dict[Key, dict[str, dt.datetime]] = {}
        #: Whether an unreadable row made the batch query fail. Then each row is read alone: only its own message fails.
        self._reads_individually = False
        to_mailboxes = [message for message in messages if message.mailbox_key and not message.signature_uuid]
        if to_mailboxes:
            self._read(to_mailboxes)

    def refreshed_if_stale(self, messages: Iterable[OutboxMessage]) -> Self:
        """Return this context while it is fresh, else a new one for ``messages``."""
        is_fresh = time.monotonic() - self._read_at < FRESH_SECONDS
        return self if is_fresh else type(self)(messages)

    def _read(self, messages: list[OutboxMessage]) -> None:
        pledges = {message.pledge_id for message in messages}
        mailboxes = {bytes(message.mailbox_key or b"") for message in messages}
        self._read_last_sent(messages, pledges, mailboxes)
        try:
            self._read_signatures(messages, pledges, mailboxes)
        except PledgeError:
            self._reads_individually = True

    def _read_last_sent(self, messages: list[OutboxMessage], pledges: set[int], mailboxes: set[bytes]) -> None:
        sent = OutboxMessage.objects.filter(
            kind__in={message.kind for message in messages},
            pledge_id__in=pledges,
            mailbox_key__in=mailboxes,
            state=OutboxState.SENT,
        )
        columns = ("kind", "pledge_id", "signer_type_id", "mailbox_key", "seat", "last_code")
        rows = sent.values_list(*columns).annotate(last=Max("finished_at")).order_by()
        for *key, mail, last in rows:
            self._last_sent.setdefault(_sent_key(*key), {})[mail] = last

    def _read_signatures(self, messages: list[OutboxMessage], pledges: set[int], mailboxes: set[bytes]) -> None:
        signatures = _signatures().filter(
            Q(mailbox_key__in=mailboxes) | Q(mailbox_key_next__in=mailboxes),
            pledge_id__in=pledges,
            kind__in={message.signer_type.kind for message in messages},
        )
        for signature in signatures.order_by("pk"):
            # During a key rotation a signature has two keys
            for mailbox_key in (signature.mailbox_key, signature.mailbox_key_next):
                if mailbox_key is not None:
                    key = (signature.pledge_id, signature.kind, bytes(mailbox_key), bytes(signature.seat))
                    self._signatures.setdefault(key, signature)
        addresses = {signature.email for signature in self._signatures.values()}
        suppressed = suppressed_addresses(addresses, self.now)
        self._suppressed = {address: address in suppressed for address in addresses}

    def signature_of(self, message: OutboxMessage) -> Any | None:
        """Return the signature of ``message`` with pledge, signer type and statement, ``None`` if there is none."""
        if message.signature_uuid:
            return _signatures().filter(pledge_id=message.pledge_id, uuid=message.signature_uuid).first()
        if self._reads_individually:
            return _signatures().for_mailbox(*_signature_key(message)).first()
        return self._signatures.get(_signature_key(message))

    def is_suppressed(self, signature: Any) -> bool:
        """Return whether mail to the address of ``signature`` is suppressed."""
        cached = self._suppressed.get(signature.email)
        return is_suppressed(signature.email, self.now) if cached is None else cached

    def last_sent_at(self, message: OutboxMessage, mail: str = "") -> dt.datetime | None:
        """Return when a message like ``message`` was last sent to its mailbox: as any mail, or as the kind ``mail``."""
        key = (message.kind, message.pledge_id, message.signer_type_id, message.mailbox_key or b"", message.seat)
        times = self._last_sent.get(_sent_key(*key), {})
        return times.get(mail) if mail else max(times.values(), default=None)


def _signatures() -> Any:
    signatures = get_signature_model()._default_manager.select_related("pledge", "signer_type", "statement")
    return signatures.annotate(db_now=Now())


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingMail:
    """A message resolved to the signature and the kind of mail to send."""

    kind: str
    signature: Any
    epoch: int
    #: Whether the same message was never sent to this mailbox before.
    is_first: bool


class MailNotNeeded(Exception):
    """Raised when a message is out of date; ``code`` is the reason."""

    def __init__(self, code: OutboxReason) -> None:
        super().__init__(code)
        self.code = code


def _is_worth_a_reminder(signature: Any, now: dt.datetime) -> bool:
    """Return whether the link in the reminder would still work and the signature is not held for review."""
    closes_at = signature.pledge.closes_at
    is_over = closes_at is not None and closes_at <= now
    return not is_over and signature.review == Review.OK and can_confirm(signature, signature.epoch)


def _is_still_decided(kind: str, signature: Any) -> bool:
    """Return whether the decision that the mail is about still applies."""
    if kind == MessageKind.APPROVED:
        return bool(signature.is_counted)
    return bool(signature.state == SignatureState.CONFIRMED and signature.approval == Approval.REJECTED)


def resolve_message(message: OutboxMessage, batch: BatchContext) -> PendingMail:
    """Return the mail to send for ``message``. Raises :class:`MailNotNeeded` if it is out of date."""
    signature, now = batch.signature_of(message), batch.now
    if signature is None or signature.state == SignatureState.ANONYMISED:
        raise MailNotNeeded(OutboxReason.NO_SIGNATURE)
    if batch.is_suppressed(signature):
        raise MailNotNeeded(OutboxReason.SUPPRESSED)
    kind, epoch = _mail_kind_and_epoch(message, signature)
    last = batch.last_sent_at(message)
    if _was_sent_recently(batch.last_sent_at(message, kind), signature, now):
        raise MailNotNeeded(OutboxReason.SENT_RECENTLY)
    if message.kind == MessageKind.REMINDER and (last is not None or not _is_worth_a_reminder(signature, now)):
        raise MailNotNeeded(OutboxReason.NO_REMINDER)
    if message.kind in DECISIONS and not _is_still_decided(message.kind, signature):
        raise MailNotNeeded(OutboxReason.DECISION_CHANGED)
    return PendingMail(kind=kind, signature=signature, epoch=epoch, is_first=last is None)


def _was_sent_recently(sent_at: dt.datetime | None, signature: Any, now: dt.datetime) -> bool:
    """Return whether the same mail was sent less than ``MAIL_MIN_MINUTES`` ago.

    A mail from before the signer last confirmed or withdrew does not count: its link is of an older epoch. The mail
    budget then postpones the new mail.
    """
    changed_at = signature.withdrawn_at or signature.confirmed_at
    threshold = now - dt.timedelta(minutes=get_setting("MAIL_MIN_MINUTES"))
    return sent_at is not None and sent_at > threshold and (changed_at is None or sent_at >= changed_at)


def _mail_kind_and_epoch(message: OutboxMessage, signature: Any) -> tuple[str, int]:
    """Return the kind of mail and the epoch of its links; a confirmation after a withdrawal starts the next epoch."""
    if message.kind != MessageKind.SIGNED:
        return message.kind, signature.epoch
    if signature.state == SignatureState.CONFIRMED:
        return MessageKind.ALREADY_SIGNED, signature.epoch
    increment = 1 if signature.state == SignatureState.WITHDRAWN else 0
    return MessageKind.CONFIRM, signature.epoch + increment


def render(pending: PendingMail) -> MailContent:
    """Return the content of the mail in the signer's language."""
    with translation.override(pending.signature.locale):
        content: MailContent = message_kinds[pending.kind](pending.kind, pending.signature, epoch=pending.epoch)
    return content
