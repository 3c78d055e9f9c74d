"""Delivery to an SMTP server that rejects, stalls, disconnects and recovers."""

from __future__ import annotations

import datetime as dt
import smtplib
import socket
from collections.abc import Iterator
from typing import Any

import django
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend
from django.utils import timezone
from pytest_django import Settings

from tests.signing.conftest import person, submit_as
from wagtail_pledge.core.crypto import KeyMissing
from wagtail_pledge.core.db import from_now
from wagtail_pledge.signing.enums import MailQueue
from wagtail_pledge.signing.models import MailQueueState, MailSent, SignerType, Submission
from wagtail_pledge.signing.services.switches import MAIL, set_switch
from wagtail_pledge.signing.worker import smtp
from wagtail_pledge.signing.worker.mail import send_due
from wagtail_pledge.signing.worker.queue import lease
from wagtail_pledge.signing.worker.smtp import DeliveryOutcome, SMTPConnection, classify_error
from wagtail_pledge.signing.worker.surge import FORM


class Server:
    """SMTP handler: replies by recipient, and the mails it accepted."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, str]] = []
        self.sessions: set[int] = set()
        self.refusals: dict[str, str] = {}
        self.after_data = ""

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        self.sessions.add(id(session))
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        content: Any = envelope.content
        headers = dict(
            line.split(": ", 1) for line in content.decode().split("\r\n\r\n")[0].splitlines() if ": " in line
        )
        self.taken.append((envelope.rcpt_tos[0], headers["Message-ID"]))
        if self.after_data == "hang up":
            self.after_data = ""
            server.transport.close()
        return self.after_data or "250 OK"


def free_port() -> int:
    """Return a free port; the library does not accept port 0."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    handler = Server()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    _use(monkeypatch, controller.port)
    yield handler
    controller.stop()


