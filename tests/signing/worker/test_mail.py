"""The outbox: leased, rendered when sent, never more than the budget, never stuck."""

from __future__ import annotations

import base64
import datetime as dt
import re
from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from tests.signing.conftest import organization, person, sign_as, statement_to_sign
from wagtail_pledge.core.registry import message_kinds
from wagtail_pledge.signing.enums import OutboxState, SignatureState
from wagtail_pledge.signing.messages import statement_summary
from wagtail_pledge.signing.models import MailSent, OutboxMessage, get_signature_model
from wagtail_pledge.signing.services import confirm, resend_mail, sign, withdraw
from wagtail_pledge.signing.services.pledges import create_pledge
from wagtail_pledge.signing.worker.mail import deliver, lease, message_id, send_due
from wagtail_pledge.signing.worker.smtp import SENT, SMTPConnection

pytestmark = [pytest.mark.requirement("EM1"), pytest.mark.swappable]


def states() -> list[str]:
    return list(OutboxMessage.objects.order_by("pk").values_list("state", flat=True))


def wait(minutes: int) -> None:
    """Let time pass: move what has been sent into the past."""
    past = timezone.now() - dt.timedelta(minutes=minutes)
    OutboxMessage.objects.update(due_at=past)
    OutboxMessage.objects.exclude(finished_at=None).update(finished_at=past)
    MailSent.objects.update(sent_at=past)


def wait_for_budget() -> None:
    """Let the budget's quarter of an hour pass, and nothing else."""
    past = timezone.now() - dt.timedelta(minutes=16)
    OutboxMessage.objects.filter(state=OutboxState.DUE).update(due_at=past)
    MailSent.objects.update(sent_at=past)


@pytest.mark.requirement("SG2")
def test_a_new_signer_gets_one_mail_with_a_link(person_type) -> None:
    sign_as(person_type, person())
    assert send_due() == 1
    assert send_due() == 0
    (letter,) = mail.outbox
    assert letter.to == ["ana@example.org"]
    assert letter.cc == letter.bcc == []
    assert "https://pledge.example/pledge/confirm/" in letter.body
    assert "Hello," in letter.body
    assert "14" in letter.body
    assert letter.alternatives[0].mimetype == "text/html"
    assert letter.extra_headers["Auto-Submitted"] == "auto-generated"


def test_no_word_of_the_signers_gets_into_the_subject(person_type) -> None:
    sign_as(person_type, person(name="Buy Pills"))
    send_due()
    assert "Pills" not in mail.outbox[0].subject


def test_the_mail_speaks_the_signers_language(person_type) -> None:
    sign(statement=statement_to_sign(person_type, locale="es"), data=person())
    sign(statement=statement_to_sign(person_type), data=person("en@example.org"))
    send_due()
    spanish, english = mail.outbox
    assert spanish.subject != english.subject


@pytest.mark.requirement("SG4")
@pytest.mark.parametrize(
    ("state", "sent"),
    [("pending", "confirm/"), ("withdrawn", "confirm/"), ("confirmed", "manage/"), ("anonymised", None)],
)
def test_the_mailbox_gets_what_fits_its_state(person_type, state: str, sent: str | None) -> None:
    signature = sign_as(person_type, person())
    if state in {"confirmed", "withdrawn"}:
        confirm(signature, epoch=1)
    if state == "withdrawn":
        withdraw(signature, epoch=1)
    if state == "anonymised":
        get_signature_model()._default_manager.update(state=SignatureState.ANONYMISED)
    assert send_due() == (1 if sent else 0)
    if sent:
        assert f"/pledge/{sent}" in mail.outbox[0].body
    else:
        assert states() == [OutboxState.SKIPPED]


def test_signing_many_times_in_a_quarter_of_an_hour_mails_once(person_type) -> None:
    for _ in range(5):
        sign_as(person_type, person())
        send_due()
    assert len(mail.outbox) == 1


