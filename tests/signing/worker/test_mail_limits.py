"""Limits of what a stranger can do to a mailbox through our mail; no mail after “not me”."""

from __future__ import annotations

import datetime as dt
import logging
import smtplib
from email import message_from_bytes, policy
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from tests.signing.conftest import pass_time, person, sign_as, statement_to_sign, submission_of, submit_as
from tests.signing.test_key_rotation import keys_of
from tests.signing.test_not_me import not_me_path
from tests.signing.worker.test_smtp import Server, crowd, server  # noqa: F401 - the fixture
from wagtail_pledge.core.registry import message_kinds
from wagtail_pledge.signing.enums import MailQueue, OutboxState
from wagtail_pledge.signing.models import OutboxMessage, Pledge, SignerType, Submission
from wagtail_pledge.signing.services import confirm, submit
from wagtail_pledge.signing.services.pledges import create_pledge
from wagtail_pledge.signing.worker import smtp
from wagtail_pledge.signing.worker.mail import send_due

SPELLINGS = ("ana.b@gmail.com", "A.N.A.B+news@googlemail.com", "anab@gmail.com", "ANAB+1@GMAIL.com")
CANARY = "canary-7f3a"


@pytest.mark.requirement("C5", "E5")
def test_500_forms_of_one_mailbox_over_20_pledges_stay_within_the_budget(
    client: Client, db: None, settings: Settings
) -> None:
    settings.WAGTAIL_PLEDGE_REMINDER_HOURS = 24
    statements = [statement_to_sign(create_pledge(f"Pledge {n}").signer_types.get()) for n in range(20)]
    sent_at: list[int] = []
    clock = 0
    for turn in range(25):
        for number, statement in enumerate(statements):
            submit(statement=statement, data=person(SPELLINGS[(turn + number) % len(SPELLINGS)], name="Buy Pills"))
        # First as fast as possible, then spread over two days
        sent_at += [clock] * send_due()
        step = 4 if turn < 12 else 240
        clock += step
        pass_time(minutes=step)
    assert len(sent_at) == len(mail.outbox) >= 4
    for moment in sent_at:
        assert sum(moment <= other < moment + 15 for other in sent_at) <= 2
        assert sum(moment <= other < moment + 24 * 60 for other in sent_at) <= 3
    assert not [email for email in mail.outbox if "Pills" in f"{email.subject}{email.body}{email.alternatives}"]
    assert client.post(not_me_path()).status_code == 303
    mail.outbox.clear()
    # The forms keep their turns in the queue, before the last mail
    while Submission.objects.due().exists():
        send_due()
    assert len(mail.outbox) == 1
    assert not Submission.objects.open().exists()
    mail.outbox.clear()
    for days, mails in [(1, 0), (180, 0), (183, 0), (2, 2)]:
        pass_time(days=days)
        for number, statement in enumerate(statements):
            submit(statement=statement, data=person(SPELLINGS[number % len(SPELLINGS)]))
        while send_due():
            pass
        assert len(mail.outbox) == mails
    assert Submission.objects.filter(last_code="suppressed").count() >= 60


@pytest.mark.requirement("C5", "C9")
@pytest.mark.parametrize("later", [(1, 2), (2, 1), (1, 2, 3)])
def test_a_key_change_gives_a_mailbox_no_more_mails(db: None, settings: Settings, later: tuple[int, ...]) -> None:
    settings.WAGTAIL_PLEDGE_KEYS = keys_of(1)
    types = [create_pledge(f"Pledge {number}").signer_types.get() for number in range(4)]
    for signer_type in types[:2]:
        submit_as(signer_type, person("boss@example.org"))
    assert send_due() == 2
    settings.WAGTAIL_PLEDGE_KEYS = keys_of(*later)
    for signer_type in types[2:]:
        submit_as(signer_type, person("boss+1@example.org"))
    assert send_due() == 0
    pass_time(minutes=16)
    assert send_due() == 1
    pass_time(hours=23)
    assert send_due() == 0
    pass_time(hours=1)
    assert send_due() == 1


