"""Mail for submissions and from the outbox: leases, rendering at send time, mail budget, retries."""

from __future__ import annotations

import base64
import datetime as dt
import re
from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import InterfaceError, InternalError, OperationalError
from django.utils import timezone
from django.utils.formats import date_format
from pytest_django import Settings

from tests.signing.conftest import organization, pass_time, person, sign_as, statement_to_sign, submit_as
from wagtail_pledge.core.db import database_now
from wagtail_pledge.core.registry import message_kinds
from wagtail_pledge.signing.enums import MailQueue, MessageKind, SignatureState
from wagtail_pledge.signing.messages import statement_summary
from wagtail_pledge.signing.models import MailSent, OutboxMessage, SignatureEvent, Submission, get_signature_model
from wagtail_pledge.signing.services import approve, reject, resend_mail, submit, withdraw
from wagtail_pledge.signing.services.pledges import create_pledge
from wagtail_pledge.signing.worker.mail import Batch, message_id, send_due
from wagtail_pledge.signing.worker.queue import lease
from wagtail_pledge.signing.worker.smtp import SENT, SMTPConnection
from wagtail_pledge.signing.worker.submission_mail import SubmissionSource
from wagtail_pledge.signing.worker.surge import FORM

pytestmark = [pytest.mark.requirement("EM1"), pytest.mark.swappable]


def _mails() -> Any:
    """Return the records of mails, without those of forms."""
    return MailSent.objects.exclude(kind=FORM)


def signed(signer_type: Any, data: Any, **more: Any) -> Any:
    """Sign, confirm, and forget the mails about it."""
    signature = sign_as(signer_type, data, **more)
    OutboxMessage.objects.all().delete()
    return signature


@pytest.mark.requirement("SG2")
def test_a_new_signer_gets_one_mail_with_a_link(person_type) -> None:
    submit_as(person_type, person())
    assert send_due() == 1
    assert send_due() == 0
    (email,) = mail.outbox
    assert email.to == ["ana@example.org"]
    assert email.cc == email.bcc == []
    assert "https://pledge.example/pledge/confirm/" in email.body
    assert "Hello," in email.body
    assert email.alternatives[0].mimetype == "text/html"
    assert email.extra_headers["Auto-Submitted"] == "auto-generated"


@pytest.mark.requirement("E6")
def test_the_mail_names_the_day_on_which_the_details_are_deleted(person_type) -> None:
    submission = submit_as(person_type, person())
    send_due()
    day = submission.submitted_at + dt.timedelta(days=14)
    assert f"until {date_format(day, 'j F Y')}." in " ".join(mail.outbox[0].body.split())


def test_the_subject_contains_no_user_input(person_type) -> None:
    submit_as(person_type, person(name="Buy Pills"))
    send_due()
    assert "Pills" not in mail.outbox[0].subject


def test_the_mail_is_in_the_signers_language(person_type) -> None:
    submit(statement=statement_to_sign(person_type, locale="es"), data=person())
    submit(statement=statement_to_sign(person_type), data=person("en@example.org"))
    send_due()
    spanish, english = mail.outbox
    assert spanish.subject != english.subject


@pytest.mark.requirement("SG4")
@pytest.mark.parametrize(
    ("state", "sent"),
    [("new", "confirm/"), ("withdrawn", "confirm/"), ("confirmed", "manage/"), ("anonymised", "confirm/")],
)
def test_the_mail_depends_on_the_ledger(person_type, state: str, sent: str) -> None:
    if state != "new":
        signature = signed(person_type, person())
        if state == "withdrawn":
            withdraw(signature, epoch=1)
        if state == "anonymised":
            get_signature_model()._default_manager.update(
                state=SignatureState.ANONYMISED, mailbox_key=None, mailbox_key_next=None
            )
    submit_as(person_type, person())
    assert send_due() == 1
    assert f"/pledge/{sent}" in mail.outbox[0].body


@pytest.mark.requirement("E3")
@pytest.mark.parametrize("review", ["needs_review", "invalid"])
def test_a_held_signature_is_never_said_to_count(person_type, review: str) -> None:
    signed(person_type, person())
    get_signature_model()._default_manager.update(review=review)
    submit_as(person_type, person())
    send_due()
    assert "We have your signature" in mail.outbox[0].body
    assert "counts" not in mail.outbox[0].body


@pytest.mark.requirement("SG4")
def test_a_rejected_organization_that_signs_again_can_confirm(organization_type) -> None:
    signature = signed(organization_type, organization())
    reject(signature, reason="not theirs")
    submit_as(organization_type, organization())
    send_due()
    assert "/pledge/confirm/" in mail.outbox[0].body


@pytest.mark.requirement("E1", "E2")
def test_a_link_into_a_signature_goes_to_its_own_address_only(person_type) -> None:
    signed(person_type, person("ab@gmail.com"))
    submit_as(person_type, person("a.b+x@gmail.com"))
    send_due()
    assert mail.outbox[0].to == ["ab@gmail.com"]


