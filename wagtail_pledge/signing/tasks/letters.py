"""What a due message says, and to whom: found when it is sent, from the signature as it is then."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils import translation

from wagtail_pledge.core.dates import from_now
from wagtail_pledge.core.registry import message_kinds
from wagtail_pledge.core.settings import get_setting
from wagtail_pledge.signing.enums import MessageKind, OutboxState, SignatureState
from wagtail_pledge.signing.messages import MailContent
from wagtail_pledge.signing.models import OutboxMessage, get_signature_model
from wagtail_pledge.signing.querysets import OutboxQuerySet
from wagtail_pledge.signing.services.suppression import is_suppressed


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message that has found its signature."""

    kind: str
    signature: Any
    epoch: int


class NotNeeded(Exception):
    """The message is out of date; ``code`` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def _signature_of(message: OutboxMessage) -> Any:
    signatures: Any = get_signature_model()._default_manager.select_related("pledge", "signer_type", "statement")
    if message.signature_uuid:
        return signatures.filter(pledge_id=message.pledge_id, uuid=message.signature_uuid).first()
    key, seat = bytes(message.mailbox_key or b""), bytes(message.seat)
    return signatures.of_mailbox(message.pledge_id, message.signer_type.kind, key, seat).first()


def _same_sent(message: OutboxMessage) -> OutboxQuerySet:
    return OutboxMessage.objects.filter(
        kind=message.kind,
        pledge_id=message.pledge_id,
        signer_type_id=message.signer_type_id,
        mailbox_key=message.mailbox_key,
        seat=message.seat,
        state=OutboxState.SENT,
    )


def was_sent(message: OutboxMessage) -> bool:
    """Whether this mailbox was told the same before."""
    return _same_sent(message).exists()


def _said_lately(message: OutboxMessage) -> bool:
    window = dt.timedelta(minutes=get_setting("MAIL_MIN_MINUTES"))
    return _same_sent(message).filter(finished_at__gt=from_now(-window)).exists()


def find_letter(message: OutboxMessage, now: dt.datetime) -> Letter:
    """Return what to say to whom. Raises :class:`NotNeeded` when there is nobody (any more) to say it to."""
    signature = _signature_of(message)
    if signature is None or signature.state == SignatureState.ANONYMISED:
        raise NotNeeded("no_signature")
    if is_suppressed(signature.email, now):
        raise NotNeeded("suppressed")
    if _said_lately(message):
        raise NotNeeded("said_lately")
    if message.kind == MessageKind.REMINDER and (signature.state != SignatureState.PENDING or was_sent(message)):
        raise NotNeeded("no_reminder")
    if message.kind != MessageKind.SIGNED:
        return Letter(kind=message.kind, signature=signature, epoch=signature.epoch)
    if signature.state == SignatureState.CONFIRMED:
        return Letter(kind=MessageKind.ALREADY_SIGNED, signature=signature, epoch=signature.epoch)
    again = 1 if signature.state == SignatureState.WITHDRAWN else 0
    return Letter(kind=MessageKind.CONFIRM, signature=signature, epoch=signature.epoch + again)


def render(letter: Letter) -> MailContent:
    """Return the mail in its signer's language."""
    with translation.override(letter.signature.locale):
        content: MailContent = message_kinds[letter.kind](letter.kind, letter.signature, epoch=letter.epoch)
    return content
