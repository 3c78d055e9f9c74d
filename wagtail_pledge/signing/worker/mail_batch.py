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
from wagtail_pledge.signing.enums import Approval, MessageKind, OutboxState, SignatureState, Verdict
from wagtail_pledge.signing.messages import DECISIONS, MailContent
from wagtail_pledge.signing.models import OutboxMessage, get_signature_model
from wagtail_pledge.signing.services.lifecycle import can_confirm
from wagtail_pledge.signing.services.suppression import is_suppressed, suppressed_among
from wagtail_pledge.signing.services.switches import is_mail_doubted

#: Who asks to be left alone or withdraws while a batch is sent is heard after so many seconds.
FRESH_SECONDS: Final = 2.0

Key = tuple[Any, ...]


def _found_by(message: OutboxMessage) -> Key:
    return message.pledge_id, message.signer_type.kind, bytes(message.mailbox_key or b""), bytes(message.seat)


def _said_by(kind: str, pledge_id: int, signer_type_id: int, mailbox_key: Any, seat: Any) -> Key:
    return kind, pledge_id, signer_type_id, bytes(mailbox_key), bytes(seat)


class Lookup:
    """Signatures, suppressed mailboxes and what was said last, of some leased messages."""

    def __init__(self, messages: Iterable[OutboxMessage]) -> None:
        self._read_at = time.monotonic()
        self.now: dt.datetime = database_now()
        self.is_doubted: bool = is_mail_doubted()
        self._signatures: dict[Key, Any] = {}
        #: Whether a mailbox wants nothing, by address.
        self._suppressed: dict[str, bool] = {}
        #: When a mailbox was last told something, by what was asked for and by the mail that went out.
        self._said: dict[Key, dict[str, dt.datetime]] = {}
        #: Whether one unreadable row kept all from being read: then each is read alone, and only its own message fails.
        self._is_each_alone = False
        of_mailboxes = [message for message in messages if message.mailbox_key and not message.signature_uuid]
        if of_mailboxes:
            self._read(of_mailboxes)

    def refreshed(self, messages: Iterable[OutboxMessage]) -> Self:
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
            self._is_each_alone = True

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
            self._said.setdefault(_said_by(*key), {})[mail] = last

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
        suppressed = suppressed_among(addresses, self.now)
        self._suppressed = {address: address in suppressed for address in addresses}

    def signature_of(self, message: OutboxMessage) -> Any | None:
        """Return the signature that ``message`` stands for, with pledge, type and statement."""
        if message.signature_uuid:
            return _signatures().filter(pledge_id=message.pledge_id, uuid=message.signature_uuid).first()
        if self._is_each_alone:
            return _signatures().of_mailbox(*_found_by(message)).first()
        return self._signatures.get(_found_by(message))

    def is_suppressed(self, signature: Any) -> bool:
        """Whether the mailbox of ``signature`` wants nothing."""
        known = self._suppressed.get(signature.email)
        return is_suppressed(signature.email, self.now) if known is None else known

    def last_said(self, message: OutboxMessage, mail: str = "") -> dt.datetime | None:
        """Return when the mailbox of ``message`` last got an answer to the same wish: any, or this ``mail``."""
        key = (message.kind, message.pledge_id, message.signer_type_id, message.mailbox_key or b"", message.seat)
        said = self._said.get(_said_by(*key), {})
        return said.get(mail) if mail else max(said.values(), default=None)


def _signatures() -> Any:
    known = get_signature_model()._default_manager.select_related("pledge", "signer_type", "statement")
    return known.annotate(db_now=Now())


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message that has found its signature."""

    kind: str
    signature: Any
    epoch: int
    #: Whether this mailbox was never told the same before.
    is_first: bool


class NotNeeded(Exception):
    """The message is out of date; ``code`` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def _is_worth_a_reminder(signature: Any, now: dt.datetime) -> bool:
    """Whether the link in the reminder would still do something, and nobody holds the signature."""
    closes_at = signature.pledge.closes_at
    is_over = closes_at is not None and closes_at <= now
    return not is_over and signature.verdict == Verdict.CLEAR and can_confirm(signature, signature.epoch)


def _still_holds(kind: str, signature: Any) -> bool:
    """Whether the decision that the mail ``kind`` tells of is still the last one, about a signature that stands."""
    if kind == MessageKind.APPROVED:
        return bool(signature.is_counted)
    return bool(signature.state == SignatureState.CONFIRMED and signature.approval == Approval.REFUSED)


def find_letter(message: OutboxMessage, lookup: Lookup) -> Letter:
    """Return what to say to whom. Raises :class:`NotNeeded` when there is nobody (any more) to say it to."""
    signature, now = lookup.signature_of(message), lookup.now
    if signature is None or signature.state == SignatureState.ANONYMISED:
        raise NotNeeded("no_signature")
    if lookup.is_suppressed(signature):
        raise NotNeeded("suppressed")
    kind, epoch = _what_to_say(message, signature)
    last = lookup.last_said(message)
    if _was_said_lately(lookup.last_said(message, kind), signature, now):
        raise NotNeeded("said_lately")
    if message.kind == MessageKind.REMINDER and (last is not None or not _is_worth_a_reminder(signature, now)):
        raise NotNeeded("no_reminder")
    if message.kind in DECISIONS and not _still_holds(message.kind, signature):
        raise NotNeeded("taken_back")
    return Letter(kind=kind, signature=signature, epoch=epoch, is_first=last is None)


def _was_said_lately(said: dt.datetime | None, signature: Any, now: dt.datetime) -> bool:
    """Whether the same mail went out a moment ago. One from before the signer's last step was about another epoch; then
    the budget puts this one off.
    """
    step = signature.withdrawn_at or signature.confirmed_at
    lately = now - dt.timedelta(minutes=get_setting("MAIL_MIN_MINUTES"))
    return said is not None and said > lately and (step is None or said >= step)


def _what_to_say(message: OutboxMessage, signature: Any) -> tuple[str, int]:
    """Return kind and epoch of the mail."""
    if message.kind != MessageKind.SIGNED:
        return message.kind, signature.epoch
    if signature.state == SignatureState.CONFIRMED:
        return MessageKind.ALREADY_SIGNED, signature.epoch
    again = 1 if signature.state == SignatureState.WITHDRAWN else 0
    return MessageKind.CONFIRM, signature.epoch + again


def render(letter: Letter) -> MailContent:
    """Return the mail in its signer's language."""
    with translation.override(letter.signature.locale):
        content: MailContent = message_kinds[letter.kind](letter.kind, letter.signature, epoch=letter.epoch)
    return content
