"""What a due message says, and to whom: found when it is sent, from the signature as it is then."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils import translation

from wagtail_pledge.core.registry import message_kinds
from wagtail_pledge.core.settings import get_setting
from wagtail_pledge.signing.enums import Approval, MessageKind, SignatureState, Verdict
from wagtail_pledge.signing.messages import DECISIONS, MailContent
from wagtail_pledge.signing.models import OutboxMessage
from wagtail_pledge.signing.services.lifecycle import can_confirm
from wagtail_pledge.signing.tasks.lookup import Lookup


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
