"""The count and the health of the package, for machines."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from wagtail_pledge.signing.enums import PledgeState
from wagtail_pledge.signing.models import OutboxMessage, Pledge, Tally
from wagtail_pledge.signing.services.pledges import create_pledge

pytestmark = pytest.mark.django_db


@pytest.fixture
def pledge() -> Pledge:
    made = create_pledge("Ratify")
    made.goal = 1000
    made.save()
    for kind, country, count in (("individual", "US", 12), ("individual", "MX", 3), ("organization", "US", 2)):
        Tally.objects.create(pledge=made, day=dt.date(2026, 2, 3), kind=kind, country=country, count=count)
    return made


@pytest.mark.requirement("RE1")
def test_count_json_adds_up_the_tallies_in_two_queries(client: Client, pledge: Pledge) -> None:
    with CaptureQueriesContext(connection) as captured:
        data = client.get(f"/pledge/{pledge.uuid}/count.json").json()
    assert len(captured) == 2
    assert (data["total"], data["online"], data["offline"], data["goal"]) == (17, 17, 0, 1000)
    assert (data["kinds"]["individual"], data["kinds"]["organization"]) == (15, 2)
    assert data["state"] == "open"
    assert dt.datetime.fromisoformat(data["as_of"]).tzinfo


def test_a_draft_is_nobodys_business(client: Client, pledge: Pledge) -> None:
    Pledge.objects.update(state=PledgeState.DRAFT)
    assert client.get(f"/pledge/{pledge.uuid}/count.json").status_code == 404
    assert client.get(f"/pledge/{uuid.uuid4()}/count.json").status_code == 404


def test_count_json_is_read_only(client: Client, pledge: Pledge) -> None:
    assert client.post(f"/pledge/{pledge.uuid}/count.json").status_code == 405


@pytest.mark.requirement("OP3")
def test_health_says_whether_mail_is_late_or_the_database_away(
    client: Client, pledge: Pledge, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.get("/pledge/health/").json()["status"] == "ok"
    signer_type = pledge.signer_types.get()
    message = OutboxMessage.objects.create(kind="signed", pledge=pledge, signer_type=signer_type, locale="en")
    OutboxMessage.objects.update(due_at=timezone.now() - dt.timedelta(minutes=11))
    late = client.get("/pledge/health/")
    assert (late.status_code, late.json()["mail"]) == (503, "late")
    message.delete()

    def away() -> None:
        raise OperationalError

    monkeypatch.setattr("wagtail_pledge.api.health._report", away)
    gone = client.get("/pledge/health/")
    assert (gone.status_code, gone.json()["database"]) == (503, "away")