@pytest.mark.requirement("D3")
@pytest.mark.parametrize("title", ["Ratify\r\nBcc: victim@example.org", "Ratify\nSubject: x"])
def test_a_stored_line_break_injects_no_header_and_no_recipient(db: None, title: str) -> None:
    pledge = create_pledge("Ratify")
    type(pledge).objects.filter(pk=pledge.pk).update(title=title)
    submit_as(Pledge.objects.get().signer_types.get(), person())
    assert send_due() == 1
    (email,) = mail.outbox
    assert email.recipients() == ["ana@example.org"]
    received = message_from_bytes(email.message().as_bytes(), policy=policy.default)
    assert received["Bcc"] is None
    assert [" ".join(line.split()) for line in received.get_all("Subject")] == [" ".join(email.subject.split())]
    assert received.get_all("To") == ["ana@example.org"]


@pytest.mark.requirement("D3")
@pytest.mark.parametrize("address", ["a@example.org\r\nBcc: victim@example.org", "a@example.org, b@example.org"])
def test_an_invalid_stored_address_fails_once_and_the_queue_continues(
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
def test_errors_leave_no_address_in_the_log_or_the_row(
    person_type: SignerType,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    where: str,
) -> None:
    def fail(*_args: Any, **_kwargs: Any) -> Any:
        raise error

    caplog.set_level(logging.DEBUG, logger="wagtail_pledge")
    submission = submit_as(person_type, person(f"{CANARY}@example.org", name=f"Ana {CANARY}"))
    if where == "send":
        monkeypatch.setattr("wagtail_pledge.signing.worker.smtp.SMTPConnection.send", fail)
    else:
        monkeypatch.setitem(message_kinds._entries, "confirm", fail)
    assert send_due() == 0
    submission.refresh_from_db()
    assert submission.last_code
    formatter = logging.Formatter()
    lines = [formatter.format(record) for record in caplog.records]
    assert any(str(submission.pk) in line for line in lines)
    assert CANARY not in "\n".join([*lines, submission.last_code])


@pytest.mark.requirement("SG2")
@pytest.mark.parametrize("obstacle", ["closed", "late", "held", "confirmed", "reminded"])
def test_no_reminder_is_sent_for_a_form_that_needs_none(
    person_type: SignerType, settings: Settings, obstacle: str
) -> None:
    settings.WAGTAIL_PLEDGE_REMINDER_HOURS = 24
    submission = submit_as(person_type, person())
    assert send_due() == 1
    if obstacle == "closed":
        Pledge.objects.update(closes_at=timezone.now() - dt.timedelta(days=15))
    elif obstacle == "late":
        Submission.objects.update(submitted_at=timezone.now() - dt.timedelta(days=15))
    elif obstacle == "held":
        Submission.objects.update(review="needs_review")
    elif obstacle == "confirmed":
        confirm(submission_of(submit_as(person_type, person(name="Ana")).pk))
        OutboxMessage.objects.all().delete()
    else:
        other = submit_as(person_type, person(name="Ana"))
        Submission.objects.filter(pk=other.pk).update(reminders=1, queue=MailQueue.NO_MAIL)
    pass_time(hours=25)
    assert send_due() == 0
    submission.refresh_from_db()
    assert submission.reminders == 0
    assert submission.queue == MailQueue.NO_MAIL


@pytest.mark.requirement("SG2", "C5")
def test_of_several_forms_of_a_mailbox_one_is_reminded_also_if_all_are_due_at_once(
    person_type: SignerType, settings: Settings
) -> None:
    settings.WAGTAIL_PLEDGE_REMINDER_HOURS = 24
    forms = [submit_as(person_type, person(name=f"Ana {letter}")) for letter in "BC"]
    submit_as(person_type, person("other@example.org"))
    assert send_due() == 3
    pass_time(hours=25)
    mail.outbox.clear()
    while send_due():
        pass
    assert sorted(email.to[0] for email in mail.outbox) == ["ana@example.org", "other@example.org"]
    pass_time(hours=25)
    assert send_due() == 0
    assert sum(submission_of(form.pk).reminders for form in forms) == 1


@pytest.mark.requirement("P10")
def test_batches_share_a_connection_and_a_run_is_limited(
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
