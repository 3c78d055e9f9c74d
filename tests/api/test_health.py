"""The health endpoint: what everybody and what the monitoring gets, and that nothing that hangs delays it."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from wagtail_pledge.api import health
from wagtail_pledge.signing.enums import MailQueue
from wagtail_pledge.signing.models import OutboxMessage, Pledge
from wagtail_pledge.signing.services.pledges import create_pledge
from wagtail_pledge.testing.factories import SubmissionFactory

# The endpoint asks in a thread, which sees only what is committed
pytestmark = pytest.mark.django_db(transaction=True)

URL = "/pledge/health/"
TOKEN = {"Authorization": "Bearer let-me-see"}


@pytest.fixture(autouse=True)
def _probes(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.WAGTAIL_PLEDGE_HEALTH_TOKEN = "let-me-see"
    for name, ask in (("_everybody", health._database), ("_monitoring", health._mail)):
        monkeypatch.setattr(health, name, health.Probe(ask))
    monkeypatch.setattr(health, "_caching", health.Probe(lambda: {"cache": health._cache()}))


@pytest.fixture
def pledge() -> Pledge:
    made = create_pledge("Ratify")
    made.signer_types.get_or_create(kind="individual")
    return made


@pytest.fixture
def late_mail(pledge: Pledge) -> OutboxMessage:
    message = OutboxMessage.objects.create(kind="thank_you", pledge=pledge, signature_uuid=uuid4(), locale="en")
    OutboxMessage.objects.update(due_at=timezone.now() - dt.timedelta(minutes=11))
    return message


@pytest.mark.requirement("OP3")
def test_the_monitoring_learns_of_late_mail(client: Client, late_mail: OutboxMessage) -> None:
    late = client.get(URL, headers=TOKEN)
    assert (late.status_code, late.json()["mail"]) == (503, "late")
    assert late.json()["mail_waiting_seconds"] >= 660
    late_mail.delete()
    well = client.get(URL, headers=TOKEN)
    assert well.status_code == 200
    assert well.json() == {
        "status": "ok",
        "database": "ok",
        "mail": "ok",
        "mail_waiting_seconds": 0,
        "forms_unmailed_for_an_hour": 0,
        "cache": "unknown",
    }


@pytest.mark.requirement("E14")
@pytest.mark.usefixtures("late_mail")
@pytest.mark.parametrize(
    "sent", [None, "", "Bearer", "Bearer ", "Bearer wrong", "Basic let-me-see", "Bearer é", "None"]
)
@pytest.mark.parametrize("token", ["let-me-see", None, ""])
def test_nobody_else_learns_anything_but_that_the_database_answers(
    client: Client, settings: Any, sent: str | None, token: str | None
) -> None:
    settings.WAGTAIL_PLEDGE_HEALTH_TOKEN = token
    answer = client.get(f"{URL}?token=let-me-see", headers={} if sent is None else {"Authorization": sent})
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert "no-store" in answer["Cache-Control"]


def _fail() -> dict[str, Any]:
    raise OperationalError


@pytest.mark.requirement("OP3")
def test_an_unavailable_database_is_503(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_everybody", "_monitoring"):
        monkeypatch.setattr(health, name, health.Probe(_fail))
    gone = client.get(URL)
    assert (gone.status_code, gone.json()) == (503, {"status": "unavailable"})
    details = client.get(URL, headers=TOKEN)
    assert (details.status_code, details.json()["database"], details.json()["mail"]) == (503, "away", "unknown")


@pytest.fixture
def hanging() -> Iterator[threading.Event]:
    """Lets what hangs go on at the end."""
    event = threading.Event()
    yield event
    event.set()


@pytest.mark.requirement("E15")
@pytest.mark.parametrize("headers", [{}, TOKEN])
def test_nothing_that_hangs_delays_the_answer_beyond_a_second(
    client: Client, monkeypatch: pytest.MonkeyPatch, hanging: threading.Event, headers: dict[str, str]
) -> None:
    asked: list[str] = []

    def hang() -> dict[str, Any]:
        asked.append(threading.current_thread().name)
        hanging.wait(60)
        return {"database": "ok", "mail": "ok", "mail_waiting_seconds": 0, "cache": "ok"}

    probes = [health.Probe(hang) for _ in range(3)]
    for name, probe in zip(("_everybody", "_monitoring", "_caching"), probes, strict=True):
        monkeypatch.setattr(health, name, probe)
    # A busy machine may take longer, as it does for a page that does not exist
    began = time.monotonic()
    assert client.get(f"/pledge/{uuid4()}/count.json").status_code == 404
    limit = 1 + 20 * (time.monotonic() - began)
    for _ in range(3):
        began = time.monotonic()
        answer = client.get(URL, headers=headers)
        assert answer.status_code == 503
        assert time.monotonic() - began <= limit
    # One thread per question, however many ask
    assert len(asked) == (2 if headers else 1)
    hanging.set()
    for probe in probes:
        probe._done.wait(60)
    monkeypatch.setattr(health, "_everybody", health.Probe(health._database))
    assert client.get(URL).status_code == 200


@pytest.mark.requirement("OP3", "E5")
def test_forms_that_wait_for_an_hour_because_of_us_are_reported_and_are_no_outage(client: Client) -> None:
    submission = SubmissionFactory(created_at=timezone.now() - dt.timedelta(hours=2), queue=MailQueue.SURGE)
    answer = client.get(URL, headers=TOKEN)
    assert answer.status_code == 200
    assert (answer.json()["status"], answer.json()["forms_unmailed_for_an_hour"]) == ("degraded", 1)
    assert client.get(URL).json() == {"status": "ok"}
    submission.delete()
    assert client.get(URL, headers=TOKEN).json()["status"] == "ok"
