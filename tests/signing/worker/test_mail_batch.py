"""A batch is looked up at once, and each message still gets what is true of its own mailbox."""

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
    return sorted(letter.to[0] for letter in mail.outbox)


@pytest.mark.requirement("P10")
def test_a_mail_costs_a_few_statements_of_its_own(person_type: SignerType) -> None:
    """The budget before, three to mark it; what belongs to a batch is asked once."""

    def cost(name: str, size: int) -> int:
        crowd(person_type, name, size)
        with CaptureQueriesContext(connection) as captured:
            assert send_due() == size
        return sum("SAVEPOINT" not in query["sql"] for query in captured.captured_queries)

    cost("first", 1)
    of_four, of_sixteen = cost("few", 4), cost("many", 16)
    assert of_sixteen - of_four <= 12 * 4


@pytest.mark.requirement("P10")
def test_a_row_that_cannot_be_read_fails_its_own_message_only(person_type: SignerType) -> None:
    unreadable, *others = crowd(person_type, "p", 4)
    get_signature_model()._default_manager.filter(pk=unreadable.pk).update(email=b"\x01\x00 not sealed by us")
    assert send_due() == 3
    assert recipients() == sorted(signature.email for signature in others)
    states = list(OutboxMessage.objects.order_by("pk").values_list("state", flat=True))
    assert states[0] != OutboxState.SENT
    assert states[1:] == [OutboxState.SENT] * 3


@pytest.mark.requirement("SG2")
def test_every_spelling_of_a_suppressed_mailbox_is_left_alone(db: None) -> None:
    for number, address in enumerate(["ana@gmail.com", "a.na+x@gmail.com", "other@example.org"]):
        sign_as(create_pledge(f"Pledge {number}").signer_types.get(), person(address))
    suppress("ANA@gmail.com")
    assert send_due() == 1
    assert recipients() == ["other@example.org"]
    skipped = OutboxMessage.objects.filter(state=OutboxState.SKIPPED)
    assert list(skipped.values_list("last_code", flat=True)) == ["suppressed"] * 2


@pytest.mark.requirement("SG2")
def test_asking_for_many_is_asking_for_each(db: None) -> None:
    now = BatchContext([]).now
    addresses = ["ana@gmail.com", "a.na@gmail.com", "other@example.org", "no address"]
    suppress("ana@gmail.com")
    assert suppressed_addresses(addresses, now) == {"ana@gmail.com", "a.na@gmail.com"}
    assert is_suppressed("a.na@gmail.com", now)
    assert not is_suppressed("other@example.org", now)


def test_one_mailbox_in_one_batch_gets_one_mail(db: None) -> None:
    for number in range(3):
        sign_as(create_pledge(f"Pledge {number}").signer_types.get(), person())
    assert send_due() == 1
    assert OutboxMessage.objects.filter(state=OutboxState.DUE, last_code="budget").count() == 2


@pytest.mark.parametrize(("patience", "sent"), [(0.0, 1), (3600.0, 3)])
def test_who_asks_to_be_left_alone_meanwhile_is_heard_in_seconds(
    person_type: SignerType, monkeypatch: pytest.MonkeyPatch, patience: float, sent: int
) -> None:
    signatures = crowd(person_type, "p", 3)
    monkeypatch.setattr(mail_batch, "FRESH_SECONDS", patience)
    send = SMTPConnection.send

    def meanwhile(self: SMTPConnection, letter: Any) -> None:
        send(self, letter)
        for signature in signatures:
            suppress(signature.email)

    monkeypatch.setattr(SMTPConnection, "send", meanwhile)
    assert send_due() == sent


def test_a_message_gets_the_mail_of_its_own_state(person_type: SignerType) -> None:
    first, _second = crowd(person_type, "p", 2)
    withdraw(first, epoch=1)
    messages = lease()
    found = BatchContext(messages)
    states = [found.signature_of(message).state for message in sorted(messages, key=lambda message: message.pk)]
    assert states == ["withdrawn", "pending"]
    assert [found.last_sent_at(message) for message in messages] == [None, None]
