"""What a due message says, and to whom: found when it is sent, from the signature as it is then."""

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
from wagtail_pledge.signing.enums import Approval, MessageKind, OutboxState, Review, SignatureState
from wagtail_pledge.signing.messages import DECISIONS, MailContent
from wagtail_pledge.signing.models import OutboxMessage, get_signature_model
from wagtail_pledge.signing.services.lifecycle import can_confirm
from wagtail_pledge.signing.services.suppression import is_suppressed, suppressed_addresses
from wagtail_pledge.signing.services.switches import is_mail_quality_low

#: Who asks to be left alone or withdraws while a batch is sent is heard after so many seconds.
FRESH_SECONDS: Final = 2.0

Key = tuple[Any, ...]


def _signature_key(message: OutboxMessage) -> Key:
    return message.pledge_id, message.signer_type.kind, bytes(message.mailbox_key or b""), bytes(message.seat)


def _sent_key(kind: str, pledge_id: int, signer_type_id: int, mailbox_key: Any, seat: Any) -> Key:
    return kind, pledge_id, signer_type_id, bytes(mailbox_key), bytes(seat)


class BatchContext:
    """Signatures, suppressed mailboxes and what was said last, of some leased messages."""

    def __init__(self, messages: Iterable[OutboxMessage]) -> None:
        self._read_at = time.monotonic()
        self.now: dt.datetime = database_now()
        self.is_quality_low: bool = is_mail_quality_low()
        self._signatures: dict[Key, Any] = {}
        #: Whether a mailbox wants nothing, by address.
        self._suppressed: dict[str, bool] = {}
        #: When a mailbox was last told something, by what was asked for and by the mail that went out.
        self._last_sent: dict[Key, dict[str, dt.datetime]] = {}
        #: Whether one unreadable row kept all from being read: then each is read alone, and only its own message fails.
        self._reads_individually = False
        of_mailboxes = [message for message in messages if message.mailbox_key and not message.signature_uuid]
        if of_mailboxes:
            self._read(of_mailboxes)

    def refreshed_if_stale(self, messages: Iterable[OutboxMessage]) -> Self:
        """Return this one while it is fresh, else another for ``messages``."""
        is_fresh = time.monotonic() - self._read_at < FRESH_SECONDS
        return self if is_fresh else type(self)(messages)

    def _read(self, messages: list[OutboxMessage]) -> None:
        pledges = {message.pledge_id for message in messages}
        asked = {bytes(message.mailbox_key or b"") for message in messages}
        self._read_said(messages, pledges, asked)
        try:
            self._read_signatures(messages, pledges, asked)
        except PledgeError:
            self._reads_individually = True

    def _read_said(self, messages: list[OutboxMessage], pledges: set[int], asked: set[bytes]) -> None:
        sent = OutboxMessage.objects.filter(
            kind__in={message.kind for message in messages},
            pledge_id__in=pledges,
            mailbox_key__in=asked,
            state=OutboxState.SENT,
        )
        columns = ("kind", "pledge_id", "signer_type_id", "mailbox_key", "seat", "last_code")
        rows = sent.values_list(*columns).annotate(last=Max("finished_at")).order_by()
        for *key, mail, last in rows:
            self._last_sent.setdefault(_sent_key(*key), {})[mail] = last

    def _read_signatures(self, messages: list[OutboxMessage], pledges: set[int], asked: set[bytes]) -> None:
        found = _signatures().filter(
            Q(mailbox_key__in=asked) | Q(mailbox_key_next__in=asked),
            pledge_id__in=pledges,
            kind__in={message.signer_type.kind for message in messages},
        )
        for signature in found.order_by("pk"):
            # Under either key of a rotation
            for key in (signature.mailbox_key, signature.mailbox_key_next):
                if key is not None:
                    place = (signature.pledge_id, signature.kind, bytes(key), bytes(signature.seat))
                    self._signatures.setdefault(place, signature)
        addresses = {signature.email for signature in self._signatures.values()}
        suppressed = suppressed_addresses(addresses, self.now)
        self._suppressed = {address: address in suppressed for address in addresses}

    def signature_of(self, message: OutboxMessage) -> Any | None:
        """Return the signature that ``message`` stands for, with pledge, type and statement."""
        if message.signature_uuid:
            return _signatures().filter(pledge_id=message.pledge_id, uuid=message.signature_uuid).first()
        if self._reads_individually:
            return _signatures().for_mailbox(*_signature_key(message)).first()
        return self._signatures.get(_signature_key(message))

    def is_suppressed(self, signature: Any) -> bool:
        """Whether the mailbox of ``signature`` wants nothing."""
        known = self._suppressed.get(signature.email)
        return is_suppressed(signature.email, self.now) if known is None else known

    def last_sent_at(self, message: OutboxMessage, mail: str = "") -> dt.datetime | None:
        """Return when the mailbox of ``message`` last got an answer to the same wish: any, or this ``mail``."""
        key = (message.kind, message.pledge_id, message.signer_type_id, message.mailbox_key or b"", message.seat)
        said = self._last_sent.get(_sent_key(*key), {})
        return said.get(mail) if mail else max(said.values(), default=None)


