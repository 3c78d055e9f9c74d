"""What is promised about unconfirmed data: deleted after 14 days, ended forms after a day, nothing kept longer."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core import mail
from django.db import connection

from tests.signing.conftest import pass_time, person, sign_as, statement_to_sign, submission_of, submit_as
from wagtail_pledge.core.db import database_now
from wagtail_pledge.signing.enums import SubmissionEnd
from wagtail_pledge.signing.models import (
    LinkRequest,
    NetworkPlace,
    Pledge,
    SignerType,
    Statement,
    Submission,
    SubmissionOutcome,
    get_signature_model,
)
from wagtail_pledge.signing.services import submit
from wagtail_pledge.signing.services.confirming import end_columns
from wagtail_pledge.signing.services.correction import idle_columns
from wagtail_pledge.signing.services.links import request_link
from wagtail_pledge.signing.services.pledges import create_pledge
from wagtail_pledge.signing.services.submissions import ask_for_mail
from wagtail_pledge.signing.services.switches import MAIL, set_switch
from wagtail_pledge.signing.stamps import Stamp
from wagtail_pledge.signing.worker import retention
from wagtail_pledge.signing.worker.mail import send_due
from wagtail_pledge.signing.worker.retention import delete_expired_submissions

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("E6"), pytest.mark.swappable]


def outcomes() -> dict[str, int]:
    return dict(SubmissionOutcome.objects.values_list("outcome", "count"))


@pytest.mark.parametrize("mail_works", [True, False])
def test_an_unconfirmed_form_loses_its_data_on_day_14_and_its_row_on_day_15(person_type, mail_works: bool) -> None:
    set_switch(MAIL, on=not mail_works)
    submission = submit_as(person_type, person(), network_key=b"\x01" * 8, notes=["d:0011223344556677"])
    for _day in range(13):
        send_due()
        delete_expired_submissions()
        pass_time(days=1)
    assert submission_of(submission.pk).payload
    pass_time(days=1, minutes=1)
    assert delete_expired_submissions() == 1
    row = Submission.objects.get()
    assert (row.payload, row.mailbox_key, row.seat, row.network_key, row.signals) == (b"", b"", b"", None, "")
    assert row.end_reason == SubmissionEnd.EXPIRED
    assert outcomes() == {"expired" if mail_works else "unmailed": 1}
    pass_time(days=1)
    delete_expired_submissions()
    assert not Submission.objects.exists()
    assert outcomes() == {"expired" if mail_works else "unmailed": 1}


def test_a_confirmed_form_loses_its_copy_a_day_later_and_still_leads_to_the_signature(person_type) -> None:
    signature = sign_as(person_type, person())
    pass_time(hours=25)
    delete_expired_submissions()
    assert Submission.objects.get().payload
    pass_time(hours=2)
    delete_expired_submissions()
    stub = Submission.objects.get()
    assert (stub.payload, stub.signature_uuid, stub.end_reason) == (b"", signature.uuid, SubmissionEnd.CONFIRMED)
    assert outcomes() == {"confirmed": 1}
    pass_time(days=14)
    delete_expired_submissions()
    assert not Submission.objects.exists()
    assert get_signature_model()._default_manager.count() == 1


def test_a_stub_keeps_its_form_from_being_stored_again(person_type) -> None:
    stamp = Stamp(form_id=b"0123456789abcdef", issued_at=database_now(), key_version=0)
    statement = statement_to_sign(person_type)
    row = submit(statement=statement, data=person(), stamp=stamp).id
    Submission.objects.update(ended_at=database_now(), end_reason=SubmissionEnd.NOT_ME, queue=9)
    pass_time(hours=27)
    delete_expired_submissions()
    assert submit(statement=statement, data=person(), stamp=stamp).id == row
    assert not Submission.objects.get().payload
    assert send_due() == 0


def test_no_unconfirmed_canary_is_left_after_14_days(person_type) -> None:
    submit_as(person_type, person("canary@example.org", name="Canary Bird"))
    request_link(pledge=person_type.pledge, address="canary@example.org", locale="en", network_key=None)
    send_due()
    pass_time(days=14, minutes=1)
    delete_expired_submissions()
    assert not LinkRequest.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT payload, mailbox_key FROM {Submission._meta.db_table}")
        assert [tuple(bytes(value) for value in row) for row in cursor.fetchall()] == [(b"", b"")]


def test_a_form_that_expired_while_no_worker_ran_leaves_no_hash_of_its_network(person_type) -> None:
    """A new place in the mail of its network would keep the hash."""
    submit_as(person_type, person(), network_key=b"\x01" * 8)
    request_link(pledge=person_type.pledge, address="ana@example.org", locale="en", network_key=b"\x01" * 8)
    pass_time(days=14, minutes=1)
    assert send_due() == 0
    delete_expired_submissions()
    assert not NetworkPlace.objects.exists()
    assert not LinkRequest.objects.exists()
    assert bytes(Submission.objects.get().payload) == b""


def test_the_days_follow_the_first_submission_when_the_address_is_corrected(person_type) -> None:
    first = submit_as(person_type, person())
    Submission.objects.update(submitted_at=database_now() - dt.timedelta(days=13))
    moved = submit_as(person_type, person("b@example.org"))
    Submission.objects.filter(pk=moved.pk).update(submitted_at=submission_of(first.pk).submitted_at, moves=1)
    pass_time(days=1, minutes=1)
    delete_expired_submissions()
    assert not Submission.objects.exclude(payload=b"").exists()
    assert len(mail.outbox) == 0


@pytest.mark.parametrize("end", ["not_me", "superseded", "let_go", "moved"])
def test_a_form_that_ends_on_its_last_day_unconfirmed_keeps_its_data_no_longer(person_type, end: str) -> None:
    submission = submit_as(person_type, person())
    send_due()
    pass_time(days=13, hours=23)
    if end == "moved":
        row, columns = submission_of(submission.pk), {"moved_to": submission.pk, **idle_columns()}
        assert row.ended_at is None
    else:
        columns = end_columns(SubmissionEnd(end))
    Submission.objects.update(**columns)
    assert submission_of(submission.pk).payload
    pass_time(hours=1, minutes=1)
    delete_expired_submissions()
    assert not submission_of(submission.pk).payload


@pytest.mark.parametrize(
    ("columns", "outcome"),
    [
        ({}, "unmailed"),
        ({"end_reason": "let_go"}, "unmailed"),
        ({"end_reason": "superseded"}, "unmailed"),
        ({"end_reason": "not_me"}, "unmailed"),
        ({"end_reason": "confirmed"}, "confirmed"),
        ({"mailed_at": database_now}, "expired"),
        ({"end_reason": "let_go", "mailed_at": database_now}, "let_go"),
    ],
)
def test_forms_that_ended_before_their_first_mail_are_counted_as_unmailed(
    person_type, columns: dict[str, Any], outcome: str
) -> None:
    submission = submit_as(person_type, person())
    values = {name: value() if callable(value) else value for name, value in columns.items()}
    ended = {"ended_at": database_now(), "queue": 9} if "end_reason" in columns else {}
    Submission.objects.filter(pk=submission.pk).update(**values, **ended)
    pass_time(days=15)
    delete_expired_submissions()
    assert outcomes() == {outcome: 1}


def test_a_mail_that_was_asked_for_as_the_form_expired_does_not_keep_the_worker(person_type) -> None:
    submission = submit_as(person_type, person())
    pass_time(days=14, minutes=1)
    delete_expired_submissions()
    ask_for_mail(submission.pk)
    assert [retention._delete_batch(), retention._delete_batch()] == [1, 0]
    pass_time(days=1)
    delete_expired_submissions()
    assert not Submission.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_form_that_was_stored_while_its_campaign_was_deleted_stops_nothing(person_type) -> None:
    """Processes remember a campaign for two seconds, and no constraint checks the foreign keys of a form."""
    deleted = create_pledge("Deleted").signer_types.get()
    for signer_type in (deleted, person_type):
        for number in range(2):
            submit_as(signer_type, person(f"{signer_type.pk}-{number}@example.org"), network_key=b"\x01" * 8)
    request_link(pledge=deleted.pledge, address="a@example.org", locale="en", network_key=b"\x01" * 8)
    for model in (Statement, SignerType, Pledge):
        of_pledge = {"pk" if model is Pledge else "pledge": deleted.pledge_id}
        model._base_manager.filter(**of_pledge)._raw_delete("default")
    send_due()
    assert len(mail.outbox) == 2
    delete_expired_submissions()
    assert set(Submission.objects.values_list("pledge", flat=True)) == {person_type.pledge_id}
    pass_time(days=15)
    delete_expired_submissions()
    pass_time(days=15)
    delete_expired_submissions()
    assert not Submission.objects.exists()
    assert not LinkRequest.objects.exists()
    assert outcomes() == {"expired": 2}
