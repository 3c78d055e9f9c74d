"""Concurrent signing, confirmation and withdrawal on PostgreSQL."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.db import connection

from tests.signing.conftest import person, sign_as, statement_to_sign, submission_of, submit_as
from wagtail_pledge.core.db import database_now
from wagtail_pledge.signing.enums import EventKind, SignatureState
from wagtail_pledge.signing.models import SignatureEvent, Submission, get_signature_model
from wagtail_pledge.signing.services import confirm, correct_address, counts_for, submit, withdraw
from wagtail_pledge.signing.services.lifecycle import mark_day_dirty
from wagtail_pledge.signing.services.pledges import create_pledge
from wagtail_pledge.signing.stamps import Stamp
from wagtail_pledge.signing.worker import tallies
from wagtail_pledge.signing.worker.mail import send_due
from wagtail_pledge.signing.worker.tallies import refresh_tallies

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

AT_ONCE = 32
SPELLINGS = ("ab@gmail.com", "A.B@gmail.com", "a.b+1@googlemail.com", "AB+x@GoogleMail.com")


def together(work: Callable[[int], Any], times: int = AT_ONCE) -> list[Any]:
    """Run ``work(0..times-1)`` in that many threads that start together; return the results."""
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
def test_32_concurrent_signers_with_one_mailbox_make_one_signature_and_few_mails() -> None:
    signer_type = create_pledge("Ratify").signer_types.get()
    statement = statement_to_sign(signer_type)

    def one(number: int) -> tuple[str, int]:
        receipt = submit(statement=statement, data=person(SPELLINGS[number % len(SPELLINGS)]))
        return receipt.ticket.locale, receipt.ticket.pledge_id

    assert len(set(together(one))) == 1
    assert Submission.objects.count() == AT_ONCE
    together(lambda _number: send_due(), times=4)
    assert len(mail.outbox) == 2
    results = together(lambda number: confirm(submission_of(rows[number])), times=AT_ONCE) if (rows := ids()) else []
    assert sum(result.is_new for result in results) == 1
    assert get_signature_model()._default_manager.count() == 1


def ids() -> list[Any]:
    return list(Submission.objects.values_list("pk", flat=True))


@pytest.mark.requirement("A7", "E16")
def test_32_concurrent_confirmations_confirm_once() -> None:
    submission = submit_as(create_pledge("Ratify").signer_types.get(), person())
    results = together(lambda _number: confirm(submission_of(submission.pk)))
    assert sorted(result.is_new for result in results) == [False] * (AT_ONCE - 1) + [True]
    assert len({result.signature.pk for result in results}) == 1
    assert SignatureEvent.objects.filter(kind=EventKind.CONFIRMED).count() == 1


@pytest.mark.requirement("A7")
def test_concurrent_confirmation_and_withdrawal_end_as_withdrawn() -> None:
    signer_type = create_pledge("Ratify").signer_types.get()
    signature = sign_as(signer_type, person())
    repeated = Submission.objects.get()

    def one(number: int) -> Any:
        return withdraw(signature, epoch=1) if number % 2 else confirm(submission_of(repeated.pk))

    results = together(one)
    assert not [result for result in results if isinstance(result, Exception)]
    signature.refresh_from_db()
    assert signature.state == SignatureState.WITHDRAWN


@pytest.mark.requirement("E1")
def test_concurrent_corrections_and_confirmation_leave_one_chain() -> None:
    signer_type = create_pledge("Ratify").signer_types.get()
    receipt = submit(
        statement=statement_to_sign(signer_type),
        data=person(),
        stamp=Stamp(form_id=b"0123456789abcdef", issued_at=database_now(), key_version=0),
    )

    def one(number: int) -> Any:
        if number % 4 == 0:
            return confirm(submission_of(receipt.id))
        address = f"p{number % 3}@example.org"
        return correct_address(receipt.ticket, address=address, network_key=None, now=database_now())

    results = together(one, times=16)
    assert not [result for result in results if isinstance(result, Exception)]
    assert Submission.objects.filter(moved_to=None).count() == 1
    assert Submission.objects.count() <= 4


@pytest.mark.requirement("C5")
def test_concurrent_workers_keep_the_mail_budget_together() -> None:
    for number in range(8):
        submit_as(create_pledge(f"Pledge {number}").signer_types.get(), person())
    together(lambda _number: send_due(), times=4)
    assert len(mail.outbox) == 2


@pytest.mark.requirement("A6", "A8")
@pytest.mark.parametrize("number", [0, 1], ids=["of another day", "of the same day"])
def test_nobody_waits_for_a_recount(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Marking a day to recount must not wait for the transaction that has deleted the mark before."""
    signer_type = create_pledge("Ratify").signer_types.get()
    signed = [sign_as(signer_type, person(f"p{one}@example.org")) for one in range(2)]
    for one, signature in enumerate(signed):
        signature.confirmed_at -= dt.timedelta(days=30 - one)
        signature.save(update_fields=["confirmed_at"])
        mark_day_dirty(signature.pledge, signature.confirmed_at)
    last, count_days, answers = signer_type.pledge.local_day(signed[1].confirmed_at), tallies.count_days, []

    def withdrawn(_number: int) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '1s'")
        return withdraw(signed[number], epoch=1)

    def counted(start: dt.date, end: dt.date, **of: Any) -> Any:
        if start == last:
            answers.extend(together(withdrawn, 1))
        return count_days(start, end, **of)

    monkeypatch.setattr(tallies, "count_days", counted)
    refresh_tallies()
    assert answers == [True]
    refresh_tallies()
    assert counts_for(signer_type.pledge).total == 1
