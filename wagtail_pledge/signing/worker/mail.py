"""Sends the due mail of all sources.

Each row is leased, screened, resolved to a mail, recorded in the mail budget and sent; it is sent at least once.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Sequence
from email.utils import format_datetime, parseaddr
from typing import Any, Final

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import F
from django.utils import translation

from wagtail_pledge.conf import get_setting
from wagtail_pledge.core import crypto
from wagtail_pledge.core.database_errors import UNAVAILABLE
from wagtail_pledge.core.db import database_now, from_now
from wagtail_pledge.core.errors import PledgeError
from wagtail_pledge.core.log_redaction import redacted_traceback
from wagtail_pledge.signing.addresses import delivery_address
from wagtail_pledge.signing.enums import OutboxReason
from wagtail_pledge.signing.messages import MailContent, cached_page_texts
from wagtail_pledge.signing.models import MailSent
from wagtail_pledge.signing.models.due import DueMail
from wagtail_pledge.signing.services.switches import MAIL, is_mail_quality_low, is_on
from wagtail_pledge.signing.worker.budget import REFUSED, record_outcome, reserve
from wagtail_pledge.signing.worker.budget import SENT as BUDGET_SENT
from wagtail_pledge.signing.worker.link_mail import LinkSource
from wagtail_pledge.signing.worker.outbox_mail import OutboxSource
from wagtail_pledge.signing.worker.queue import BATCH, lease, postpone, release, renew
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
from wagtail_pledge.signing.worker.sources import MailNotNeeded, MailSource, Outgoing
from wagtail_pledge.signing.worker.submission_mail import SubmissionSource

logger = logging.getLogger(__name__)

SOURCES: Final[tuple[type[MailSource[Any]], ...]] = (SubmissionSource, OutboxSource, LinkSource)
#: A row without a mail takes as long as the mail before it took, at most this long.
MAX_PACE_SECONDS: Final = 1.0
#: Limits of one run over one connection, so that the worker's other jobs get their turn.
MAX_MAILS_PER_RUN: Final = 100
MAX_SECONDS_PER_RUN: Final = 10
#: What was read for a batch is read again after this, so that withdrawals and suppressions take effect meanwhile; the
#: leases are renewed too.
FRESH_SECONDS: Final = 2.0
GIVE_UP_AFTER: Final = dt.timedelta(hours=72)
#: A mail that was asked for again is dropped if the budget would delay it for longer.
DROP_AFTER: Final = dt.timedelta(hours=1)
#: Minutes to wait after the first, second, … failure; the last value repeats.
BACKOFF: Final = (1, 2, 4, 8, 15, 30, 60)
FINAL_OUTCOMES: Final = frozenset({DeliveryOutcome.UNDELIVERABLE, DeliveryOutcome.INVALID_MESSAGE})


def _sender() -> str:
    return str(get_setting("FROM_EMAIL") or settings.DEFAULT_FROM_EMAIL)


def message_id(job: DueMail, record: MailSent | None) -> str:
    """Return the Message-ID, the same at every attempt, so that mail servers can drop duplicates.

    It is made with the oldest token key in the settings, so that adding a newer key does not change it.
    """
    what = f"{record.job} {record.pk}" if record is not None else f"{job.pk} {job.created_at.isoformat()}"
    parts = (b"message-id", type(job).__name__.encode(), what.encode())
    digest = crypto.keyed_hash("token", *parts, version=min(crypto.keyring("token")))
    domain = parseaddr(_sender())[1].rpartition("@")[2] or "localhost"
    return f"<{digest[:16].hex()}@{domain}>"


def _mail(
    job: DueMail, outgoing: Outgoing, content: MailContent, record: MailSent | None, now: dt.datetime
) -> EmailMultiAlternatives:
    """Return the mail, dated ``now``: the database's time, since this host's clock may be wrong."""
    mail = EmailMultiAlternatives(
        subject=content.subject,
        body=content.text,
        from_email=_sender(),
        to=[delivery_address(outgoing.address)],
        reply_to=[get_setting("REPLY_TO")] if get_setting("REPLY_TO") else None,
        headers={
            "Message-ID": message_id(job, record),
            "Date": format_datetime(now.astimezone(dt.UTC)),
            "Auto-Submitted": "auto-generated",
        },
    )
    mail.attach_alternative(content.html, "text/html")
    return mail


class Batch:
    """Leased rows of one source, resolved to mails and recorded in the budget."""

    def __init__(self, source: type[MailSource[Any]], jobs: Sequence[DueMail], now: dt.datetime) -> None:
        self._read_at = time.monotonic()
        self.now = now
        self.source = source(jobs, now)
        self._records: dict[Any, MailSent] = {}
        self._mails: dict[Any, Outgoing] = {}
        for job in jobs:
            self._resolve(job)
        self._reserve(jobs)

    def untried(self, jobs: Sequence[DueMail]) -> list[DueMail]:
        """Return those of ``jobs`` that this batch has a mail for."""
        return [job for job in jobs if job.pk in self._mails]

    @property
    def is_stale(self) -> bool:
        """Whether the batch was read too long ago."""
        return time.monotonic() - self._read_at >= FRESH_SECONDS

    def _resolve(self, job: DueMail) -> None:
        try:
            self._mails[job.pk] = self.source.outgoing(job)
        except MailNotNeeded as reason:
            self.source.skip(job, reason.code)
        except Exception as error:  # noqa: BLE001 - a stored value may fail in any way
            self.fail(job, classify_error(error))

    def _reserve(self, jobs: Sequence[DueMail]) -> None:
        requests = [mail.budget for mail in self._mails.values() if mail.budget is not None]
        self._records, refused = reserve(requests, self.now, is_quality_low=bool(requests) and is_mail_quality_low())
        for job in jobs:
            if job.pk in refused:
                self._wait(job, refused[job.pk])

    def _wait(self, job: DueMail, until: dt.datetime) -> None:
        mail = self._mails.pop(job.pk)
        if mail.may_be_dropped and until > self.now + DROP_AFTER:
            self.source.skip(job, OutboxReason.BUDGET)
        else:
            postpone(job, until, OutboxReason.BUDGET, attempts=F("attempts") - 1)

    def fail(self, job: DueMail, result: DeliveryResult) -> None:
        """Give up, or try again later."""
        logger.warning("message %s was not sent: %s", job.pk, result.code)
        is_old = self.now - job.created_at > GIVE_UP_AFTER and job.attempts >= len(BACKOFF)
        if result.outcome in FINAL_OUTCOMES or is_old:
            self._give_up(job, result.outcome, result.code)
        elif result.outcome is DeliveryOutcome.SERVER_FAILURE:
            # Probably not the message's fault: retry soon, but after the others in case it is the cause
            postpone(job, from_now(dt.timedelta(minutes=BACKOFF[0])), result.code)
        else:
            delays = BACKOFF[1:] if result.outcome is DeliveryOutcome.GREYLISTED else BACKOFF
            minutes = delays[min(job.attempts, len(delays)) - 1]
            postpone(job, from_now(dt.timedelta(minutes=minutes)), result.code)

    def _give_up(self, job: DueMail, outcome: DeliveryOutcome, code: str) -> None:
        if job.pk in self._records:
            record_outcome(self._records[job.pk], REFUSED)
        self.source.give_up(job, outcome, code)

    def deliver(self, job: DueMail, connection: SMTPConnection) -> DeliveryResult | None:
        """Send, postpone or close one row. Never raises for a bad one.

        Returns ``None`` if there was nothing to send, else the result of the delivery.
        """
        outgoing = self._mails.get(job.pk)
        if outgoing is None:
            return None
        try:
            content = self._render(job, outgoing)
            if content is None:
                return None
            connection.send(_mail(job, outgoing, content, self._records.get(job.pk), self.now))
        except Exception as error:  # noqa: BLE001 - a mail server may fail in any way
            result = classify_error(error)
            self.fail(job, result)
            return result
        with transaction.atomic():
            if job.pk in self._records:
                record_outcome(self._records[job.pk], BUDGET_SENT)
            self.source.sent(job, outgoing)
        return SENT

    def _render(self, job: DueMail, outgoing: Outgoing) -> MailContent | None:
        try:
            with translation.override(outgoing.locale):
                return outgoing.render()
        except PledgeError as error:
            if not error.permanent:
                raise
            self._give_up(job, DeliveryOutcome.INVALID_MESSAGE, error.code)
        except UNAVAILABLE:
            raise  # it can be rendered once the database answers
        except Exception as error:  # noqa: BLE001 - a template or a stored value may fail in any way
            # Close this one, the queue continues. Neither the error's message nor its traceback is logged: both may
            # contain an email address.
            logger.error("message %s cannot be rendered: %s", job.pk, redacted_traceback(error))  # noqa: TRY400
            self._give_up(job, DeliveryOutcome.INVALID_MESSAGE, type(error).__name__)
        return None


def send_due() -> int:
    """Screen and send due mail, batch by batch over one connection; return how many mails were sent.

    A run ends when nothing is due, after ``MAX_MAILS_PER_RUN`` mails or after ``MAX_SECONDS_PER_RUN`` seconds.
    Nothing is sent while mail is paused. After several server failures in a row the queue is paused and the leases of
    its remaining rows are released.
    """
    sent, handled, began = 0, 0, time.monotonic()
    with SMTPConnection() as connection, cached_page_texts():
        while handled < MAX_MAILS_PER_RUN and time.monotonic() - began < MAX_SECONDS_PER_RUN and not is_on(MAIL):
            leased = 0
            for source in SOURCES:
                left = max(0, min(BATCH, MAX_MAILS_PER_RUN - handled))
                jobs = lease(source.model, left, paused=paused_queues()) if left else []
                leased = max(leased, len(jobs))
                handled += len(jobs)
                sent += _send_jobs(source, jobs, connection)
            if leased < BATCH:
                break
    return sent


def _send_jobs(source: type[MailSource[Any]], jobs: list[Any], connection: SMTPConnection) -> int:
    if not jobs:
        return 0
    source.screen(jobs, database_now())
    queues: dict[int, list[Any]] = {}
    # Rows that have to wait were postponed and have no lease any more
    for job in (job for job in jobs if job.lease_token):
        queues.setdefault(job.queue, []).append(job)
    return sum(_send_queue(source, queue, queued, connection) for queue, queued in queues.items())


def _deliver_at_constant_pace(batch: Batch, job: Any, connection: SMTPConnection) -> DeliveryResult | None:
    """Deliver one row. One without a mail takes as long as the mail before it took.

    Else the time between two mails to a stranger's mailboxes would tell whether a mail left to the mailbox of the form
    between them, and so whether its owner has signed or wants no more mail.
    """
    began = time.monotonic()
    result = batch.deliver(job, connection)
    seconds = time.monotonic() - began
    if result is not None:
        connection.pace = min(seconds, MAX_PACE_SECONDS)
    elif connection.pace > seconds:
        time.sleep(connection.pace - seconds)
    return result


def _send_queue(source: type[MailSource[Any]], queue: int, jobs: list[Any], connection: SMTPConnection) -> int:
    sent, has_failed, batch = 0, True, Batch(source, jobs, database_now())
    for number, job in enumerate(jobs):
        if batch.is_stale:
            batch = Batch(source, renew(batch.untried(jobs[number:])), database_now())
        result = _deliver_at_constant_pace(batch, job, connection)
        if result is SENT:
            sent += 1
            if has_failed:
                reset_queue_failures(queue)
            has_failed = False
        elif result is not None and result.outcome is DeliveryOutcome.SERVER_FAILURE:
            has_failed = True
            if record_queue_failure(queue, result.code):
                for untried in jobs[number + 1 :]:
                    release(untried)
                break
    return sent
