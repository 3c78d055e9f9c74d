"""The outbox as staff see it: states and answers, never whom it is for."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from tests.admin.conftest import Campaign
from wagtail_pledge.signing.enums import OutboxState
from wagtail_pledge.signing.models import OutboxMessage

pytestmark = [pytest.mark.requirement("EM1"), pytest.mark.swappable]


def message(campaign: Campaign, code: str) -> OutboxMessage:
    signature = campaign.person
    made: OutboxMessage = OutboxMessage.objects.create(
        kind="signed",
        pledge=campaign.pledge,
        signer_type=signature.signer_type,
        mailbox_key=signature.mailbox_key,
        locale="en",
        state=OutboxState.UNDELIVERABLE,
        last_code=code,
    )
    return made


def test_the_listing_shows_states_of_ones_own_campaign_and_no_address(
    log_in: Callable[[str], Client], our_campaign: Campaign, other_campaign: Campaign
) -> None:
    message(our_campaign, "code-of-ours")
    message(other_campaign, "code-of-theirs")
    url = reverse("wagtail_pledge_messages:index")
    html = log_in("moderator").get(url).content.decode()
    assert "code-of-ours" in html
    assert "Undeliverable" in html
    assert "code-of-theirs" not in html
    assert "@example.org" not in html


def test_the_filter_finds_what_is_stuck(log_in: Callable[[str], Client], our_campaign: Campaign) -> None:
    message(our_campaign, "code-of-ours")
    client, url = log_in("moderator"), reverse("wagtail_pledge_messages:index")
    assert "code-of-ours" in client.get(url, {"state": "undeliverable"}).content.decode()
    assert "code-of-ours" not in client.get(url, {"state": "sent"}).content.decode()
