"""The outbox in the admin: delivery states and SMTP replies, without addresses."""

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
        kind="approved",
        pledge=campaign.pledge,
        signature_uuid=signature.uuid,
        locale="en",
        state=OutboxState.UNDELIVERABLE,
        last_code=code,
    )
    return made


def test_the_listing_shows_own_campaigns_without_addresses(
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


def test_the_filter_finds_failed_messages(log_in: Callable[[str], Client], our_campaign: Campaign) -> None:
    message(our_campaign, "code-of-ours")
    client, url = log_in("moderator"), reverse("wagtail_pledge_messages:index")
    assert "code-of-ours" in client.get(url, {"state": "undeliverable"}).content.decode()
    assert "code-of-ours" not in client.get(url, {"state": "sent"}).content.decode()


@pytest.mark.parametrize(
    ("state", "code", "shown"),
    [
        (OutboxState.DUE, "budget", "Limit of emails to this address"),
        (OutboxState.SKIPPED, "suppressed", "The recipient has stopped our emails"),
    ],
)
def test_internal_codes_are_shown_as_text(
    log_in: Callable[[str], Client], our_campaign: Campaign, state: OutboxState, code: str, shown: str
) -> None:
    row = message(our_campaign, code)
    OutboxMessage.objects.filter(pk=row.pk).update(state=state)
    html = log_in("moderator").get(reverse("wagtail_pledge_messages:index")).content.decode()
    assert shown in html
    assert f">{code}<" not in "".join(html.split())


@pytest.mark.parametrize(("kind", "shown"), [("thank_you", "Thank you"), ("rejected", "Signature rejected")])
def test_an_email_is_shown_by_what_it_is(
    log_in: Callable[[str], Client], our_campaign: Campaign, kind: str, shown: str
) -> None:
    OutboxMessage.objects.filter(pk=message(our_campaign, "").pk).update(kind=kind)
    assert shown in log_in("moderator").get(reverse("wagtail_pledge_messages:index")).content.decode()
