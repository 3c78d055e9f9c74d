"""The worker and the owner of a mailbox change the same forms, each in its own order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

import pytest
from django.db import connection, transaction

from tests.background import Background, waiting_for_locks
from tests.signing.conftest import person, statement_to_sign, submission_of, submit_as
from tests.signing.test_concurrency import together
from tests.waiting import wait_until
from wagtail_pledge.core.db import database_now
from wagtail_pledge.signing.models import Submission
from wagtail_pledge.signing.services import confirm
from wagtail_pledge.signing.services.payloads import Payload
from wagtail_pledge.signing.services.pledges import create_pledge
from wagtail_pledge.signing.services.submissions import new_submission
from wagtail_pledge.signing.services.suppression import stop_mail
from wagtail_pledge.signing.worker.mail import send_due
from wagtail_pledge.signing.worker.queue import lease, renew
from wagtail_pledge.signing.worker.screening import screen

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
    pytest.mark.requirement("A6", "F14", "SG3"),
]

#: Their order by key is opposite to that in which they are stored.
IDS: Final = [UUID(int=number) for number in (9, 5, 3, 1)]


def _by_key() -> None:
    """Let this connection read rows by primary key, as in a large table."""
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off; SET enable_bitmapscan = off")


def _screened(jobs: list[Submission]) -> None:
    screen(jobs, database_now())


@pytest.mark.parametrize("work", [_screened, renew], ids=["screening", "renewing leases"])
def test_confirming_and_the_worker_do_not_block_each_other(work: Callable[[list[Submission]], Any]) -> None:
    statement = statement_to_sign(create_pledge("Ratify").signer_types.get())

    def send(row: UUID) -> None:
        payload = Payload(data=person(), locale="en")
        new_submission(row, statement, payload, network_key=None, signals="").save(force_insert=True)

    send(IDS[0])
    assert send_due() == 1
    own = submission_of(IDS[0])
    for row in IDS[1:]:
        send(row)
    jobs = lease(Submission)
    assert {job.pk for job in jobs} == set(IDS[1:])

    def worker() -> Any:
        _by_key()
        return work(jobs)

    with transaction.atomic():
        # Somebody changes the form that is in the middle of both orders
        Submission.objects.select_for_update().get(pk=IDS[2])
        working = Background(worker)
        assert wait_until(lambda: working.results or waiting_for_locks() == 1, 20)
        confirming = Background(lambda: confirm(own))
        assert wait_until(lambda: waiting_for_locks() == 2 - len(working.results), 20)
    assert not isinstance(working.result(), Exception), working.result()
    assert confirming.result().is_new


def test_owners_who_stop_all_mail_and_confirm_do_not_block_each_other() -> None:
    """Stopping ends the forms of every campaign, under a lock for each."""
    types = [create_pledge(f"Pledge {number}").signer_types.get() for number in range(4)]
    rows = [submit_as(signer_type, person()).pk for signer_type in types for _form in range(3)]
    send_due()

    def one(number: int) -> Any:
        row = submission_of(rows[number % len(rows)])
        return stop_mail(row, "ana@example.org") if number % 2 else confirm(row)

    results = together(one, times=12)
    assert not [result for result in results if isinstance(result, Exception)]
    assert not Submission.objects.open().exists()
