"""Many at once, on the database that production uses."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.db import connection

from tests.signing.conftest import person, sign_as, statement_to_sign
from wagtail_pledge.signing.enums import EventKind, SignatureState
from wagtail_pledge.signing.models import OutboxMessage, SignatureEvent, get_signature_model
from wagtail_pledge.signing.services import confirm, sign, withdraw
from wagtail_pledge.signing.services.pledges import create_pledge
from wagtail_pledge.signing.worker.mail import send_due

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

AT_ONCE = 32
SPELLINGS = ("ab@gmail.com", "A.B@gmail.com", "a.b+1@googlemail.com", "AB+x@GoogleMail.com")


def together(work: Callable[[int], Any], times: int = AT_ONCE) -> list[Any]:
    """Run ``work(0..times-1)`` in as many threads, all let go at one moment; return the results."""
    gate = threading.Barrier(times)
    results: list[Any] = [None] * times

    def run(number: int) -> None:
        try:
            gate.wait(timeout=30)
            results[number] = work(number)
        except Exception as error:  # noqa: BLE001 - a thread hands its failure to the test
            results[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results


@pytest.mark.requirement("A6", "SG3")
def test_32_signers_with_one_mailbox_make_one_signature_and_one_mail() -> None:
    signer_type = create_pledge("Ratify").signer_types.get()
    statement = statement_to_sign(signer_type)

    def one(number: int) -> tuple[str, str, str]:
        receipt = sign(statement=statement, data=person(SPELLINGS[number % len(SPELLINGS)]))
        return receipt.ticket.mailbox_key, receipt.ticket.seat, receipt.ticket.locale

    answers = together(one)
    assert len(set(answers)) == 1
    assert get_signature_model()._default_manager.count() == 1
    assert OutboxMessage.objects.count() == 1
    together(lambda _number: send_due(), times=4)
    assert len(mail.outbox) == 1


@pytest.mark.requirement("A7")
def test_32_confirmations_at_once_are_one() -> None:
    signature = sign_as(create_pledge("Ratify").signer_types.get(), person())
    model = get_signature_model()

    def one(_number: int) -> bool:
        mine = model._default_manager.select_related("pledge", "statement").get(pk=signature.pk)
        return confirm(mine, epoch=1)

    assert sorted(together(one)) == [False] * (AT_ONCE - 1) + [True]
    assert SignatureEvent.objects.filter(kind=EventKind.CONFIRMED).count() == 1


@pytest.mark.requirement("A7")
def test_confirming_against_withdrawing_ends_withdrawn() -> None:
    signature = sign_as(create_pledge("Ratify").signer_types.get(), person())
    model = get_signature_model()

    def one(number: int) -> bool:
        mine = model._default_manager.select_related("pledge", "statement").get(pk=signature.pk)
        return (withdraw if number % 2 else confirm)(mine, epoch=1)

    results = together(one)
    assert not [result for result in results if isinstance(result, Exception)]
    signature.refresh_from_db()
    assert signature.state == SignatureState.WITHDRAWN
