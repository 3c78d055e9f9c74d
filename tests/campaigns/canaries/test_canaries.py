"""200 people sign, with and without errors; then no log, table or error report contains their data."""

from __future__ import annotations

import smtplib
from collections import Counter
from collections.abc import Iterator
from typing import Any

import django
import pytest
from django.test import override_settings
from pytest_django import Settings

from tests.campaigns.canaries.captured_output import ADMIN, Canary, Witness, capture_all_logs
from tests.campaigns.canaries.journeys import TRIPS, failing
from tests.journey import work
from tests.signing.worker.test_smtp import Server, server  # noqa: F401 - the fixture
from wagtail_pledge.core.registry import WorkerJob, worker_jobs
from wagtail_pledge.signing.models import SignatureEvent, Submission
from wagtail_pledge.signing.worker import tasks

PEOPLE = 200
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.requirement("B9", "PV5"), pytest.mark.long]


@pytest.fixture
def witness(settings: Settings) -> Iterator[Witness]:
    settings.ADMINS = [ADMIN] if django.VERSION >= (6, 0) else [("Operator", ADMIN)]
    witness = Witness()
    with capture_all_logs(witness):
        yield witness


@pytest.fixture
def people(individual: Any) -> list[Canary]:
    return [Canary(number, individual) for number in range(PEOPLE)]


def test_logs_tables_and_error_reports_contain_no_personal_data(
    witness: Witness, people: list[Canary], capfd: Any
) -> None:
    answers: Counter[int] = Counter()
    for person in people:
        person.sign()
        answers.update(TRIPS[person.number % len(TRIPS)](person))
    work()
    # The records were captured, and errors did occur
    assert set(answers) >= {200, 202, 303, 400, 403, 404, 405, 413, 415, 422, 500, 503}
    assert min(answers[500], answers[503], len(witness.error_mails)) > 50
    assert witness.loggers >= {
        "django.request",
        "django.template",
        "django.dispatch",
        "wagtail_pledge.campaigns.views.sign",
    }
    assert SignatureEvent.objects.count() > 20
    assert witness.found(people, *capfd.readouterr()) == {}


@pytest.mark.parametrize(
    "error",
    [
        lambda person: smtplib.SMTPRecipientsRefused({person.person["email"]: (550, person.text.encode())}),
        lambda person: smtplib.SMTPRecipientsRefused({person.person["email"]: (451, person.text.encode())}),
        lambda person: smtplib.SMTPDataError(554, person.text.encode()),
        lambda person: ConnectionRefusedError(person.text),
        lambda person: ValueError(person.text),
    ],
    ids=["rejected", "deferred", "content", "unreachable", "unexpected"],
)
@pytest.mark.parametrize(
    "place", ["smtp.SMTPConnection.send", "mail.Batch._render", "mail.record_outcome", "mail.lease"]
)
def test_a_failing_worker_logs_no_personal_data(
    witness: Witness, people: list[Canary], capfd: Any, place: str, error: Any
) -> None:
    signers = people[:10]
    for person in signers:
        person.sign()
    with failing(f"wagtail_pledge.signing.worker.{place}", error(signers[0])):
        work()
    assert witness.lines
    assert any(line.startswith(("message ", "worker job ")) for line in witness.lines)
    assert witness.found(signers, *capfd.readouterr()) == {}


@pytest.mark.skipif(tasks._tasks is None, reason="no task framework is installed")
def test_a_failed_task_stores_no_personal_data(witness: Witness, people: list[Canary]) -> None:
    people[0].sign()
    task: Any = tasks.send_due_mail
    module = "django.tasks" if django.VERSION >= (6, 0) else "django_tasks"
    task_settings = {"default": {"BACKEND": f"{module}.backends.immediate.ImmediateBackend"}}
    with (
        override_settings(TASKS=task_settings),
        failing("wagtail_pledge.signing.worker.tasks.send_due", ValueError(people[0].text)),
    ):
        result = task.enqueue()
    (failure,) = result.errors
    assert "ValueError" in failure.traceback
    row = f"{result.args} {result.kwargs} {failure.exception_class_path} {failure.traceback}"
    assert witness.found(people[:1], row) == {}


def test_a_failing_job_of_the_site_logs_no_personal_data(
    witness: Witness, people: list[Canary], monkeypatch: pytest.MonkeyPatch
) -> None:
    people[0].sign()

    def fail() -> int:
        raise ValueError(people[0].text)

    monkeypatch.setitem(worker_jobs._entries, "canary", WorkerJob(run=fail))
    work()
    assert any("canary" in line and "ValueError" in line for line in witness.lines)
    assert witness.found(people[:1]) == {}


def test_smtp_traffic_of_500_mails_is_not_logged(
    witness: Witness,
    people: list[Canary],
    server: Server,  # noqa: F811 - the fixture
    capfd: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(smtplib.SMTP, "debuglevel", 1)
    monkeypatch.setattr("wagtail_pledge.signing.worker.mail.MAX_MAILS_PER_RUN", 1000)
    crowd = [Canary(number, people[0].page) for number in range(500)]
    for person in crowd:
        person.sign()
    work()
    assert len(server.taken) == 500
    assert Submission.objects.exclude(mailed_at=None).count() == 500
    assert witness.found(crowd, *capfd.readouterr()) == {}