@pytest.mark.requirement("SG4", "SG5")
def test_who_withdraws_and_signs_again_at_once_gets_the_new_link_a_little_later(person_type) -> None:
    signature = sign_as(person_type, person())
    send_due()
    confirm(signature, epoch=1)
    withdraw(signature, epoch=1)
    sign_as(person_type, person())
    assert send_due() == 0
    waiting = OutboxMessage.objects.get(state=OutboxState.DUE)
    assert waiting.last_code == "budget"
    assert dt.timedelta(minutes=14) < waiting.due_at - timezone.now() <= dt.timedelta(minutes=15)
    wait_for_budget()
    assert send_due() == 1
    assert len(set(re.findall(r"/confirm/[\w-]+/", mail.outbox[0].body + mail.outbox[1].body))) == 2
    # The same mail again, right after it, is not put off: it was said
    sign_as(person_type, person())
    assert send_due() == 0
    assert states() == [OutboxState.SENT, OutboxState.SENT, OutboxState.SKIPPED]


@pytest.mark.requirement("SG4")
def test_who_confirms_and_signs_again_at_once_is_told_so_a_little_later(person_type) -> None:
    """The thank-you page, opened again, sends its signer this way to the link of the own page."""
    signature = sign_as(person_type, person())
    send_due()
    confirm(signature, epoch=1)
    sign_as(person_type, person())
    assert send_due() == 0
    wait_for_budget()
    assert send_due() == 1
    assert "/pledge/manage/" in mail.outbox[-1].body
    sign_as(person_type, person())
    assert send_due() == 0
    assert states() == [OutboxState.SENT, OutboxState.SENT, OutboxState.SKIPPED]


def test_signing_again_later_sends_the_same_link_again(person_type) -> None:
    sign_as(person_type, person())
    send_due()
    wait(16)
    sign_as(person_type, person())
    send_due()
    assert len(mail.outbox) == 2
    assert mail.outbox[0].body == mail.outbox[1].body


@pytest.mark.requirement("C5")
def test_one_mailbox_gets_three_mails_a_day_over_all_pledges(db: None) -> None:
    for number in range(5):
        pledge = create_pledge(f"Pledge {number}")
        sign_as(pledge.signer_types.get(), person("ab@gmail.com" if number % 2 else "A.B+1@googlemail.com"))
        send_due()
        wait(20)
        send_due()
    assert len(mail.outbox) == 3
    assert states().count(OutboxState.DUE) == 2
    MailSent.objects.all().delete()
    wait(1)
    send_due()
    assert len(mail.outbox) == 4


def test_a_mail_put_off_by_the_budget_goes_out_later_and_is_not_lost(person_type, organization_type) -> None:
    sign_as(person_type, person("rosa@casa.example"))
    send_due()
    sign_as(organization_type, organization(email="rosa@casa.example"))
    send_due()
    waiting = OutboxMessage.objects.get(state=OutboxState.DUE)
    assert waiting.last_code == "budget"
    assert dt.timedelta(minutes=14) < waiting.due_at - timezone.now() <= dt.timedelta(minutes=15)
    assert waiting.attempts == 0
    wait(16)
    assert send_due() == 1
    waiting.refresh_from_db()
    assert waiting.attempts == 1


def test_the_message_id_stays_when_a_newer_token_key_is_listed(person_type, settings: Settings) -> None:
    sign_as(person_type, person())
    (message,) = lease()
    old, new = base64.b64encode(b"o" * 32).decode(), base64.b64encode(b"n" * 32).decode()
    settings.WAGTAIL_PLEDGE_KEYS = {"token": {1: old}}
    before = message_id(message)
    settings.WAGTAIL_PLEDGE_KEYS = {"token": {1: old, 2: new}}
    assert message_id(message) == before
    settings.WAGTAIL_PLEDGE_KEYS = {"token": {2: new}}
    assert message_id(message) != before


