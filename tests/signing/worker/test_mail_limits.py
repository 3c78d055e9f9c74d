"""What a stranger can do to a mailbox through our mail: little, and nothing after “not me”."""

from __future__ import annotations

import datetime as dt
import logging
import smtplib
from email import message_from_bytes, policy
from typing import Any

import pytest
from django.core import mail
from django.db.models import F
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from tests.signing.conftest import person, sign_as, statement_to_sign
from tests.signing.test_not_me import not_me_path
from tests.signing.worker.test_smtp import Server, crowd, server  # noqa: F401 - the fixture
from wagtail_pledge.signing.enums import MessageKind, OutboxState, SignatureState
from wagtail_pledge.signing.models import MailSent, OutboxMessage, Pledge, SignerType, Suppression, get_signature_model
from wagtail_pledge.signing.services import confirm, sign
from wagtail_pledge.signing.services.pledges import create_pledge
from wagtail_pledge.signing.worker import smtp
from wagtail_pledge.signing.worker.mail import send_due

SPELLINGS = ("ana.b@gmail.com", "A.N.A.B+news@googlemail.com", "anab@gmail.com", "ANAB+1@GMAIL.com")
CANARY = "canary-7f3a"


def pass_time(minutes: int) -> None:
    """Let time pass: move what is waiting and what has been sent into the past."""
    shift = dt.timedelta(minutes=minutes)
    OutboxMessage.objects.update(due_at=F("due_at") - shift, finished_at=F("finished_at") - shift)
    MailSent.objects.update(sent_at=F("sent_at") - shift)
    Suppression.objects.update(until=F("until") - shift)


@pytest.mark.requirement("C5")
def test_500_signs_of_one_mailbox_over_20_pledges(client: Client, db: None, settings: Settings) -> None:
    settings.WAGTAIL_PLEDGE_REMINDER_HOURS = 24
    statements = [statement_to_sign(create_pledge(f"Pledge {n}").signer_types.get()) for n in range(20)]
    sent_at: list[int] = []
    clock = 0
    for turn in range(25):
        for number, statement in enumerate(statements):
            sign(statement=statement, data=person(SPELLINGS[(turn + number) % len(SPELLINGS)], name="Buy Pills"))
        sent_at += [clock] * send_due()
        # First as fast as anybody can, then over two days
        step = 4 if turn < 12 else 240
        clock += step
        pass_time(step)
    assert len(sent_at) == len(mail.outbox) >= 4
    for moment in sent_at:
        assert sum(moment <= other < moment + 15 for other in sent_at) == 1
        assert sum(moment <= other < moment + 24 * 60 for other in sent_at) <= 3
    assert not [letter for letter in mail.outbox if "Pills" in f"{letter.subject}{letter.body}{letter.alternatives}"]
    assert client.post(not_me_path()).status_code == 303
    mail.outbox.clear()
    for days, mails in [(1, 0), (180, 0), (183, 0), (2, 1)]:
        pass_time(days * 24 * 60)
        for number, statement in enumerate(statements):
            sign(statement=statement, data=person(SPELLINGS[number % len(SPELLINGS)]))
        while send_due():
            pass
        assert len(mail.outbox) == mails
    assert OutboxMessage.objects.filter(state=OutboxState.SKIPPED, last_code="suppressed").count() >= 60


@pytest.mark.requirement("D3")
@pytest.mark.parametrize("title", ["Ratify\r\nBcc: victim@example.org", "Ratify\nSubject: x"])
def test_a_stored_line_break_makes_no_header_and_no_second_recipient(db: None, title: str) -> None:
    pledge = create_pledge("Ratify")
    type(pledge).objects.filter(pk=pledge.pk).update(title=title)
    sign_as(Pledge.objects.get().signer_types.get(), person())
    assert send_due() == 1
    (letter,) = mail.outbox
    assert letter.recipients() == ["ana@example.org"]
    received = message_from_bytes(letter.message().as_bytes(), policy=policy.default)
    assert received["Bcc"] is None
    assert [" ".join(line.split()) for line in received.get_all("Subject")] == [" ".join(letter.subject.split())]
    assert received.get_all("To") == ["ana@example.org"]