@pytest.mark.requirement("C5", "SG2")
def test_two_mails_at_once_a_third_only_for_another_pledge_after_a_quarter_of_an_hour(person_type) -> None:
    for number in range(5):
        submit_as(person_type, person(name=f"Ana {number}"))
        send_due()
    assert len(mail.outbox) == 2
    pass_time(hours=1)
    assert send_due() == 0
    other = create_pledge("Another").signer_types.get()
    submit_as(other, person())
    assert send_due() == 1
    pass_time(hours=23.5)
    assert send_due() == 1
    pass_time(minutes=16)
    assert send_due() == 1


@pytest.mark.requirement("C5")
def test_the_third_mail_waits_a_quarter_of_an_hour(db: None) -> None:
    for number in range(3):
        submit_as(create_pledge(f"Pledge {number}").signer_types.get(), person())
    assert send_due() == 2
    waiting = Submission.objects.get(mailed_at=None)
    assert waiting.last_code == "budget"
    assert dt.timedelta(minutes=14) < waiting.due_at - timezone.now() <= dt.timedelta(minutes=15)
    assert waiting.attempts == 0
    pass_time(minutes=16)
    assert send_due() == 1


@pytest.mark.requirement("C5", "E5")
@pytest.mark.parametrize("domain", ["gmail.com", "example.org"])
def test_a_mailbox_gets_three_mails_a_day_over_all_pledges_and_spellings(db: None, domain: str) -> None:
    for number in range(6):
        pledge = create_pledge(f"Pledge {number}")
        submit_as(pledge.signer_types.get(), person(f"boss+{number}@{domain}"))
        send_due()
        pass_time(minutes=20)
        send_due()
    assert len(mail.outbox) == 3
    assert Submission.objects.filter(mailed_at=None).count() == 3
    pass_time(hours=24)
    assert send_due() == 2


@pytest.mark.requirement("C5", "E5")
def test_one_network_causes_two_mails_to_one_mailbox(db: None) -> None:
    for number in range(4):
        submit_as(create_pledge(f"Pledge {number}").signer_types.get(), person(), network_key=b"\x01" * 8)
        send_due()
        pass_time(minutes=20)
        send_due()
    assert len(mail.outbox) == 2


@pytest.mark.requirement("SG4", "SG5")
def test_withdrawing_and_signing_again_sends_a_new_link(person_type) -> None:
    submit_as(person_type, person())
    send_due()
    signature = sign_as(person_type, person())
    withdraw(signature, epoch=1)
    submit_as(person_type, person())
    assert send_due() == 1
    assert len(set(re.findall(r"/confirm/[\w-]+/", mail.outbox[0].body + mail.outbox[1].body))) == 2


@pytest.mark.requirement("E20")
def test_confirming_sends_one_mail_with_the_link_to_the_signature(person_type) -> None:
    sign_as(person_type, person(display="name"))
    assert send_due() == 1
    (email,) = mail.outbox
    assert email.to == ["ana@example.org"]
    assert "/pledge/manage/" in email.body
    assert "Ana María López" in email.body
    assert "now counts" in email.body
    assert send_due() == 0


@pytest.mark.requirement("E20", "SN4")
def test_the_thank_you_mail_says_that_approval_comes_first(organization_type) -> None:
    signature = sign_as(organization_type, organization())
    send_due()
    assert "We then review it" in mail.outbox[0].body
    approve(signature)
    send_due()
    assert [email.subject.startswith("Your organization has signed") for email in mail.outbox] == [False, True]


@pytest.mark.requirement("C5", "E20")
def test_mails_that_the_owner_causes_do_not_count_in_the_budget(person_type) -> None:
    sign_as(person_type, person())
    assert send_due() == 1
    assert not _mails().exists()


def test_the_message_id_is_unchanged_when_a_newer_token_key_is_listed(person_type, settings: Settings) -> None:
    submission = submit_as(person_type, person())
    old, new = base64.b64encode(b"o" * 32).decode(), base64.b64encode(b"n" * 32).decode()
    settings.WAGTAIL_PLEDGE_KEYS = {"token": {1: old}}
    before = message_id(submission, None)
    settings.WAGTAIL_PLEDGE_KEYS = {"token": {1: old, 2: new}}
    assert message_id(submission, None) == before
    settings.WAGTAIL_PLEDGE_KEYS = {"token": {2: new}}
    assert message_id(submission, None) != before


