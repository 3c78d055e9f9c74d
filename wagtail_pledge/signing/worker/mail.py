"""Sends the due messages of the outbox.

Each message is leased, resolved to a signature, rendered and sent; it is sent at least once.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
import uuid
from email.utils import parseaddr
from typing import Any, Final

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from wagtail_pledge.conf import get_setting
from wagtail_pledge.core import crypto
from wagtail_pledge.core.db import from_now, insert_or_ignore
from wagtail_pledge.core.errors import PledgeError
from wagtail_pledge.core.log_redaction import redacted_traceback
from wagtail_pledge.signing.addresses import budget_key
from wagtail_pledge.signing.enums import MailQueue, MessageKind, OutboxReason, OutboxState, Review
from wagtail_pledge.signing.messages import MailContent, cached_page_texts
from wagtail_pledge.signing.models import MailSent, OutboxMessage
from wagtail_pledge.signing.services.switches import MAIL, is_on
from wagtail_pledge.signing.signals import send_on_commit, signature_created
from wagtail_pledge.signing.worker.mail_batch import BatchContext, MailNotNeeded, PendingMail, render, resolve_message
from wagtail_pledge.signing.worker.screening import screen
from wagtail_pledge.signing.worker.smtp import (
    SENT,
    DeliveryOutcome,
    DeliveryResult,
    SMTPConnection,
    classify_error,
    paused_queues,
    record_queue_failure,
    reset_queue_failures,
)


def schedule_reminder(message: OutboxMessage, signature: Any, now: dt.datetime) -> None:
    """Queue a reminder for ``REMINDER_HOURS`` after ``now``; it is skipped if the signature is confirmed by then.

    There is no reminder for a held signature: its address may be a stranger's.
    """
    hours = get_setting("REMINDER_HOURS")
    if not hours or signature.review != Review.OK:
        return
    insert_or_ignore(
        OutboxMessage(
            kind=MessageKind.REMINDER,
            pledge_id=message.pledge_id,
            signer_type_id=message.signer_type_id,
            mailbox_key=message.mailbox_key,
            seat=message.seat,
            locale=message.locale,
            queue=MailQueue.REMINDERS,
            due_at=now + dt.timedelta(hours=hours),
        )
    )


logger = logging.getLogger(__name__)

LEASE: Final = dt.timedelta(seconds=60)
BATCH: Final = 20
#: Limits of one run over one connection, so that the worker's other jobs get their turn.
MAX_MAILS_PER_RUN: Final = 100
MAX_SECONDS_PER_RUN: Final = 10
GIVE_UP_AFTER: Final = dt.timedelta(hours=72)
#: Minutes to wait after the first, second, … failure; the last value repeats.
BACKOFF: Final = (1, 2, 4, 8, 15, 30, 60)
#: Final states of messages that would fail again.
FINAL_STATES: Final = {
    DeliveryOutcome.UNDELIVERABLE: OutboxState.UNDELIVERABLE,
    DeliveryOutcome.INVALID_MESSAGE: OutboxState.FAILED,
}
BUDGET_WINDOW: Final = dt.timedelta(hours=24)


def lease(limit: int = BATCH) -> list[OutboxMessage]:
    """Lease up to ``limit`` due messages for a minute; no other worker gets them during that time."""
    token = uuid.uuid4()
    with transaction.atomic():
        due = OutboxMessage.objects.due().exclude(queue__in=paused_queues()).order_by("queue", "due_at")
        chosen = list(due.select_for_update(skip_locked=True).values_list("pk", flat=True)[:limit])
        OutboxMessage.objects.due().filter(pk__in=chosen).update(
            lease_until=from_now(LEASE), lease_token=token, attempts=F("attempts") + 1
        )
    mine = OutboxMessage.objects.filter(lease_token=token, state=OutboxState.DUE)
    return list(mine.select_related("signer_type").order_by("queue", "due_at"))


def earliest_send_time(address: str, now: dt.datetime, *, is_quality_low: bool = False) -> dt.datetime:
    """Return the earliest time that the mail budget of this mailbox allows a mail; ``now`` or earlier means at once.

    The budget is shared by all pledges, and halved while ``is_quality_low``.
    """
    share = 2 if is_quality_low else 1
    sent = MailSent.objects.filter(budget_key=budget_key(address), sent_at__gt=now - BUDGET_WINDOW)
    times: list[dt.datetime] = sorted(sent.values_list("sent_at", flat=True))
    if not times:
        return now
    pause = times[-1] + dt.timedelta(minutes=get_setting("MAIL_MIN_MINUTES") * share)
    if len(times) < max(1, get_setting("MAIL_PER_DAY") // share):
        return pause
    return max(pause, times[0] + BUDGET_WINDOW)


def _sender() -> str:
    return str(get_setting("FROM_EMAIL") or settings.DEFAULT_FROM_EMAIL)


def message_id(message: OutboxMessage) -> str:
    """Return the Message-ID, the same at every attempt, so that mail servers can drop duplicates.

    It is made with the oldest token key in the settings, so that adding a newer key does not change it.
    """
    parts = (b"message-id", str(message.pk).encode(), message.created_at.isoformat().encode())
    digest = crypto.keyed_hash("token", *parts, version=min(crypto.keyring("token")))
    domain = parseaddr(_sender())[1].rpartition("@")[2] or "localhost"
    return f"<{digest[:16].hex()}@{domain}>"


def _mail(message: OutboxMessage, pending: PendingMail, content: MailContent) -> EmailMultiAlternatives:
    mail = EmailMultiAlternatives(
        subject=content.subject,
        body=content.text,
        from_email=_sender(),
        to=[pending.signature.email],
        reply_to=[get_setting("REPLY_TO")] if get_setting("REPLY_TO") else None,
        headers={"Message-ID": message_id(message), "Auto-Submitted": "auto-generated"},
    )
    mail.attach_alternative(content.html, "text/html")
    return mail


def _finish(message: OutboxMessage, state: OutboxState, code: str = "") -> None:
    """Set the final state of the message, unless another worker has leased it since."""
    OutboxMessage.objects.filter(pk=message.pk, lease_token=message.lease_token).update(
        state=state, last_code=code[:60], finished_at=Now(), lease_until=None, lease_token=None
    )


def _postpone(message: OutboxMessage, until: Any, code: str, **columns: Any) -> None:
    OutboxMessage.objects.filter(pk=message.pk, lease_token=message.lease_token).update(
        due_at=until, last_code=code[:60], lease_until=None, lease_token=None, **columns
    )


def _after_failure(message: OutboxMessage, result: DeliveryResult, now: dt.datetime) -> None:
    logger.warning("message %s was not sent: %s", message.pk, result.code)
    if result.outcome in FINAL_STATES:
        _finish(message, FINAL_STATES[result.outcome], result.code)
    elif now - message.created_at > GIVE_UP_AFTER:
        _finish(message, OutboxState.EXPIRED, result.code)
    elif result.outcome is DeliveryOutcome.SERVER_FAILURE:
        # Probably not the message's fault: retry soon, but after the others in case it is the cause
        _postpone(message, from_now(dt.timedelta(minutes=BACKOFF[0])), result.code)
    else:
        delays = BACKOFF[1:] if result.outcome is DeliveryOutcome.GREYLISTED else BACKOFF
        minutes = delays[min(message.attempts, len(delays)) - 1]
        _postpone(message, from_now(dt.timedelta(minutes=minutes)), result.code)


def _release_lease(message: OutboxMessage) -> None:
    """Undo the lease of a message that was not attempted."""
    OutboxMessage.objects.filter(pk=message.pk, lease_token=message.lease_token).update(
        lease_until=None, lease_token=None, attempts=F("attempts") - 1
    )


def _render_or_fail(message: OutboxMessage, pending: PendingMail) -> MailContent | None:
    try:
        return render(pending)
    except PledgeError as error:
        if not error.permanent:
            raise
        _finish(message, OutboxState.FAILED, error.code)
    except Exception as error:  # noqa: BLE001 - a template or a stored value may fail in any way
        # Close this message, the queue continues. Neither the error's message nor its traceback is logged: both may
        # contain an email address.
        logger.error("message %s cannot be rendered: %s", message.pk, redacted_traceback(error))  # noqa: TRY400
        _finish(message, OutboxState.FAILED, type(error).__name__)
    return None


def deliver(
    message: OutboxMessage, connection: SMTPConnection, batch: BatchContext | None = None
) -> DeliveryResult | None:
    """Send, postpone or close one leased message. Never raises for a bad message.

    Returns ``None`` if there was nothing to send, else the result of the delivery.
    """
    batch = batch or BatchContext([message])
    now = batch.now
    try:
        pending = resolve_message(message, batch)
        earliest = earliest_send_time(pending.signature.email, now, is_quality_low=batch.is_quality_low)
        if earliest > now:
            _postpone(message, earliest, OutboxReason.BUDGET, attempts=F("attempts") - 1)
            return None
        content = _render_or_fail(message, pending)
        if content is None:
            return None
        connection.send(_mail(message, pending, content))
    except MailNotNeeded as reason:
        _finish(message, OutboxState.SKIPPED, reason.code)
        return None
    except Exception as error:  # noqa: BLE001 - a mail server may fail in any way
        result = classify_error(error)
        _after_failure(message, result, now)
        return result
    _mark_sent(message, pending, now)
    return SENT


def _mark_sent(message: OutboxMessage, pending: PendingMail, now: dt.datetime) -> None:
    is_first = pending.kind == MessageKind.CONFIRM and pending.is_first
    with transaction.atomic():
        insert_or_ignore(MailSent(budget_key=budget_key(pending.signature.email)))
        _finish(message, OutboxState.SENT, str(pending.kind))
        if is_first:
            send_on_commit(signature_created, pending.signature)
            schedule_reminder(message, pending.signature, now)


def send_due() -> int:
    """Screen and send due messages, batch by batch over one connection; return how many mails were sent.

    A run ends when nothing is due, after ``MAX_MAILS_PER_RUN`` messages or after ``MAX_SECONDS_PER_RUN`` seconds.
    Nothing is sent while mail is paused. After several server failures in a row the queue is paused and the leases of
    its remaining messages are released.
    """
    sent, handled, began = 0, 0, time.monotonic()
    with SMTPConnection() as connection, cached_page_texts():
        while handled < MAX_MAILS_PER_RUN and time.monotonic() - began < MAX_SECONDS_PER_RUN and not is_on(MAIL):
            messages = lease(min(BATCH, MAX_MAILS_PER_RUN - handled))
            screen(messages)
            # Messages held by a surge were postponed and have no lease any more
            sent += _send_batch([message for message in messages if message.lease_token], connection)
            handled += len(messages)
            if len(messages) < BATCH:
                break
    return sent


def _send_batch(messages: list[OutboxMessage], connection: SMTPConnection) -> int:
    queues: dict[int, list[OutboxMessage]] = {}
    for message in messages:
        queues.setdefault(message.queue, []).append(message)
    return sum(_send_queue(queue, queued, connection) for queue, queued in queues.items())


def _send_queue(queue: int, messages: list[OutboxMessage], connection: SMTPConnection) -> int:
    sent, has_failed, batch = 0, True, BatchContext(messages)
    for number, message in enumerate(messages):
        batch = batch.refreshed_if_stale(messages[number:])
        result = deliver(message, connection, batch)
        if result is SENT:
            sent += 1
            if has_failed:
                reset_queue_failures(queue)
            has_failed = False
        elif result is not None and result.outcome is DeliveryOutcome.SERVER_FAILURE:
            has_failed = True
            if record_queue_failure(queue, result.code):
                for untried in messages[number + 1 :]:
                    _release_lease(untried)
                break
    return sent


def delete_expired_mail_records() -> int:
    """Delete records of the mail budget that are older than its window; return how many."""
    return MailSent.objects.filter(sent_at__lt=from_now(-BUDGET_WINDOW)).delete()[0]