@pytest.mark.requirement("D3")
@pytest.mark.parametrize("address", ["a@example.org\r\nBcc: victim@example.org", "a@example.org, b@example.org"])
def test_a_stored_address_that_is_none_fails_once_and_the_lane_goes_on(
    person_type: SignerType,
    server: Server,  # noqa: F811 - the fixture
    address: str,
) -> None:
    bad = sign_as(person_type, person("first@example.org"))
    sign_as(person_type, person("second@example.org"))
    bad.email = address
    bad.save()
    send_due()
    states = dict(OutboxMessage.objects.values_list("pk", "state"))
    assert [states[pk] for pk in sorted(states)] == [OutboxState.FAILED, OutboxState.SENT]
    assert OutboxMessage.objects.get(state=OutboxState.FAILED).attempts == 1
    assert [to for to, _id in server.taken] == ["second@example.org"]


@pytest.mark.requirement("B9")
@pytest.mark.parametrize(
    "error",
    [
        smtplib.SMTPRecipientsRefused(
            {f"{CANARY}@example.org": (550, f"<{CANARY}@example.org>: no such user".encode())}
        ),
        smtplib.SMTPDataError(554, f"spam from {CANARY}".encode()),
        ConnectionRefusedError(f"no route for {CANARY}"),
        ValueError(f"bad header {CANARY}"),
    ],
)
@pytest.mark.parametrize("where", ["send", "render"])
def test_what_goes_wrong_leaves_no_address_in_the_log_or_the_row(
    person_type: SignerType,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    where: str,
) -> None:
    def fail(*_args: Any, **_kwargs: Any) -> Any:
        raise error

    caplog.set_level(logging.DEBUG, logger="wagtail_pledge")
    sign_as(person_type, person(f"{CANARY}@example.org", name=f"Ana {CANARY}"))
    place = "smtp.SMTPConnection.send" if where == "send" else "mail.render"
    monkeypatch.setattr(f"wagtail_pledge.signing.worker.{place}", fail)
    assert send_due() == 0
    message = OutboxMessage.objects.get()
    assert message.last_code
    formatter = logging.Formatter()
    lines = [formatter.format(record) for record in caplog.records]
    assert any(f"message {message.pk}" in line for line in lines)
    assert CANARY not in "\n".join([*lines, message.last_code])


@pytest.mark.requirement("SG2")
@pytest.mark.parametrize("obstacle", ["closed", "late", "held"])
def test_nobody_is_reminded_of_what_cannot_be_confirmed(
    person_type: SignerType, settings: Settings, obstacle: str
) -> None:
    settings.WAGTAIL_PLEDGE_REMINDER_HOURS = 24
    signature = sign_as(person_type, person())
    assert send_due() == 1
    past = timezone.now() - dt.timedelta(days=15)
    if obstacle == "closed":
        Pledge.objects.update(closes_at=past)
    elif obstacle == "late":
        get_signature_model()._default_manager.update(created_at=past)
        OutboxMessage.objects.update(created_at=past)
    else:
        get_signature_model()._default_manager.update(review="needs_review")
    pass_time(25 * 60)
    assert send_due() == 0
    reminder = OutboxMessage.objects.get(kind=MessageKind.REMINDER)
    assert (reminder.state, reminder.last_code) == (OutboxState.SKIPPED, "no_reminder")
    signature.refresh_from_db()
    assert signature.state == SignatureState.PENDING
    assert not confirm(signature, epoch=1) or obstacle == "held"


@pytest.mark.requirement("P10")
def test_several_batches_go_over_one_connection_and_other_jobs_get_their_turn(
    person_type: SignerType,
    server: Server,  # noqa: F811 - the fixture
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("wagtail_pledge.signing.worker.mail.BATCH", 5)
    monkeypatch.setattr("wagtail_pledge.signing.worker.mail.MAX_MAILS_PER_RUN", 12)
    opened: list[Any] = []
    real = smtp.get_mail_connection
    monkeypatch.setattr(smtp, "get_mail_connection", lambda: opened.append(1) or real())
    addresses = crowd(person_type, 20)
    assert send_due() == 12
    assert len(opened) == 1
    assert send_due() == 8
    assert len(opened) == 2
    assert sorted(to for to, _id in server.taken) == sorted(addresses)
