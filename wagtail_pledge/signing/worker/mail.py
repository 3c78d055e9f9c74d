"""Sending what the outbox says is due: leased, at least once, rendered when sent."""

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
from wagtail_pledge.signing.enums import MailQueue, MessageKind, OutboxState, Review
from wagtail_pledge.signing.messages import MailContent, cached_page_texts
from wagtail_pledge.signing.models import MailSent, OutboxMessage
from wagtail_pledge.signing.services.switches import MAIL, is_on
from wagtail_pledge.signing.signals import announce, signature_created
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
    """Note that a reminder is due ``REMINDER_HOURS`` from ``now``; what was confirmed by then, the worker skips.

    Nobody is reminded of a held signature: it may be a stranger's address.
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
#: One connection serves so many mails or seconds; then the worker's other jobs have their turn.
MAX_MAILS_PER_RUN: Final = 100
MAX_SECONDS_PER_RUN: Final = 10
GIVE_UP_AFTER: Final = dt.timedelta(hours=72)
#: Minutes to wait after the first, second, … failure; the last one repeats.
BACKOFF: Final = (1, 2, 4, 8, 15, 30, 60)
#: How a message ends that no further try can help.
FINAL_STATES: Final = {
    DeliveryOutcome.UNDELIVERABLE: OutboxState.UNDELIVERABLE,
    DeliveryOutcome.INVALID_MESSAGE: OutboxState.FAILED,
}
BUDGET_WINDOW: Final = dt.timedelta(hours=24)


def lease(limit: int = BATCH) -> list[OutboxMessage]:
    """Take up to ``limit`` due messages for a minute; no other worker gets them meanwhile."""
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
    """Return the earliest time the budget lets a mail go to this mailbox, over all pledges; ``now`` or
    earlier: at once. Half the budget while the mail ``is_doubted``.
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
    """Return the same Message-ID at every try, so that a receiver can drop a double.

    It is made with the oldest token key that is listed, so listing a newer one changes nothing.
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
    """Close the message, unless another worker has taken it over since."""
    OutboxMessage.objects.filter(pk=message.pk, lease_token=message.lease_token).update(
        state=state, last_code=code[:60], finished_at=Now(), lease_until=None, lease_token=None
    )


def _postpone(message: OutboxMessage, until: Any, code: str, **columns: Any) -> None:
    OutboxMessage.objects.filter(pk=message.pk, lease_token=message.lease_token).update(
        due_at=until, last_code=code[:60], lease_until=None, lease_token=None, **columns
    )


def _after_failure(message: OutboxMessage, answer: DeliveryResult, now: dt.datetime) -> None:
    logger.warning("message %s was not sent: %s", message.pk, answer.code)
    if answer.outcome in FINAL_STATES:
        _finish(message, FINAL_STATES[answer.outcome], answer.code)
    elif now - message.created_at > GIVE_UP_AFTER:
        _finish(message, OutboxState.EXPIRED, answer.code)
    elif answer.outcome is DeliveryOutcome.SERVER_FAILURE:
        # Probably nothing is wrong with the message: soon again, but behind the others, in case it is the cause
        _postpone(message, from_now(dt.timedelta(minutes=BACKOFF[0])), answer.code)
    else:
        delays = BACKOFF[1:] if answer.outcome is DeliveryOutcome.GREYLISTED else BACKOFF
        minutes = delays[min(message.attempts, len(delays)) - 1]
        _postpone(message, from_now(dt.timedelta(minutes=minutes)), answer.code)


def _release_lease(message: OutboxMessage) -> None:
    """Undo the lease of a message that was not tried."""
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
        # This message is poison, the lane goes on. Neither the error's text nor its traceback is logged: both may
        # carry an address.
        logger.error("message %s cannot be rendered: %s", message.pk, redacted_traceback(error))  # noqa: TRY400
        _finish(message, OutboxState.FAILED, type(error).__name__)
    return None


def deliver(
    message: OutboxMessage, connection: SMTPConnection, batch: BatchContext | None = None
) -> DeliveryResult | None:
    """Handle one leased message: send it, put it off or close it; never raises for a bad message.

    Returns ``None`` if there was nothing to send, else what the mail server answered.
    """
    batch = batch or BatchContext([message])
    now = batch.now
    try:
        pending = resolve_message(message, batch)
        earliest = earliest_send_time(pending.signature.email, now, is_quality_low=batch.is_quality_low)
        if earliest > now:
            _postpone(message, earliest, "budget", attempts=F("attempts") - 1)
            return None
        content = _render_or_fail(message, pending)
        if content is None:
            return None
        connection.send(_mail(message, pending, content))
    except MailNotNeeded as reason:
        _finish(message, OutboxState.SKIPPED, reason.code)
        return None
    except Exception as error:  # noqa: BLE001 - a mail server may fail in any way
        answer = classify_error(error)
        _after_failure(message, answer, now)
        return answer
    _mark_sent(message, pending, now)
    return SENT


def _mark_sent(message: OutboxMessage, pending: PendingMail, now: dt.datetime) -> None:
    is_first = pending.kind == MessageKind.CONFIRM and pending.is_first
    with transaction.atomic():
        insert_or_ignore(MailSent(budget_key=budget_key(pending.signature.email)))
        _finish(message, OutboxState.SENT, str(pending.kind))
        if is_first:
            announce(signature_created, pending.signature)
            schedule_reminder(message, pending.signature, now)


def send_due() -> int:
    """Judge and send what is due, batch by batch over one connection; return how many mails went out.

    A turn ends when nothing is left, after ``MAILS_A_TURN`` messages or ``SECONDS_A_TURN`` seconds. Nothing goes out
    while mail is paused. When the mail server fails us several times in a row, the lane rests and its messages are
    given back untried.
    """
    sent, handled, began = 0, 0, time.monotonic()
    with SMTPConnection() as connection, cached_page_texts():
        while handled < MAX_MAILS_PER_RUN and time.monotonic() - began < MAX_SECONDS_PER_RUN and not is_on(MAIL):
            messages = lease(min(BATCH, MAX_MAILS_PER_RUN - handled))
            screen(messages)
            # A surge's are given back to be sent later
            sent += _send_batch([message for message in messages if message.lease_token], connection)
            handled += len(messages)
            if len(messages) < BATCH:
                break
    return sent


def _send_batch(messages: list[OutboxMessage], connection: SMTPConnection) -> int:
    queues: dict[int, list[OutboxMessage]] = {}
    for message in messages:
        queues.setdefault(message.queue, []).append(message)
    return sum(_send_queue(queue, waiting, connection) for queue, waiting in queues.items())


def _send_queue(queue: int, messages: list[OutboxMessage], connection: SMTPConnection) -> int:
    sent, has_failed, batch = 0, True, BatchContext(messages)
    for number, message in enumerate(messages):
        batch = batch.refreshed_if_stale(messages[number:])
        answer = deliver(message, connection, batch)
        if answer is SENT:
            sent += 1
            if has_failed:
                reset_queue_failures(queue)
            has_failed = False
        elif answer is not None and answer.outcome is DeliveryOutcome.SERVER_FAILURE:
            has_failed = True
            if record_queue_failure(queue, answer.code):
                for untried in messages[number + 1 :]:
                    _release_lease(untried)
                break
    return sent


def delete_expired_mail_records() -> int:
    """Drop budget rows past their window; return how many."""
    return MailSent.objects.filter(sent_at__lt=from_now(-BUDGET_WINDOW)).delete()[0]
