"""Changing a pledge's state in the admin: confirmation, reason and history."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry

from tests.admin.conftest import Campaign
from tests.admin.responses import messages_of, outcome, text
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


def test_each_possible_state_is_offered_with_its_description(log_in: Login, our_campaign: Campaign) -> None:
    our_campaign.pledge.tallies.create(day="2026-01-01", kind="individual", country="US", count=1234)
    page = log_in("manager").get(address(our_campaign))
    assert [step.to for step in page.context["steps"]] == ["paused", "closed"]
    for shown in ("The status is “Open”", "The form will be hidden. 1,234 signatures will still count.", "?to=closed"):
        assert shown in text(page)
    assert 'name="reason"' not in text(page)


def test_the_confirmation_page_describes_the_change_and_changes_nothing(log_in: Login, our_campaign: Campaign) -> None:
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
def test_an_invalid_target_state_is_not_found(log_in: Login, our_campaign: Campaign, wanted: str) -> None:
    assert log_in("manager").get(address(our_campaign), {"to": wanted}).context["step"] is None


def test_the_change_is_saved_shown_as_a_message_and_logged(log_in: Login, our_campaign: Campaign) -> None:
    client = log_in("manager")
    answer = client.post(address(our_campaign), data("closed"))
    assert (answer.status_code, answer.url) == (302, address(our_campaign, "edit"))
    assert "has changed" in messages_of(answer)
    assert state(our_campaign) == "closed"
    assert "Open → Closed: The vote is tomorrow." in text(client.get(address(our_campaign, "history")))
    assert ModelLogEntry.objects.get().user.username == "manager"
    assert "Status: Closed" in text(client.get(address(our_campaign, "edit")))


@pytest.mark.parametrize("reason", ["", "   ", "x" * 201])
def test_a_reason_is_required(log_in: Login, our_campaign: Campaign, reason: str) -> None:
    answer = log_in("manager").post(address(our_campaign), data("closed", reason=reason))
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["reason"]
    assert state(our_campaign) == "open"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (data("won"), "cannot change to this status now"),
        (data("nonsense"), "cannot change to this status now"),
        ({}, "cannot change to this status now"),
        (data("closed", expected="paused"), "Someone else"),
    ],
)
def test_an_invalid_change_gives_an_error_message(
    log_in: Login, our_campaign: Campaign, values: dict[str, Any], message: str
) -> None:
    answer = log_in("manager").post(address(our_campaign), values)
    assert (answer.status_code, answer.url) == (302, address(our_campaign))
    assert message in messages_of(answer)
    assert state(our_campaign) == "open"
    assert not ModelLogEntry.objects.exists()


def test_reopening_requires_a_new_closing_time(log_in: Login, our_campaign: Campaign) -> None:
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
def test_users_without_the_permission_change_nothing(log_in: Login, our_campaign: Campaign, role: str) -> None:
    answer = outcome(log_in(role).post(address(our_campaign), data("closed")))
    assert answer in {"login", "denied", "absent"}
    assert state(our_campaign) == "open"


@pytest.mark.parametrize(("role", "links"), [("viewer", False), ("manager", True)])
def test_the_listing_links_to_it_only_with_the_permission(
    log_in: Login, our_campaign: Campaign, role: str, links: bool
) -> None:
    page = text(log_in(role).get(reverse("wagtail_pledge_pledges:index")))
    assert (address(our_campaign) in page) is links
