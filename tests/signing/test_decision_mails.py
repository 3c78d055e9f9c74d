"""Mails to signers after staff approve a signature, or reject it and choose to notify the signer."""

from __future__ import annotations

import pytest
from django.core import mail
from django.db import transaction
from pytest_django import Settings

from tests.background import Background, waiting_for_locks
from tests.signing.conftest import organization, person, sign_as, submit_as
from tests.waiting import wait_until
from wagtail_pledge.signing.enums import MessageKind, OutboxState, Review
from wagtail_pledge.signing.models import OutboxMessage, SignerType, get_signature_model
from wagtail_pledge.signing.services import approve, reject, withdraw
from wagtail_pledge.signing.services.bulk_review import ReviewRule, invalidate, release, restore
from wagtail_pledge.signing.worker.mail import send_due
from wagtail_pledge.signing.worker.outbox_mail import OutboxSource

pytestmark = [pytest.mark.requirement("SN4"), pytest.mark.swappable]

REASON = "We could not reach <anybody> at this address."


@pytest.fixture
def waiting_signature(organization_type: SignerType, settings: Settings):
    """Return a confirmed signature that waits for approval; its confirmation mail is sent."""
    settings.WAGTAIL_PLEDGE_MAIL_MIN_MINUTES = 0
    signature = sign_as(organization_type, organization())
    send_due()
    mail.outbox.clear()
    return signature


def delivery_states(kind: MessageKind) -> list[tuple[str, str]]:
    return list(OutboxMessage.objects.filter(kind=kind).order_by("pk").values_list("state", "last_code"))


def test_an_approved_organization_is_notified_once(waiting_signature) -> None:
    approve(waiting_signature)
    assert (send_due(), send_due()) == (1, 0)
    (email,) = mail.outbox
    assert email.to == ["rep@casa.example"]
    assert email.subject.startswith("Your organization has signed")
    assert "Casa del Pueblo" in email.body
    assert "/pledge/manage/" in email.body


def test_an_approved_person_gets_a_different_text(person_type: SignerType, settings: Settings) -> None:
    settings.WAGTAIL_PLEDGE_MAIL_MIN_MINUTES = 0
    SignerType.objects.update(approval_required=True)
    person_type.refresh_from_db()
    signature = sign_as(person_type, person())
    send_due()
    approve(signature)
    send_due()
    email = mail.outbox[-1]
    assert email.subject.startswith("Your name has been added")
    assert "rganization" not in email.body + email.alternatives[0].content


def test_decision_mails_are_sent_after_confirmation_mails(waiting_signature, organization_type) -> None:
    approve(waiting_signature)
    submit_as(organization_type, organization("Unión", "rep@union.example"))
    send_due()
    assert [email.to for email in mail.outbox] == [["rep@union.example"], ["rep@casa.example"]]


def test_a_reverted_approval_sends_no_mail(waiting_signature) -> None:
    approve(waiting_signature)
    reject(waiting_signature, reason=REASON)
    assert send_due() == 0
    assert delivery_states(MessageKind.APPROVED) == [(OutboxState.SKIPPED, "decision_changed")]


def test_an_approved_signature_that_needs_review_gets_its_mail_when_it_counts(waiting_signature) -> None:
    get_signature_model().objects.update(review=Review.NEEDS_REVIEW)
    for _time in range(2):
        approve(waiting_signature)
        assert send_due() == 0
        reject(waiting_signature, reason=REASON)
    approve(waiting_signature)
    assert send_due() == 0
    assert delivery_states(MessageKind.APPROVED)[-1] == (OutboxState.SKIPPED, "not_counted")
    rule = ReviewRule(kind="organization")
    assert release(waiting_signature.pledge, rule, actor=None) == 1
    assert send_due() == 1
    assert mail.outbox[-1].subject.startswith("Your organization has signed")
    # Once only
    batch = invalidate(waiting_signature.pledge, rule, actor=None, reason="x").name
    restore(waiting_signature.pledge, batch, actor=None)
    assert send_due() == 0


def test_a_mail_about_an_approval_that_was_reverted_is_not_sent_by_a_release(waiting_signature) -> None:
    get_signature_model().objects.update(review=Review.NEEDS_REVIEW)
    approve(waiting_signature)
    assert send_due() == 0
    reject(waiting_signature, reason=REASON)
    assert release(waiting_signature.pledge, ReviewRule(kind="organization"), actor=None) == 1
    assert send_due() == 0


@pytest.fixture
def approved_but_held(waiting_signature):
    """Return an approved signature that needs review; the mail about its approval is due."""
    get_signature_model().objects.update(review=Review.NEEDS_REVIEW)
    approve(waiting_signature)
    return waiting_signature


def test_a_release_while_the_worker_leaves_the_mail_out_sends_it(
    approved_but_held, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker has read that the signature does not count; then it counts, before that is recorded."""
    skip = OutboxSource.skip

    def release_first(source: OutboxSource, job: OutboxMessage, code: str) -> None:
        release(approved_but_held.pledge, ReviewRule(kind="organization"), actor=None)
        skip(source, job, code)

    monkeypatch.setattr(OutboxSource, "skip", release_first)
    assert send_due() + send_due() == 1
    assert mail.outbox[-1].subject.startswith("Your organization has signed")


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_release_that_commits_after_the_worker_looked_sends_the_mail(approved_but_held) -> None:
    """The release has changed the signature and found no mail that was left out; the worker waits for its commit."""
    with transaction.atomic():
        release(approved_but_held.pledge, ReviewRule(kind="organization"), actor=None)
        worker = Background(send_due)
        assert wait_until(lambda: worker.results or waiting_for_locks() == 1, 20)
    assert worker.result() + send_due() == 1
    assert mail.outbox[-1].subject.startswith("Your organization has signed")


def test_a_withdrawn_signer_gets_no_mail(waiting_signature) -> None:
    approve(waiting_signature)
    withdraw(waiting_signature, epoch=1)
    assert send_due() == 0


def test_rejection_sends_no_mail_by_default(waiting_signature) -> None:
    reject(waiting_signature, reason=REASON)
    assert send_due() == 0
    assert delivery_states(MessageKind.REJECTED) == []


def test_a_rejection_mail_has_the_reason_and_reply_address(waiting_signature, settings: Settings) -> None:
    settings.WAGTAIL_PLEDGE_REPLY_TO = "people@campaign.example"
    reject(waiting_signature, reason=REASON, notify=True)
    assert (send_due(), send_due()) == (1, 0)
    (email,) = mail.outbox
    assert email.reply_to == ["people@campaign.example"]
    assert REASON in email.body
    assert "at this address" not in email.subject
    html = email.alternatives[0].content
    assert "We could not reach &lt;anybody&gt; at this address." in html


def test_a_rejection_mail_has_the_latest_reason(waiting_signature) -> None:
    reject(waiting_signature, reason="first", notify=True)
    approve(waiting_signature)
    reject(waiting_signature, reason="second")
    send_due()
    assert "second" in mail.outbox[0].body
    assert "first" not in mail.outbox[0].body


def test_a_reverted_rejection_sends_no_mail(waiting_signature) -> None:
    reject(waiting_signature, reason=REASON, notify=True)
    approve(waiting_signature)
    assert send_due() == 1
    assert delivery_states(MessageKind.REJECTED) == [(OutboxState.SKIPPED, "decision_changed")]
    assert mail.outbox[0].subject.startswith("Your organization has signed")


def test_without_the_setting_mails_have_no_reply_to(waiting_signature) -> None:
    approve(waiting_signature)
    send_due()
    assert mail.outbox[0].reply_to == []