def _failing(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def refuse(_self: Any, *_args: Any) -> int:
        raise error

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", refuse)


def test_a_mail_server_that_is_away_loses_nothing(person_type, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_as(person_type, person())
    with monkeypatch.context() as patched:
        _failing(patched, ConnectionRefusedError())
        assert send_due() == 0
    message = OutboxMessage.objects.get()
    assert (message.state, message.attempts, message.last_code) == (OutboxState.DUE, 1, "ConnectionRefusedError")
    assert message.due_at > timezone.now()
    wait(1)
    assert send_due() == 1


def test_after_three_days_of_failures_it_is_given_up(person_type, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_as(person_type, person())
    OutboxMessage.objects.update(created_at=timezone.now() - dt.timedelta(hours=73))
    _failing(monkeypatch, ConnectionRefusedError())
    send_due()
    assert states() == [OutboxState.EXPIRED]


def test_a_mail_that_cannot_be_rendered_does_not_stop_the_next(person_type, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_as(person_type, person("first@example.org"))
    sign_as(person_type, person("second@example.org"))
    real = message_kinds["confirm"]

    def poisoned(kind: str, signature: Any, *, epoch: int) -> Any:
        if signature.email == "first@example.org":
            raise ValueError
        return real(kind, signature, epoch=epoch)

    monkeypatch.setitem(message_kinds._entries, "confirm", poisoned)
    assert send_due() == 1
    assert states() == [OutboxState.FAILED, OutboxState.SENT]


def test_a_leased_message_is_nobody_elses_until_the_lease_ends(person_type) -> None:
    sign_as(person_type, person())
    (mine,) = lease()
    assert lease() == []
    OutboxMessage.objects.update(lease_until=timezone.now() - dt.timedelta(seconds=1))
    (theirs,) = lease()
    assert theirs.pk == mine.pk
    assert message_id(mine) == message_id(theirs)
    assert deliver(theirs, SMTPConnection()) is SENT
    assert deliver(mine, SMTPConnection()) is None
    assert states() == [OutboxState.SENT]
    assert len(mail.outbox) == 1


def test_asking_again_from_the_inbox_page_is_the_same_wish(person_type) -> None:
    receipt = sign(statement=statement_to_sign(person_type), data=person())
    resend_mail(receipt.ticket)
    assert OutboxMessage.objects.count() == 1
    send_due()
    wait(16)
    resend_mail(receipt.ticket)
    assert send_due() == 1


def test_the_worker_works_off_what_is_due(person_type) -> None:
    confirm(sign_as(person_type, person()), epoch=1)
    call_command("pledge_worker", "--once")
    assert len(mail.outbox) == 1
    assert person_type.pledge.tallies.get().count == 1


def test_the_worker_names_a_job_that_it_does_not_know() -> None:
    with pytest.raises(CommandError, match="Unknown jobs: post"):
        call_command("pledge_worker", "--once", "--only", "mail,post")


def test_links_fall_back_on_the_setting_and_never_on_a_guess(person_type, settings: Settings) -> None:
    settings.WAGTAIL_PLEDGE_BASE_URL = None
    sign_as(person_type, person())
    assert send_due() == 0
    message = OutboxMessage.objects.get()
    assert (message.state, message.last_code) == (OutboxState.DUE, "no_base_url")


@pytest.mark.parametrize(
    ("html", "line"),
    [
        ("<p>We ask <b>this</b>.</p><p>And that.</p>", "We ask this."),
        ("<p>Salt &amp;\n bread</p>", "Salt & bread"),
        ("", ""),
        (f"<p>{'word ' * 100}</p>", f"{'word ' * 39}word…"[:200]),
    ],
)
def test_the_ask_is_the_first_paragraph_in_one_line(html: str, line: str) -> None:
    shown = statement_summary(html)
    assert len(shown) <= 200
    assert shown.rstrip("…")[:190] == line.rstrip("…")[:190]
