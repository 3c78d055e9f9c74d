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
from wagtail_pledge.core.db import from_now, insert_or_nothing
from wagtail_pledge.core.errors import PledgeError
from wagtail_pledge.core.log_redaction import outline
from wagtail_pledge.signing.addresses import budget_key
from wagtail_pledge.signing.enums import Lane, MessageKind, OutboxState, Verdict
from wagtail_pledge.signing.messages import MailContent, one_batch
from wagtail_pledge.signing.models import MailSent, OutboxMessage
from wagtail_pledge.signing.services.switches import MAIL, is_on
from wagtail_pledge.signing.signals import announce, signature_created
from wagtail_pledge.signing.worker.mail_batch import Letter, Lookup, NotNeeded, find_letter, render
from wagtail_pledge.signing.worker.screening import judge
from wagtail_pledge.signing.worker.smtp import (
    SENT,
    Answer,
    Fate,
    Post,
    lane_failed,
    lane_works,
    read_answer,
    resting_lanes,
)


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


logger = logging.getLogger(__name__)

LEASE: Final = dt.timedelta(seconds=60)
BATCH: Final = 20
#: One connection serves so many mails or seconds; then the worker's other jobs have their turn.
MAILS_A_TURN: Final = 100
SECONDS_A_TURN: Final = 10
GIVE_UP: Final = dt.timedelta(hours=72)
#: Minutes to wait after the first, second, … failure; the last one repeats.
BACKOFF: Final = (1, 2, 4, 8, 15, 30, 60)
#: How a message ends that no further try can help.
ENDS: Final = {Fate.UNDELIVERABLE: OutboxState.UNDELIVERABLE, Fate.POISON: OutboxState.FAILED}
BUDGET_WINDOW: Final = dt.timedelta(hours=24)


def lease(limit: int = BATCH) -> list[OutboxMessage]:
    """Take up to ``limit`` due messages for a minute; no other worker gets them meanwhile."""
    token = uuid.uuid4()
    with transaction.atomic():
        due = OutboxMessage.objects.due().exclude(lane__in=resting_lanes()).order_by("lane", "due_at")
        chosen = list(due.select_for_update(skip_locked=True).values_list("pk", flat=True)[:limit])
        OutboxMessage.objects.due().filter(pk__in=chosen).update(
            lease_until=from_now(LEASE), lease_token=token, attempts=F("attempts") + 1
        )
    mine = OutboxMessage.objects.filter(lease_token=token, state=OutboxState.DUE)
    return list(mine.select_related("signer_type").order_by("lane", "due_at"))


def allowed_at(address: str, now: dt.datetime, *, is_doubted: bool = False) -> dt.datetime:
    """Return the earliest time the budget lets a mail go to this mailbox, over all pledges; ``now`` or
    earlier: at once. Half the budget while the mail ``is_doubted``.
    """
    share = 2 if is_doubted else 1
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
    """Return the same Message-ID at every try, so that a receiver can drop a double."""
    digest = crypto.keyed_hash(
        "token", b"message-id", str(message.pk).encode(), message.created_at.isoformat().encode()
    )
    domain = parseaddr(_sender())[1].rpartition("@")[2] or "localhost"
    return f"<{digest[:16].hex()}@{domain}>"


