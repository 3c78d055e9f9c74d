"""One reminder, a day after the mail that asked to confirm."""

from __future__ import annotations

import datetime as dt
from typing import Any

from wagtail_pledge.core.settings import get_setting
from wagtail_pledge.core.sql import insert_or_nothing
from wagtail_pledge.signing.enums import Lane, MessageKind, Verdict
from wagtail_pledge.signing.models import OutboxMessage


def remind_later(message: OutboxMessage, signature: Any, now: dt.datetime) -> None:
    """Note that a reminder is due ``REMINDER_HOURS`` from ``now``; what was confirmed by then, the worker skips.

    Nobody is reminded of a held signature: it may be a stranger's address.
    """
    hours = get_setting("REMINDER_HOURS")
    if not hours or signature.verdict != Verdict.CLEAR:
        return
    insert_or_nothing(
        OutboxMessage(
            kind=MessageKind.REMINDER,
            pledge_id=message.pledge_id,
            signer_type_id=message.signer_type_id,
            mailbox_key=message.mailbox_key,
            seat=message.seat,
            locale=message.locale,
            lane=Lane.REMINDERS,
            due_at=now + dt.timedelta(hours=hours),
        )
    )
