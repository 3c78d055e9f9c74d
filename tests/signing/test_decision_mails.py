"""A signer is told that staff approved the signature, and, where they wish so, why they refused it."""

from __future__ import annotations

import pytest
from django.core import mail
from pytest_django import Settings

from tests.signing.conftest import organization, person, sign_as
from wagtail_pledge.signing.enums import MessageKind, OutboxState
from wagtail_pledge.signing.models import OutboxMessage, SignerType
from wagtail_pledge.signing.services import approve, confirm, reject, withdraw
from wagtail_pledge.signing.worker.mail import send_due

pytestmark = [pytest.mark.requirement("SN4"), pytest.mark.swappable]

REASON = "We could not reach <anybody> at this address."


@pytest.fixture
def waiting_signature(organization_type: SignerType, settings: Settings):
    """Return a confirmed signature that waits for approval; its own mail has gone out."""
    settings.WAGTAIL_PLEDGE_MAIL_MIN_MINUTES = 0
    signature = sign_as(organization_type, organization())
    send_due()
    confirm(signature, epoch=1)
    signature.refresh_from_db()
    mail.outbox.clear()
    return signature


def fates(kind: MessageKind) -> list[tuple[str, str]]:
    return list(OutboxMessage.objects.filter(kind=kind).order_by("pk").values_list("state", "last_code"))


def test_an_approved_organization_is_told_once(waiting_signature) -> None:
    approve(waiting_signature)
    assert (send_due(), send_due()) == (1, 0)
    (letter,) = mail.outbox
    assert letter.to == ["rep@casa.example"]
    assert letter.subject.startswith("Your organization has signed")
    assert "Casa del Pueblo" in letter.body
    assert "/pledge/manage/" in letter.body


def test_a_person_who_waited_is_told_in_other_words(person_type: SignerType, settings: Settings) -> None:
    settings.WAGTAIL_PLEDGE_MAIL_MIN_MINUTES = 0
    SignerType.objects.update(approval_required=True)
    person_type.refresh_from_db()
    signature = sign_as(person_type, person())
    send_due()
    confirm(signature, epoch=1)
    signature.refresh_from_db()
    approve(signature)
    send_due()
    letter = mail.outbox[-1]
    assert letter.subject.startswith("Your name has been added")
    assert "rganization" not in letter.body + letter.alternatives[0].content


def test_the_mail_about_a_decision_goes_behind_those_that_people_wait_for(waiting_signature, organization_type) -> None:
    approve(waiting_signature)
    sign_as(organization_type, organization("Unión", "rep@union.example"))
    send_due()
    assert [letter.to for letter in mail.outbox] == [["rep@union.example"], ["rep@casa.example"]]


def test_nothing_is_said_of_an_approval_that_was_taken_back(waiting_signature) -> None:
    approve(waiting_signature)
    reject(waiting_signature, reason=REASON)
    assert send_due() == 0
    assert fates(MessageKind.APPROVED) == [(OutboxState.SKIPPED, "decision_changed")]


def test_nothing_is_said_to_who_has_withdrawn(waiting_signature) -> None:
    approve(waiting_signature)
    withdraw(waiting_signature, epoch=1)
    assert send_due() == 0


def test_a_refusal_is_told_only_on_request(waiting_signature) -> None:
    reject(waiting_signature, reason=REASON)
    assert send_due() == 0
    assert fates(MessageKind.REJECTED) == []


def test_a_refusal_gives_the_reason_and_where_to_answer(waiting_signature, settings: Settings) -> None:
    settings.WAGTAIL_PLEDGE_REPLY_TO = "people@campaign.example"
    reject(waiting_signature, reason=REASON, notify=True)
    assert (send_due(), send_due()) == (1, 0)
    (letter,) = mail.outbox
    assert letter.reply_to == ["people@campaign.example"]
    assert REASON in letter.body
    assert "at this address" not in letter.subject
    html = letter.alternatives[0].content
    assert "We could not reach &lt;anybody&gt; at this address." in html


def test_the_last_reason_is_the_one_that_is_told(waiting_signature) -> None:
    reject(waiting_signature, reason="first", notify=True)
    approve(waiting_signature)
    reject(waiting_signature, reason="second")
    send_due()
    assert "second" in mail.outbox[0].body
    assert "first" not in mail.outbox[0].body


def test_a_refusal_that_was_taken_back_is_not_told(waiting_signature) -> None:
    reject(waiting_signature, reason=REASON, notify=True)
    approve(waiting_signature)
    assert send_due() == 1
    assert fates(MessageKind.REJECTED) == [(OutboxState.SKIPPED, "decision_changed")]
    assert mail.outbox[0].subject.startswith("Your organization has signed")


def test_where_answers_go_is_the_senders_address_by_default(waiting_signature) -> None:
    approve(waiting_signature)
    send_due()
    assert mail.outbox[0].reply_to == []
