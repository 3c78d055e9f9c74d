"""The way to the mail server: one connection a batch, what its answers mean, and a lane that rests when it is away."""

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

#: So many failures of ours in a row close a lane.
FAILURE_THRESHOLD: Final = 3
#: Seconds of the first rest; each further failure doubles it, up to the longest.
FIRST_PAUSE_SECONDS: Final = 30
MAX_PAUSE_SECONDS: Final = 300
GREYLISTING: Final = frozenset({450, 451})


class DeliveryOutcome(Enum):
    """What becomes of a message that was handed to the mail server."""

    SENT = "sent"
    RETRY = "again"
    #: The server asks for patience before it knows us; the first pause is longer.
    GREYLISTED = "greylisted"
    #: The mailbox does not exist or refuses for good.
    UNDELIVERABLE = "undeliverable"
    #: Our side: server away, refused log-in, refused sender or content. Nothing is wrong with the message.
    SERVER_FAILURE = "ours"
    #: The message itself can't be sent, ever.
    INVALID_MESSAGE = "poison"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryResult:
    """``code`` is for the row and the log: a number or the name of an error, never a text with an address."""

    outcome: DeliveryOutcome
    code: str


SENT: Final = DeliveryResult(outcome=DeliveryOutcome.SENT, code="")


def _recipient_outcome(code: int) -> DeliveryOutcome:
    if code in GREYLISTING:
        return DeliveryOutcome.GREYLISTED
    return DeliveryOutcome.UNDELIVERABLE if code >= 500 else DeliveryOutcome.RETRY


def classify_error(error: Exception) -> DeliveryResult:
    """Return what ``error`` of a mail backend means for the message.

    A refused recipient is the message's own matter, by its code (4xx temporary, 5xx for good); every other refusal,
    a server that is away, and silence beyond the time limit are ours. A temporary refusal of the content is retried.
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
    # BadHeaderError and what an address or a text can't be encoded in
    poison = isinstance(error, ValueError)
    return DeliveryResult(
        outcome=DeliveryOutcome.INVALID_MESSAGE if poison else DeliveryOutcome.RETRY, code=type(error).__name__
    )


class SMTPConnection:
    """One connection, opened at the first mail and closed at the end of the batch; opened anew after an error."""

    def __init__(self) -> None:
        self._connection: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def send(self, mail: Any) -> None:
        """Send one mail. Raises what the backend raises; the connection is then closed."""
        try:
            if self._connection is None:
                self._open()
            self._connection.send_messages([mail])
        except Exception:
            self.close()
            raise

    def _open(self) -> None:
        self._connection = get_mail_connection()
        # Django's own default is to wait for ever
        if getattr(self._connection, "timeout", 0) is None:
            self._connection.timeout = get_setting("MAIL_TIMEOUT_SECONDS")
        self._connection.open()
        # A site's debugging of smtplib would print addresses and links
        quieten = getattr(getattr(self._connection, "connection", None), "set_debuglevel", None)
        if quieten is not None:
            quieten(0)

    def close(self) -> None:
        """Close the connection; a server that is gone is no error any more."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        with suppress(smtplib.SMTPException, OSError):
            connection.close()


def paused_queues() -> list[int]:
    """Return the lanes that rest now, by the database's clock."""
    return list(MailQueueState.objects.filter(paused_until__gt=Now()).values_list("queue", flat=True))


def record_queue_failure(queue: int, code: str) -> bool:
    """Count a failure of ours; true if the lane rests from now on. Each failure after a rest doubles the next."""
    insert_or_ignore(MailQueueState(queue=queue))
    states = MailQueueState.objects.filter(queue=queue)
    states.update(failures=F("failures") + 1, reason=code[:60])
    failures = states.values_list("failures", flat=True).get()
    if failures < FAILURE_THRESHOLD:
        return False
    # 2 ** 4 is beyond the longest rest already
    seconds = min(FIRST_PAUSE_SECONDS * 2 ** min(failures - FAILURE_THRESHOLD, 4), MAX_PAUSE_SECONDS)
    states.update(paused_until=from_now(dt.timedelta(seconds=seconds)))
    return True


def reset_queue_failures(queue: int) -> None:
    """Forget the failures of a lane that has just sent a mail."""
    MailQueueState.objects.filter(queue=queue, failures__gt=0).update(failures=0, paused_until=None, reason="")
