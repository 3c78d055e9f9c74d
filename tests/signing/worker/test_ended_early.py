"""A form that ends or is corrected before the worker has seen it: it takes its places, and gets no mail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from uuid import uuid4

import pytest
from django.core import mail
from django.db.models import Sum
from pytest_django import Settings

from tests.signing.conftest import pass_time, person, statement_to_sign, submission_of, submit_as
from wagtail_pledge.core.db import database_now
from wagtail_pledge.signing.enums import MailQueue, SubmissionEnd
from wagtail_pledge.signing.models import LimitBucket, NetworkPlace, OutboxMessage, SignerType, Submission
from wagtail_pledge.signing.services import confirm, correct_address, resend_mail, submit
from wagtail_pledge.signing.services.confirming import end_columns
from wagtail_pledge.signing.services.offers import end_unsent, offers_for
from wagtail_pledge.signing.services.submissions import Receipt
from wagtail_pledge.signing.services.suppression import stop_mail
from wagtail_pledge.signing.worker.mail import send_due
from wagtail_pledge.signing.worker.queue import lease
from wagtail_pledge.signing.worker.rate_limits import ALL_KEY
from wagtail_pledge.signing.worker.retention import delete_expired_submissions
from wagtail_pledge.signing.worker.screening import screen

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("E1", "E5", "SG4"), pytest.mark.swappable]

NET: Final = b"\x01" * 8
ADDRESS: Final = "ana@example.org"


def _deny(own: Submission, theirs: Receipt) -> None:
    offers = offers_for(submission_of(own.pk), database_now())
    assert offers is not None
    assert end_unsent(offers, [theirs.id.hex]) == 1


def _correct(_own: Submission, theirs: Receipt) -> None:
    moved = correct_address(theirs.ticket, address="eva@example.org", network_key=NET, now=database_now())
    assert moved is not None


#: How the form of a stranger ends: by the owner of the mailbox, by staff, or by the stranger.
ENDS: Final[dict[str, Callable[[Submission, Receipt], Any]]] = {
    "confirmed": lambda _own, theirs: confirm(submission_of(theirs.id)),
    "superseded": lambda own, _theirs: confirm(submission_of(own.pk)),
    "stopped": lambda own, _theirs: stop_mail(own, ADDRESS),
    "denied": _deny,
    "let go": lambda _own, theirs: Submission.objects.filter(pk=theirs.id).update(**end_columns(SubmissionEnd.LET_GO)),
    "corrected": _correct,
}


@pytest.fixture
def own(person_type: SignerType) -> Submission:
    """A form that the owner of the mailbox has sent, and that was mailed."""
    submission = submit_as(person_type, person(ADDRESS))
    assert send_due() == 1
    mail.outbox.clear()
    return submission


@pytest.fixture
def theirs(person_type: SignerType, own: Submission) -> Receipt:
    """A stranger's form with the same address."""
    return submit(statement=statement_to_sign(person_type), data=person(ADDRESS, name="Somebody"), network_key=NET)


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_it_is_screened_and_gets_no_mail(own: Submission, theirs: Receipt, end: Callable[..., Any]) -> None:
    end(own, theirs)
    row = submission_of(theirs.id)
    assert row.ended_at is not None or row.moved_to is not None
    assert (row.queue, row.screened_at) == (MailQueue.SIGNERS, None)
    assert row.due_at <= database_now()
    forms = Submission.objects.filter(network_key=NET).count()
    while send_due():
        pass
    row = submission_of(theirs.id)
    assert row.screened_at is not None
    assert (row.queue, row.mailed_at, row.last_mail) == (MailQueue.NO_MAIL, None, "")
    assert NetworkPlace.objects.filter(network_key=NET).count() == forms
    assert LimitBucket.objects.filter(network_key=ALL_KEY).aggregate(n=Sum("count"))["n"] == forms


@pytest.mark.requirement("E6")
@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_its_data_are_deleted_a_day_later(own: Submission, theirs: Receipt, end: Callable[..., Any]) -> None:
    end(own, theirs)
    while send_due():
        pass
    pass_time(hours=25)
    delete_expired_submissions()
    assert submission_of(theirs.id).payload
    pass_time(hours=2)
    delete_expired_submissions()
    assert not submission_of(theirs.id).payload


def test_one_that_no_mail_is_due_for_waits_for_the_deletion_of_its_data(own: Submission, theirs: Receipt) -> None:
    send_due()
    assert submission_of(theirs.id).queue == MailQueue.NO_MAIL
    confirm(submission_of(own.pk))
    row = submission_of(theirs.id)
    assert row.queue == MailQueue.NO_MAIL
    assert row.due_at > database_now()


def test_one_that_ends_while_it_is_screened_is_not_mailed(own: Submission, theirs: Receipt, settings: Settings) -> None:
    """It has to wait for a place, and so would be put off for its mail."""
    settings.WAGTAIL_PLEDGE_NETWORK_MAILS_PER_10_MINUTES = 1
    NetworkPlace.objects.create(network_key=NET, at=database_now(), pledge=own.pledge, job=uuid4())
    jobs = lease(Submission)
    assert [job.pk for job in jobs] == [theirs.id]
    confirm(submission_of(own.pk))
    screen(jobs, database_now())
    OutboxMessage.objects.all().delete()
    for _ in range(2):
        assert send_due() == 0
        pass_time(minutes=11)
    assert submission_of(theirs.id).queue == MailQueue.NO_MAIL
    assert NetworkPlace.objects.count() == 2


def test_asking_again_after_the_end_sends_what_the_ledger_says(own: Submission, theirs: Receipt) -> None:
    confirm(submission_of(own.pk))
    while send_due():
        pass
    mail.outbox.clear()
    resend_mail(theirs.ticket)
    assert send_due() == 1
    assert "/pledge/manage/" in mail.outbox[0].body
    assert mail.outbox[0].to == [ADDRESS]


@pytest.mark.requirement("E20")
def test_the_last_mail_follows_a_link_of_before_the_correction(person_type: SignerType) -> None:
    receipt = submit(statement=statement_to_sign(person_type), data=person(ADDRESS))
    send_due()
    mail.outbox.clear()
    now = database_now()
    assert correct_address(receipt.ticket, address="eva@example.org", network_key=None, now=now) is not None
    stop_mail(submission_of(receipt.id), ADDRESS)
    assert send_due() == 2
    assert {message.to[0]: "/pledge/not-me/" in message.body for message in mail.outbox} == {
        ADDRESS: True,
        "eva@example.org": True,
    }
