"""Staff see on the admin's first page that a pledge is in a surge."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from tests.admin.conftest import Campaign
from wagtail_pledge.signing.models import Switch
from wagtail_pledge.signing.services.switches import set_surge

pytestmark = pytest.mark.swappable

HEADING = "More signatures than usual"


def first_page(client: Client) -> str:
    return client.get(reverse("wagtailadmin_home")).content.decode()


@pytest.mark.requirement("SG7")
def test_a_surge_is_shown_with_the_way_to_what_is_held(our_campaign: Campaign, log_in: Callable[[str], Client]) -> None:
    client = log_in("moderator")
    assert HEADING not in first_page(client)
    set_surge(on=True, pledge=our_campaign.pledge)
    page = first_page(client)
    assert HEADING in page
    assert our_campaign.pledge.title in page
    assert "need review before they count" in page
    assert f"?review=needs_review&amp;pledge={our_campaign.pledge.pk}" in page


@pytest.mark.requirement("SG7")
def test_a_rush_that_nothing_is_held_for_is_shown_too(our_campaign: Campaign, log_in: Callable[[str], Client]) -> None:
    Switch.objects.create(
        name=f"auto:{our_campaign.pledge.pk}", is_on=False, reason="150 signatures in an hour, usually 0"
    )
    page = first_page(log_in("viewer"))
    assert "no signatures are held" in page
    assert "need review before they count" not in page


@pytest.mark.requirement("SG7", "B5")
@pytest.mark.parametrize("role", ["foreign manager", "editor"])
def test_nobody_learns_of_another_s_surge(our_campaign: Campaign, log_in: Callable[[str], Client], role: str) -> None:
    client = log_in(role)
    set_surge(on=True, pledge=our_campaign.pledge)
    assert HEADING not in first_page(client)


@pytest.mark.requirement("SG7", "B5")
def test_a_surge_of_all_shows_each_their_own(
    our_campaign: Campaign, other_campaign: Campaign, log_in: Callable[[str], Client]
) -> None:
    set_surge(on=True)
    page = first_page(log_in("foreign manager"))
    assert other_campaign.pledge.title in page
    assert our_campaign.pledge.title not in page