def _mail(message: OutboxMessage, letter: Letter, content: MailContent) -> EmailMultiAlternatives:
    mail = EmailMultiAlternatives(
        subject=content.subject,
        body=content.text,
        from_email=_sender(),
        to=[letter.signature.email],
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


def _put_off(message: OutboxMessage, until: Any, code: str) -> None:
    OutboxMessage.objects.filter(pk=message.pk, lease_token=message.lease_token).update(
        due_at=until, last_code=code[:60], lease_until=None, lease_token=None
    )


def _after_failure(message: OutboxMessage, answer: Answer, now: dt.datetime) -> None:
    logger.warning("message %s was not sent: %s", message.pk, answer.code)
    if answer.fate in ENDS:
        _finish(message, ENDS[answer.fate], answer.code)
    elif now - message.created_at > GIVE_UP:
        _finish(message, OutboxState.EXPIRED, answer.code)
    elif answer.fate is Fate.OURS:
        # Probably nothing is wrong with the message: soon again, but behind the others, in case it is the cause
        _put_off(message, from_now(dt.timedelta(minutes=BACKOFF[0])), answer.code)
    else:
        ladder = BACKOFF[1:] if answer.fate is Fate.GREYLISTED else BACKOFF
        minutes = ladder[min(message.attempts, len(ladder)) - 1]
        _put_off(message, from_now(dt.timedelta(minutes=minutes)), answer.code)


def _give_back(message: OutboxMessage) -> None:
    """Undo the lease of a message that was not tried."""
    OutboxMessage.objects.filter(pk=message.pk, lease_token=message.lease_token).update(
        lease_until=None, lease_token=None, attempts=F("attempts") - 1
    )


def _render_or_fail(message: OutboxMessage, letter: Letter) -> MailContent | None:
    try:
        return render(letter)
    except PledgeError as error:
        if not error.permanent:
            raise
        _finish(message, OutboxState.FAILED, error.code)
    except Exception as error:  # noqa: BLE001 - a template or a stored value may fail in any way
        # This message is poison, the lane goes on. Neither the error's text nor its traceback is logged: both may
        # carry an address.
        logger.error("message %s cannot be rendered: %s", message.pk, outline(error))  # noqa: TRY400
        _finish(message, OutboxState.FAILED, type(error).__name__)
    return None


def deliver(message: OutboxMessage, post: Post, lookup: Lookup | None = None) -> Answer | None:
    """Handle one leased message: send it, put it off or close it; never raises for a bad message.

    Returns ``None`` if there was nothing to send, else what the mail server answered.
    """
    lookup = lookup or Lookup([message])
    now = lookup.now
    try:
        letter = find_letter(message, lookup)
        earliest = allowed_at(letter.signature.email, now, is_doubted=lookup.is_doubted)
        if earliest > now:
            _put_off(message, earliest, "budget")
            return None
        content = _render_or_fail(message, letter)
        if content is None:
            return None
        post.send(_mail(message, letter, content))
    except NotNeeded as reason:
        _finish(message, OutboxState.SKIPPED, reason.code)
        return None
    except Exception as error:  # noqa: BLE001 - a mail server may fail in any way
        answer = read_answer(error)
        _after_failure(message, answer, now)
        return answer
    _mark_sent(message, letter, now)
    return SENT


def _mark_sent(message: OutboxMessage, letter: Letter, now: dt.datetime) -> None:
    is_first = letter.kind == MessageKind.CONFIRM and letter.is_first
    with transaction.atomic():
        insert_or_nothing(MailSent(budget_key=budget_key(letter.signature.email)))
        _finish(message, OutboxState.SENT, str(letter.kind))
        if is_first:
            announce(signature_created, letter.signature)
            remind_later(message, letter.signature, now)


def send_due() -> int:
    """Judge and send what is due, batch by batch over one connection; return how many mails went out.

    A turn ends when nothing is left, after ``MAILS_A_TURN`` messages or ``SECONDS_A_TURN`` seconds. Nothing goes out
    while mail is paused. When the mail server fails us several times in a row, the lane rests and its messages are
    given back untried.
    """
    sent, handled, began = 0, 0, time.monotonic()
    with Post() as post, one_batch():
        while handled < MAILS_A_TURN and time.monotonic() - began < SECONDS_A_TURN and not is_on(MAIL):
            messages = lease(min(BATCH, MAILS_A_TURN - handled))
            judge(messages)
            # A surge's are given back to be sent later
            sent += _send_batch([message for message in messages if message.lease_token], post)
            handled += len(messages)
            if len(messages) < BATCH:
                break
    return sent


def _send_batch(messages: list[OutboxMessage], post: Post) -> int:
    lanes: dict[int, list[OutboxMessage]] = {}
    for message in messages:
        lanes.setdefault(message.lane, []).append(message)
    return sum(_send_lane(lane, waiting, post) for lane, waiting in lanes.items())


def _send_lane(lane: int, messages: list[OutboxMessage], post: Post) -> int:
    sent, has_failed, lookup = 0, True, Lookup(messages)
    for number, message in enumerate(messages):
        lookup = lookup.refreshed(messages[number:])
        answer = deliver(message, post, lookup)
        if answer is SENT:
            sent += 1
            if has_failed:
                lane_works(lane)
            has_failed = False
        elif answer is not None and answer.fate is Fate.OURS:
            has_failed = True
            if lane_failed(lane, answer.code):
                for untried in messages[number + 1 :]:
                    _give_back(untried)
                break
    return sent


def forget_budgets() -> int:
    """Drop budget rows past their window; return how many."""
    return MailSent.objects.filter(sent_at__lt=from_now(-BUDGET_WINDOW)).delete()[0]