def _signatures() -> Any:
    known = get_signature_model()._default_manager.select_related("pledge", "signer_type", "statement")
    return known.annotate(db_now=Now())


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingMail:
    """A message that has found its signature."""

    kind: str
    signature: Any
    epoch: int
    #: Whether this mailbox was never told the same before.
    is_first: bool


class MailNotNeeded(Exception):
    """The message is out of date; ``code`` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def _is_worth_a_reminder(signature: Any, now: dt.datetime) -> bool:
    """Whether the link in the reminder would still do something, and nobody holds the signature."""
    closes_at = signature.pledge.closes_at
    is_over = closes_at is not None and closes_at <= now
    return not is_over and signature.review == Review.OK and can_confirm(signature, signature.epoch)


def _is_still_decided(kind: str, signature: Any) -> bool:
    """Whether the decision that the mail ``kind`` tells of is still the last one, about a signature that stands."""
    if kind == MessageKind.APPROVED:
        return bool(signature.is_counted)
    return bool(signature.state == SignatureState.CONFIRMED and signature.approval == Approval.REJECTED)


def resolve_message(message: OutboxMessage, batch: BatchContext) -> PendingMail:
    """Return what to say to whom. Raises :class:`NotNeeded` when there is nobody (any more) to say it to."""
    signature, now = batch.signature_of(message), batch.now
    if signature is None or signature.state == SignatureState.ANONYMISED:
        raise MailNotNeeded("no_signature")
    if batch.is_suppressed(signature):
        raise MailNotNeeded("suppressed")
    kind, epoch = _mail_kind_and_epoch(message, signature)
    last = batch.last_sent_at(message)
    if _was_sent_recently(batch.last_sent_at(message, kind), signature, now):
        raise MailNotNeeded("said_lately")
    if message.kind == MessageKind.REMINDER and (last is not None or not _is_worth_a_reminder(signature, now)):
        raise MailNotNeeded("no_reminder")
    if message.kind in DECISIONS and not _is_still_decided(message.kind, signature):
        raise MailNotNeeded("taken_back")
    return PendingMail(kind=kind, signature=signature, epoch=epoch, is_first=last is None)


def _was_sent_recently(sent_at: dt.datetime | None, signature: Any, now: dt.datetime) -> bool:
    """Whether the same mail went out a moment ago. One from before the signer's last step was about another epoch; then
    the budget puts this one off.
    """
    step = signature.withdrawn_at or signature.confirmed_at
    lately = now - dt.timedelta(minutes=get_setting("MAIL_MIN_MINUTES"))
    return sent_at is not None and sent_at > lately and (step is None or sent_at >= step)


def _mail_kind_and_epoch(message: OutboxMessage, signature: Any) -> tuple[str, int]:
    """Return kind and epoch of the mail."""
    if message.kind != MessageKind.SIGNED:
        return message.kind, signature.epoch
    if signature.state == SignatureState.CONFIRMED:
        return MessageKind.ALREADY_SIGNED, signature.epoch
    again = 1 if signature.state == SignatureState.WITHDRAWN else 0
    return MessageKind.CONFIRM, signature.epoch + again


def render(pending: PendingMail) -> MailContent:
    """Return the mail in its signer's language."""
    with translation.override(pending.signature.locale):
        content: MailContent = message_kinds[pending.kind](pending.kind, pending.signature, epoch=pending.epoch)
    return content
