"""The alarm for forms that wait for their first mail for more than an hour because of us."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from tests.signing.conftest import pass_time, person, submission_of, submit_as
from wagtail_pledge.api import health
from wagtail_pledge.core.db import database_now
from wagtail_pledge.signing.enums import MailQueue, SubmissionEnd
from wagtail_pledge.signing.models import Pledge, SignerType, Submission, Switch
from wagtail_pledge.signing.services.switches import MAIL, current_late_mail, set_switch
from wagtail_pledge.signing.worker.late_mail import update_late_mail
from wagtail_pledge.signing.worker.mail import send_due

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("E5", "OP3"), pytest.mark.swappable]


def late() -> int:
    return int(health._mail()["forms_unmailed_for_an_hour"])


def test_it_begins_after_an_hour_is_logged_once_and_ends_with_the_mail(
    person_type: SignerType, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, logger="wagtail_pledge")
    set_switch(MAIL, on=True)
    submit_as(person_type, person())
    submit_as(person_type, person("b@example.org"))
    send_due()
    pass_time(minutes=59)
    assert (update_late_mail(), late()) == (0, 0)
    pass_time(minutes=2)
    assert [update_late_mail() for _ in range(3)] == [1, 0, 0]
    assert late() == 2
    (alarm,) = current_late_mail(Pledge.objects.all())
    assert (alarm.pledge, alarm.number) == (person_type.pledge, 2)
    set_switch(MAIL, on=False)
    send_due()
    assert [update_late_mail() for _ in range(2)] == [1, 0]
    assert (late(), current_late_mail(Pledge.objects.all())) == (0, [])
    said = [record.getMessage() for record in caplog.records]
    assert said == [
        f"2 forms of pledge {person_type.pledge.pk} have waited for their email for more than an hour",
        f"the emails of pledge {person_type.pledge.pk} are in time again",
    ]


@pytest.mark.parametrize(
    ("columns", "number"),
    [
        ({}, 1),
        ({"queue": MailQueue.SURGE}, 1),
        ({"queue": MailQueue.CLOSING}, 1),
        ({"last_code": "ConnectionRefusedError"}, 1),
        ({"last_code": "SMTPAuthenticationError 535"}, 1),
        ({"last_code": "budget"}, 0),
        ({"last_code": "450"}, 0),
        ({"queue": MailQueue.NO_MAIL, "last_code": "suppressed"}, 0),
        ({"queue": MailQueue.REMINDERS}, 0),
        ({"end_reason": SubmissionEnd.LET_GO}, 0),
    ],
)
def test_only_what_waits_because_of_us_counts(person_type: SignerType, columns: dict[str, Any], number: int) -> None:
    submission = submit_as(person_type, person())
    pass_time(hours=2)
    ended = {"ended_at": database_now()} if "end_reason" in columns else {}
    Submission.objects.filter(pk=submission.pk).update(**columns, **ended)
    assert late() == number
    assert update_late_mail() == number


def test_a_mailed_form_does_not_count_and_an_alarm_switches_nothing(person_type: SignerType) -> None:
    submission = submit_as(person_type, person())
    send_due()
    pass_time(hours=2)
    Submission.objects.filter(pk=submission.pk).update(queue=MailQueue.SIGNERS)
    assert late() == 0
    waiting = submit_as(person_type, person("b@example.org"))
    Submission.objects.filter(pk=waiting.pk).update(created_at=database_now().replace(year=2020))
    assert update_late_mail() == 1
    assert not Switch.objects.filter(is_on=True).exists()
    assert submission_of(waiting.pk).mailed_at is None