def _use(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    def connect() -> EmailBackend:
        named: Any = {"alias": "default"} if django.VERSION >= (6, 1) else {}
        backend = EmailBackend(host="127.0.0.1", port=port, **named)
        backend.timeout = None
        return backend

    monkeypatch.setattr(smtp, "get_mail_connection", connect)


def crowd(signer_type: SignerType, size: int) -> list[str]:
    addresses = [f"p{number}@example.org" for number in range(size)]
    for address in addresses:
        submit_as(signer_type, person(address))
    return addresses


def wait(minutes: float) -> None:
    shift = dt.timedelta(minutes=minutes)
    for submission in Submission.objects.filter(mailed_at=None):
        Submission.objects.filter(pk=submission.pk).update(due_at=submission.due_at - shift)
    for queue in MailQueueState.objects.filter(paused_until__isnull=False):
        MailQueueState.objects.filter(pk=queue.pk).update(paused_until=queue.paused_until - shift)


def sent_count() -> int:
    return Submission.objects.exclude(mailed_at=None).count()


@pytest.mark.requirement("EM1", "P10")
def test_a_batch_uses_one_connection(person_type: SignerType, server: Server) -> None:
    addresses = crowd(person_type, 12)
    assert send_due() == 12
    assert sorted(to for to, _id in server.taken) == sorted(addresses)
    assert len(server.sessions) == 1


@pytest.mark.requirement("A2", "EM1", "F08")
def test_an_unknown_mailbox_is_not_retried(person_type: SignerType, server: Server) -> None:
    first, *_others = crowd(person_type, 3)
    server.refusals[first] = "550 5.1.1 no such user"
    assert send_due() == 2
    gone = Submission.objects.get(mailed_at=None)
    assert (gone.queue, gone.last_code) == (MailQueue.NO_MAIL, "550")
    assert MailSent.objects.exclude(kind=FORM).get(job=gone.pk).outcome == "refused"


@pytest.mark.requirement("A2", "EM1", "F08")
@pytest.mark.parametrize(("refusal", "minutes"), [("451 4.7.1 come back later", 2), ("452 4.2.2 full", 1)])
def test_a_temporary_rejection_is_retried(person_type: SignerType, server: Server, refusal: str, minutes: int) -> None:
    first, *_others = crowd(person_type, 2)
    server.refusals[first] = refusal
    assert send_due() == 1
    waiting = Submission.objects.get(mailed_at=None)
    assert dt.timedelta(minutes=minutes - 0.5) < waiting.due_at - timezone.now() < dt.timedelta(minutes=minutes + 0.5)
    server.refusals.clear()
    wait(minutes)
    assert send_due() == 1
    assert not MailQueueState.objects.exists()


@pytest.mark.requirement("A2", "EM1")
def test_a_connection_that_failed_to_open_is_closed_and_replaced(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[EmailBackend] = []
    connect = smtp.get_mail_connection

    def with_log_in() -> EmailBackend:
        backend: EmailBackend = connect()
        # The server does not support authentication, so login fails once the connection is open
        backend.username, backend.password = "pledge", "secret"
        made.append(backend)
        return backend

    monkeypatch.setattr(smtp, "get_mail_connection", with_log_in)
    sender = SMTPConnection()
    for _try in range(2):
        with pytest.raises(smtplib.SMTPNotSupportedError):
            sender.send(EmailMessage("One", "Two", "us@example.org", ["ana@example.org"]))
    assert server.taken == []
    assert [backend.connection for backend in made] == [None, None]


@pytest.mark.requirement("A2", "A3", "EM1")
def test_a_connection_lost_after_data_resends_the_same_message_id(person_type: SignerType, server: Server) -> None:
    crowd(person_type, 2)
    server.after_data = "hang up"
    assert send_due() == 1
    wait(1)
    assert send_due() == 1
    assert len(server.taken) == 3
    assert len({message_id for _to, message_id in server.taken}) == 2


@pytest.mark.requirement("A2", "EM1")
def test_a_server_that_rejects_our_content_pauses_the_queue_without_loss(
    person_type: SignerType, server: Server
) -> None:
    crowd(person_type, 8)
    server.after_data = "554 5.7.1 we do not like you"
    assert send_due() == 0
    assert len(server.taken) == smtp.FAILURE_THRESHOLD
    assert lease(Submission, paused=smtp.paused_queues()) == []
    untried = Submission.objects.filter(attempts=0)
    assert untried.count() == 8 - smtp.FAILURE_THRESHOLD
    server.after_data = ""
    wait(2)
    assert send_due() == 8
    assert MailQueueState.objects.get().failures == 0


@pytest.mark.requirement("A2", "F06")
def test_delivery_resumes_within_ten_minutes_after_a_long_outage(
    person_type: SignerType, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    crowd(person_type, 5)
    with socket.socket() as taken_port:
        # Bound but not listening: connections are refused
        taken_port.bind(("127.0.0.1", 0))
        with monkeypatch.context() as patched:
            _use(patched, taken_port.getsockname()[1])
            for _minute in range(60):
                assert send_due() == 0
                wait(1)
    rest = MailQueueState.objects.get().paused_until
    assert rest is None or rest < timezone.now() + dt.timedelta(seconds=smtp.MAX_PAUSE_SECONDS)
    minutes = 0
    while sent_count() != 5:
        minutes += 1
        assert minutes <= 10
        wait(1)
        send_due()
    assert len(server.taken) == 5


@pytest.mark.requirement("A2", "F07")
def test_a_server_that_never_replies_does_not_block_the_worker(
    person_type: SignerType, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.WAGTAIL_PLEDGE_MAIL_TIMEOUT_SECONDS = 0.2
    crowd(person_type, 1)
    with socket.socket() as tarpit:
        tarpit.bind(("127.0.0.1", 0))
        tarpit.listen()
        _use(monkeypatch, tarpit.getsockname()[1])
        assert send_due() == 0
    assert Submission.objects.get().last_code in {"TimeoutError", "SMTPServerDisconnected"}


@pytest.mark.requirement("EM1")
def test_a_paused_queue_does_not_stop_another(person_type: SignerType, server: Server) -> None:
    crowd(person_type, 2)
    first = Submission.objects.order_by("pk").first()
    Submission.objects.filter(pk=first.pk).update(queue=MailQueue.SURGE, screened_at=timezone.now())
    MailQueueState.objects.create(queue=1, failures=5, paused_until=from_now(dt.timedelta(minutes=2)))
    assert send_due() == 1
    assert Submission.objects.exclude(mailed_at=None).get().pk == first.pk


@pytest.mark.requirement("OP4")
def test_mail_paused_by_the_switch_is_sent_afterwards(person_type: SignerType, server: Server) -> None:
    crowd(person_type, 2)
    set_switch(MAIL, on=True, reason="wrong sender")
    assert send_due() == 0
    assert server.taken == []
    set_switch(MAIL, on=False)
    assert send_due() == 2


@pytest.mark.requirement("A2", "D3")
@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (smtplib.SMTPRecipientsRefused({"a@b.example": (450, b"later")}), DeliveryOutcome.GREYLISTED),
        (smtplib.SMTPRecipientsRefused({"a@b.example": (452, b"full")}), DeliveryOutcome.RETRY),
        (smtplib.SMTPRecipientsRefused({"a@b.example": (553, b"no")}), DeliveryOutcome.UNDELIVERABLE),
        (smtplib.SMTPDataError(451, b"later"), DeliveryOutcome.GREYLISTED),
        (smtplib.SMTPDataError(554, b"spam"), DeliveryOutcome.SERVER_FAILURE),
        (smtplib.SMTPSenderRefused(550, b"no", "x@y.example"), DeliveryOutcome.SERVER_FAILURE),
        (smtplib.SMTPAuthenticationError(535, b"no"), DeliveryOutcome.SERVER_FAILURE),
        (smtplib.SMTPServerDisconnected("gone"), DeliveryOutcome.SERVER_FAILURE),
        (ConnectionRefusedError(), DeliveryOutcome.SERVER_FAILURE),
        (TimeoutError(), DeliveryOutcome.SERVER_FAILURE),
        (ValueError("newline"), DeliveryOutcome.INVALID_MESSAGE),
        (UnicodeEncodeError("ascii", "x", 0, 1, "no"), DeliveryOutcome.INVALID_MESSAGE),
        (RuntimeError("odd"), DeliveryOutcome.RETRY),
        (KeyMissing("encryption", 2), DeliveryOutcome.RETRY),
    ],
)
def test_smtp_errors_are_classified(error: Exception, outcome: DeliveryOutcome) -> None:
    answer = classify_error(error)
    assert answer.outcome is outcome
    assert "@" not in answer.code
