"""SMTP delivery: one connection per batch, classification of replies, and a circuit breaker per queue."""

from __future__ import annotations

import datetime as dt
import smtplib
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from types import TracebackType
from typing import Any, Final, Self

from django.db.models import F
from django.db.models.functions import Now

from wagtail_pledge.conf import get_setting
from wagtail_pledge.core.compat import get_mail_connection
from wagtail_pledge.core.db import from_now, insert_or_ignore
from wagtail_pledge.core.errors import PledgeError
from wagtail_pledge.signing.models import MailQueueState

#: A queue is paused after this many server failures in a row.
FAILURE_THRESHOLD: Final = 3
#: Length of the first pause; each further failure doubles it, up to the maximum.
FIRST_PAUSE_SECONDS: Final = 30
MAX_PAUSE_SECONDS: Final = 300
GREYLISTING: Final = frozenset({450, 451})


class DeliveryOutcome(Enum):
    """Outcome of an attempt to deliver a message."""

    SENT = "sent"
    RETRY = "retry"
    #: The server temporarily rejects unknown senders; the first delay is longer.
    GREYLISTED = "greylisted"
    #: The mailbox does not exist or rejects mail permanently.
    UNDELIVERABLE = "undeliverable"
    #: Server unavailable, login refused, sender or content refused: probably not the message's fault.
    SERVER_FAILURE = "server_failure"
    #: The message can never be sent.
    INVALID_MESSAGE = "invalid_message"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryResult:
    """Outcome and ``code``: an SMTP code or the name of an exception, never a text that may contain an address."""

    outcome: DeliveryOutcome
    code: str


SENT: Final = DeliveryResult(outcome=DeliveryOutcome.SENT, code="")


def _recipient_outcome(code: int) -> DeliveryOutcome:
    if code in GREYLISTING:
        return DeliveryOutcome.GREYLISTED
    return DeliveryOutcome.UNDELIVERABLE if code >= 500 else DeliveryOutcome.RETRY


def classify_error(error: Exception) -> DeliveryResult:
    """Return what an exception of a mail backend means for the message.

    A refused recipient concerns this message only (4xx temporary, 5xx permanent); a temporary refusal of the content
    is retried. Every other refusal, an unavailable server and a timeout are server failures.
    """
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code = next((int(code) for code, _text in error.recipients.values()), 0)
        return DeliveryResult(outcome=_recipient_outcome(code), code=str(code))
    if isinstance(error, smtplib.SMTPResponseException):
        code = int(error.smtp_code)
        temporary = isinstance(error, smtplib.SMTPDataError) and code < 500
        kind = DeliveryOutcome.GREYLISTED if temporary and code in GREYLISTING else DeliveryOutcome.RETRY
        return DeliveryResult(
            outcome=kind if temporary else DeliveryOutcome.SERVER_FAILURE, code=f"{type(error).__name__} {code}"
        )
    if isinstance(error, smtplib.SMTPException | OSError):
        return DeliveryResult(outcome=DeliveryOutcome.SERVER_FAILURE, code=type(error).__name__)
    if isinstance(error, PledgeError):
        return DeliveryResult(
            outcome=DeliveryOutcome.INVALID_MESSAGE if error.permanent else DeliveryOutcome.RETRY, code=error.code
        )
    # ValueError: BadHeaderError, and encoding errors of an address or a text
    is_invalid = isinstance(error, ValueError)
    return DeliveryResult(
        outcome=DeliveryOutcome.INVALID_MESSAGE if is_invalid else DeliveryOutcome.RETRY, code=type(error).__name__
    )


class SMTPConnection:
    """Mail connection of a run: opened for the first mail, reopened after an error, closed at the end."""

    def __init__(self) -> None:
        self._connection: Any = None
        #: How many seconds the last mail of the run took.
        self.pace = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def send(self, mail: Any) -> None:
        """Send one mail. On an error the connection is closed and the backend's exception is raised."""
        try:
            if self._connection is None:
                self._open()
            self._connection.send_messages([mail])
        except Exception:
            self.close()
            raise

    def _open(self) -> None:
        self._connection = get_mail_connection()
        # Django's default is no timeout
        if getattr(self._connection, "timeout", 0) is None:
            self._connection.timeout = get_setting("MAIL_TIMEOUT_SECONDS")
        self._connection.open()
        # smtplib's debug output would contain addresses and links
        set_debuglevel = getattr(getattr(self._connection, "connection", None), "set_debuglevel", None)
        if set_debuglevel is not None:
            set_debuglevel(0)

    def close(self) -> None:
        """Close the connection, ignoring errors of a server that is gone."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        with suppress(smtplib.SMTPException, OSError):
            connection.close()


def paused_queues() -> list[int]:
    """Return the queues that are paused now, by the database's clock."""
    return list(MailQueueState.objects.filter(paused_until__gt=Now()).values_list("queue", flat=True))


def record_queue_failure(queue: int, code: str) -> bool:
    """Count a server failure; return whether the queue is now paused. Each failure after a pause doubles the next."""
    insert_or_ignore(MailQueueState(queue=queue))
    states = MailQueueState.objects.filter(queue=queue)
    states.update(failures=F("failures") + 1, reason=code[:60])
    failures = states.values_list("failures", flat=True).get()
    if failures < FAILURE_THRESHOLD:
        return False
    # 2 ** 4 already exceeds the longest pause
    seconds = min(FIRST_PAUSE_SECONDS * 2 ** min(failures - FAILURE_THRESHOLD, 4), MAX_PAUSE_SECONDS)
    states.update(paused_until=from_now(dt.timedelta(seconds=seconds)))
    return True


def reset_queue_failures(queue: int) -> None:
    """Reset the failures of a queue that has just sent a mail."""
    MailQueueState.objects.filter(queue=queue, failures__gt=0).update(failures=0, paused_until=None, reason="")