def _failing(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def refuse(_self: Any, *_args: Any) -> int:
        raise error

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", refuse)


def test_an_unreachable_mail_server_loses_no_mail(person_type, monkeypatch: pytest.MonkeyPatch) -> None:
    submit_as(person_type, person())
    with monkeypatch.context() as patched:
        _failing(patched, ConnectionRefusedError())
        assert send_due() == 0
    submission = Submission.objects.get()
    assert (submission.queue, submission.attempts) == (MailQueue.SIGNERS, 1)
    assert submission.last_code == "ConnectionRefusedError"
    assert submission.due_at > timezone.now()
    pass_time(minutes=2)
    assert send_due() == 1
    assert _mails().get().outcome == "sent"


def test_a_mail_is_given_up_after_three_days_of_failures(person_type, monkeypatch: pytest.MonkeyPatch) -> None:
    submit_as(person_type, person())
    Submission.objects.update(created_at=timezone.now() - dt.timedelta(hours=73), attempts=8)
    _failing(monkeypatch, ConnectionRefusedError())
    send_due()
    submission = Submission.objects.get()
    assert (submission.queue, submission.last_code) == (MailQueue.NO_MAIL, "ConnectionRefusedError")


def test_a_rendering_error_does_not_stop_the_next_mail(person_type, monkeypatch: pytest.MonkeyPatch) -> None:
    submit_as(person_type, person("first@example.org"))
    submit_as(person_type, person("second@example.org"))
    real = message_kinds["confirm"]

    def failing(kind: str, subject: Any) -> Any:
        if subject.signature.email == "first@example.org":
            raise ValueError
        return real(kind, subject)

    monkeypatch.setitem(message_kinds._entries, "confirm", failing)
    assert send_due() == 1
    assert mail.outbox[0].to == ["second@example.org"]
    codes = {row.last_code: row.mailed_at is None for row in Submission.objects.all()}
    assert codes == {"ValueError": True, "": False}


@pytest.mark.requirement("A2", "E15")
@pytest.mark.parametrize("error", [OperationalError, InterfaceError, InternalError])
def test_a_database_error_while_rendering_puts_the_mail_off(
    person_type, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    """For instance a page whose table is locked: the mail can be rendered later."""
    submission = submit_as(person_type, person())

    def locked(*_args: Any) -> Any:
        raise error

    with monkeypatch.context() as patched:
        patched.setitem(message_kinds._entries, "confirm", locked)
        assert send_due() == 0
    waiting = Submission.objects.get(pk=submission.pk)
    assert (waiting.queue, waiting.last_code, waiting.mailed_at) == (MailQueue.SIGNERS, error.__name__, None)
    pass_time(minutes=2)
    assert send_due() == 1


def test_a_leased_row_is_not_leased_again_until_the_lease_ends(person_type) -> None:
    submit_as(person_type, person())
    (mine,) = lease(Submission)
    assert lease(Submission) == []
    first = Batch(SubmissionSource, [mine], database_now())
    Submission.objects.update(lease_until=timezone.now() - dt.timedelta(seconds=1))
    (theirs,) = lease(Submission)
    assert theirs.pk == mine.pk
    second = Batch(SubmissionSource, [theirs], database_now())
    assert second.deliver(theirs, SMTPConnection()) is SENT
    # The slow worker sends it too, with the same Message-ID
    assert first.deliver(mine, SMTPConnection()) is SENT
    assert len({email.extra_headers["Message-ID"] for email in mail.outbox}) == 1
    assert _mails().count() == 1


@pytest.mark.requirement("SG2")
def test_resending_from_the_inbox_page_sends_the_same_link_once_more(person_type) -> None:
    receipt = submit(statement=statement_to_sign(person_type), data=person())
    resend_mail(receipt.ticket)
    assert send_due() == 1
    assert send_due() == 0
    for _ in range(3):
        resend_mail(receipt.ticket)
    assert send_due() == 1
    resend_mail(receipt.ticket)
    assert send_due() == 0
    links = [re.findall(r"/confirm/[\w-]+/", email.body) for email in mail.outbox]
    assert links[0] == links[1]
    assert Submission.objects.get().resends == 5


def test_the_worker_command_runs_due_jobs(person_type) -> None:
    sign_as(person_type, person())
    call_command("pledge_worker", "--once")
    assert len(mail.outbox) == 1
    assert person_type.pledge.tallies.get().count == 1
    assert SignatureEvent.objects.get().leaf_index == 0


def test_the_worker_command_rejects_an_unknown_job() -> None:
    with pytest.raises(CommandError, match="Unknown jobs: post"):
        call_command("pledge_worker", "--once", "--only", "mail,post")


def test_without_a_base_url_no_link_is_guessed(person_type, settings: Settings) -> None:
    settings.WAGTAIL_PLEDGE_BASE_URL = None
    submit_as(person_type, person())
    assert send_due() == 0
    submission = Submission.objects.get()
    assert (submission.queue, submission.last_code) == (MailQueue.SIGNERS, "no_base_url")


def test_the_outbox_is_skipped_when_its_signature_is_withdrawn(person_type) -> None:
    signature = sign_as(person_type, person())
    withdraw(signature, epoch=1)
    assert send_due() == 0
    assert OutboxMessage.objects.get(kind=MessageKind.THANK_YOU).state == "skipped"


@pytest.mark.parametrize(
    ("html", "line"),
    [
        ("<p>We ask <b>this</b>.</p><p>And that.</p>", "We ask this."),
        ("<p>Salt &amp;\n bread</p>", "Salt & bread"),
        ("", ""),
        (f"<p>{'word ' * 100}</p>", f"{'word ' * 39}word…"[:200]),
    ],
)
def test_the_summary_is_the_first_paragraph_in_one_line(html: str, line: str) -> None:
    shown = statement_summary(html)
    assert len(shown) <= 200
    assert shown.rstrip("…")[:190] == line.rstrip("…")[:190]
