"""Changing the state of a pledge in the admin: read what it does, say why, and find it in the history."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry

from tests.admin.conftest import Campaign
from tests.admin.responses import outcome, said, text
from wagtail_pledge.signing.enums import PledgeState
from wagtail_pledge.signing.models import Pledge

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("CP6"), pytest.mark.swappable]

Login = Callable[[str], Client]


def address(campaign: Campaign, view: str = "state") -> str:
    return reverse(f"wagtail_pledge_pledges:{view}", args=[campaign.pledge.pk])


def data(to: str, **values: Any) -> dict[str, Any]:
    return {"to": to, "expected": "open", "reason": "The vote is tomorrow.", **values}


def state(campaign: Campaign) -> str:
    return str(Pledge.objects.values_list("state", flat=True).get(pk=campaign.pledge.pk))


def test_the_steps_are_offered_with_what_they_do(log_in: Login, our_campaign: Campaign) -> None:
    our_campaign.pledge.tallies.create(day="2026-01-01", kind="individual", country="US", count=1234)
    page = log_in("manager").get(address(our_campaign))
    assert [step.to for step in page.context["steps"]] == ["paused", "closed"]
    for shown in ("The status is “Open”", "The form will be hidden. 1,234 signatures will still count.", "?to=closed"):
        assert shown in text(page)
    assert 'name="reason"' not in text(page)


def test_one_step_is_asked_about_in_words_and_nothing_has_happened(log_in: Login, our_campaign: Campaign) -> None:
    our_campaign.pledge.tallies.create(day="2026-01-01", kind="individual", country="US", count=1)
    page = log_in("manager").get(address(our_campaign), {"to": "closed"})
    for shown in (
        "Set the status to “Closed”",
        "The form will be hidden.",
        "1 signature will still count.",
        "for 24 hours after closing",
        'name="reason"',
    ):
        assert shown in text(page)
    assert 'name="closes_at"' not in text(page)
    assert state(our_campaign) == "open"


@pytest.mark.parametrize("wanted", ["won", "open", "nonsense", ""])
def test_a_state_that_can_not_be_chosen_is_not_asked_about(log_in: Login, our_campaign: Campaign, wanted: str) -> None:
    assert log_in("manager").get(address(our_campaign), {"to": wanted}).context["step"] is None


def test_the_change_is_made_said_and_found_in_the_history(log_in: Login, our_campaign: Campaign) -> None:
    client = log_in("manager")
    answer = client.post(address(our_campaign), data("closed"))
    assert (answer.status_code, answer.url) == (302, address(our_campaign, "edit"))
    assert "has changed" in said(answer)
    assert state(our_campaign) == "closed"
    assert "Open → Closed: The vote is tomorrow." in text(client.get(address(our_campaign, "history")))
    assert ModelLogEntry.objects.get().user.username == "manager"
    assert "Status: Closed" in text(client.get(address(our_campaign, "edit")))


@pytest.mark.parametrize("reason", ["", "   ", "x" * 201])
def test_without_a_reason_nothing_changes(log_in: Login, our_campaign: Campaign, reason: str) -> None:
    answer = log_in("manager").post(address(our_campaign), data("closed", reason=reason))
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["reason"]
    assert state(our_campaign) == "open"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (data("won"), "cannot change to this status now"),
        (data("nonsense"), "cannot change to this status now"),
        ({}, "cannot change to this status now"),
        (data("closed", expected="paused"), "Someone else"),
    ],
)
def test_a_senseless_change_is_refused_in_words(
    log_in: Login, our_campaign: Campaign, values: dict[str, Any], words: str
) -> None:
    answer = log_in("manager").post(address(our_campaign), values)
    assert (answer.status_code, answer.url) == (302, address(our_campaign))
    assert words in said(answer)
    assert state(our_campaign) == "open"
    assert not ModelLogEntry.objects.exists()


def test_opening_again_asks_until_when(log_in: Login, our_campaign: Campaign) -> None:
    Pledge.objects.filter(pk=our_campaign.pledge.pk).update(state=PledgeState.CLOSED, closes_at=timezone.now())
    client = log_in("manager")
    assert 'name="closes_at"' in text(client.get(address(our_campaign), {"to": "open"}))
    past = data("open", expected="closed", closes_at="2020-01-01 10:00")
    answer = client.post(address(our_campaign), past)
    assert answer.status_code == 422
    assert "must be in the future" in text(answer)
    assert "The vote is tomorrow." in text(answer)
    assert state(our_campaign) == "closed"
    client.post(address(our_campaign), {**past, "closes_at": "2100-01-01 10:00"})
    our_campaign.pledge.refresh_from_db()
    assert (our_campaign.pledge.state, our_campaign.pledge.closes_at.year) == ("open", 2100)


@pytest.mark.requirement("ED3")
@pytest.mark.parametrize("role", ["anonymous", "editor", "viewer", "moderator", "foreign manager"])
def test_without_the_right_nothing_changes(log_in: Login, our_campaign: Campaign, role: str) -> None:
    answer = outcome(log_in(role).post(address(our_campaign), data("closed")))
    assert answer in {"login", "denied", "absent"}
    assert state(our_campaign) == "open"


@pytest.mark.parametrize(("role", "links"), [("viewer", False), ("manager", True)])
def test_the_list_leads_there_only_for_who_may_change_it(
    log_in: Login, our_campaign: Campaign, role: str, links: bool
) -> None:
    page = text(log_in(role).get(reverse("wagtail_pledge_pledges:index")))
    assert (address(our_campaign) in page) is links
