"""Batch queries: one set for all messages, and the right data for each."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.signing.conftest import person, sign_as
from wagtail_pledge.signing.enums import OutboxState
from wagtail_pledge.signing.models import OutboxMessage, SignerType, get_signature_model
from wagtail_pledge.signing.services import withdraw
from wagtail_pledge.signing.services.pledges import create_pledge
from wagtail_pledge.signing.services.suppression import is_suppressed, suppress, suppressed_addresses
from wagtail_pledge.signing.worker import mail_batch
from wagtail_pledge.signing.worker.mail import lease, send_due
from wagtail_pledge.signing.worker.mail_batch import BatchContext
from wagtail_pledge.signing.worker.smtp import SMTPConnection

pytestmark = pytest.mark.swappable


def crowd(signer_type: SignerType, name: str, size: int) -> list[Any]:
    return [sign_as(signer_type, person(f"{name}{number}@example.org")) for number in range(size)]


def recipients() -> list[str]:
    return sorted(email.to[0] for email in mail.outbox)


@pytest.mark.requirement("P10")
def test_a_mail_takes_a_constant_number_of_queries(person_type: SignerType) -> None:
    """The budget before and three updates after each mail; everything else is queried once per batch."""

    def cost(name: str, size: int) -> int:
        crowd(person_type, name, size)
        with CaptureQueriesContext(connection) as captured:
            assert send_due() == size
        return sum("SAVEPOINT" not in query["sql"] for query in captured.captured_queries)

    cost("first", 1)
    of_four, of_sixteen = cost("few", 4), cost("many", 16)
    assert of_sixteen - of_four <= 12 * 4


@pytest.mark.requirement("P10")
def test_an_unreadable_row_fails_only_its_own_message(person_type: SignerType) -> None:
    unreadable, *others = crowd(person_type, "p", 4)
    get_signature_model()._default_manager.filter(pk=unreadable.pk).update(email=b"\x01\x00 not sealed by us")
    assert send_due() == 3
    assert recipients() == sorted(signature.email for signature in others)
    states = list(OutboxMessage.objects.order_by("pk").values_list("state", flat=True))
    assert states[0] != OutboxState.SENT
    assert states[1:] == [OutboxState.SENT] * 3


@pytest.mark.requirement("SG2")
def test_every_spelling_of_a_suppressed_mailbox_is_skipped(db: None) -> None:
    for number, address in enumerate(["ana@gmail.com", "a.na+x@gmail.com", "other@example.org"]):
        sign_as(create_pledge(f"Pledge {number}").signer_types.get(), person(address))
    suppress("ANA@gmail.com")
    assert send_due() == 1
    assert recipients() == ["other@example.org"]
    skipped = OutboxMessage.objects.filter(state=OutboxState.SKIPPED)
    assert list(skipped.values_list("last_code", flat=True)) == ["suppressed"] * 2


@pytest.mark.requirement("SG2")
def test_batch_and_single_suppression_checks_agree(db: None) -> None:
    now = BatchContext([]).now
    addresses = ["ana@gmail.com", "a.na@gmail.com", "other@example.org", "no address"]
    suppress("ana@gmail.com")
    assert suppressed_addresses(addresses, now) == {"ana@gmail.com", "a.na@gmail.com"}
    assert is_suppressed("a.na@gmail.com", now)
    assert not is_suppressed("other@example.org", now)


def test_a_mailbox_gets_one_mail_per_batch(db: None) -> None:
    for number in range(3):
        sign_as(create_pledge(f"Pledge {number}").signer_types.get(), person())
    assert send_due() == 1
    assert OutboxMessage.objects.filter(state=OutboxState.DUE, last_code="budget").count() == 2


@pytest.mark.parametrize(("max_age", "sent"), [(0.0, 1), (3600.0, 3)])
def test_a_suppression_during_a_batch_takes_effect_within_seconds(
    person_type: SignerType, monkeypatch: pytest.MonkeyPatch, max_age: float, sent: int
) -> None:
    signatures = crowd(person_type, "p", 3)
    monkeypatch.setattr(mail_batch, "FRESH_SECONDS", max_age)
    send = SMTPConnection.send

    def suppress_after_sending(self: SMTPConnection, email: Any) -> None:
        send(self, email)
        for signature in signatures:
            suppress(signature.email)

    monkeypatch.setattr(SMTPConnection, "send", suppress_after_sending)
    assert send_due() == sent


def test_each_message_gets_the_state_of_its_own_signature(person_type: SignerType) -> None:
    first, _second = crowd(person_type, "p", 2)
    withdraw(first, epoch=1)
    messages = lease()
    found = BatchContext(messages)
    states = [found.signature_of(message).state for message in sorted(messages, key=lambda message: message.pk)]
    assert states == ["withdrawn", "pending"]
    assert [found.last_sent_at(message) for message in messages] == [None, None]
