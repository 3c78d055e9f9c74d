"""Archiving takes a campaign off the admin's lists and forms; nothing public changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.admin.conftest import Campaign
from tests.admin.responses import messages_of, text
from wagtail_pledge.admin.permissions import choosable_by
from wagtail_pledge.signing.enums import PledgeState
from wagtail_pledge.signing.models import Pledge
from wagtail_pledge.signing.services import InvalidTransition, change_state
from wagtail_pledge.signing.services.pledges import archive, unarchive

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("CP6"), pytest.mark.swappable]

Login = Callable[[str], Client]
INDEX = "wagtail_pledge_pledges:index_results"


@pytest.fixture
def closed(our_campaign: Campaign) -> Pledge:
    return change_state(our_campaign.pledge, PledgeState.CLOSED, actor=None, reason="Done")


@pytest.fixture
def client(log_in: Login) -> Client:
    return log_in("manager")


def address(pledge: Pledge) -> str:
    return reverse("wagtail_pledge_pledges:archive", args=[pledge.pk])


def listed(client: Client, query: str = "") -> str:
    return text(client.get(reverse(INDEX) + query))


def test_a_closed_campaign_is_archived_and_taken_out_again(client: Client, closed: Pledge) -> None:
    assert address(closed) in listed(client)
    assert "cannot be chosen in forms" in text(client.get(address(closed)))
    assert "is archived" in messages_of(client.post(address(closed)))
    assert closed.title not in listed(client)
    assert closed.title in listed(client, "?archived=yes")
    assert closed.title in listed(client, "?archived=all")
    assert "It has been archived since" in text(client.get(address(closed)))
    client.post(address(closed), {"archived": "no"})
    assert closed.title in listed(client)
    history = text(client.get(reverse("wagtail_pledge_pledges:history", args=[closed.pk])))
    assert "Archive campaign" in history
    assert "Take campaign out of the archive" in history


def test_an_open_campaign_is_not_archived(client: Client, our_campaign: Campaign) -> None:
    assert "Close it first" in text(client.get(address(our_campaign.pledge)))
    assert "Close it first" in messages_of(client.post(address(our_campaign.pledge)))
    assert our_campaign.pledge.title in listed(client)


def test_one_that_closed_by_its_date_can_be_archived(our_campaign: Campaign) -> None:
    Pledge.objects.update(closes_at=timezone.now())
    assert archive(our_campaign.pledge, actor=None).archived_at is not None


def test_archiving_twice_is_refused_and_taking_out_twice_does_nothing(closed: Pledge) -> None:
    archive(closed, actor=None)
    with pytest.raises(InvalidTransition):
        archive(closed, actor=None)
    unarchive(closed, actor=None)
    assert unarchive(closed, actor=None).archived_at is None


def test_opening_an_archived_campaign_takes_it_out(closed: Pledge) -> None:
    archive(closed, actor=None)
    assert change_state(closed, PledgeState.OPEN, actor=None, reason="Again").archived_at is None


def test_forms_do_not_offer_an_archived_campaign(log_in: Login, closed: Pledge) -> None:
    client, form = log_in("superuser"), reverse("wagtail_pledge_signer_types:add")
    data = {"pledge": closed.pk, "kind": "individual", "name": "Nurses", "position": 0}
    assert client.post(form, data).status_code == 302
    archive(closed, actor=None)
    assert client.post(form, data).context["form"].errors.keys() == {"pledge"}


def test_blocks_offer_what_is_in_use(log_in: Login, closed: Pledge, django_user_model: Any) -> None:
    log_in("superuser")
    user = django_user_model.objects.get(username="root")
    assert closed in choosable_by(user)
    archive(closed, actor=None)
    assert closed not in choosable_by(user)
    assert closed in Pledge.objects.public()


def test_the_delete_page_of_a_signed_campaign_offers_the_archive(client: Client, closed: Pledge) -> None:
    delete = reverse("wagtail_pledge_pledges:delete", args=[closed.pk])
    assert address(closed) in text(client.get(delete))
    archive(closed, actor=None)
    assert address(closed) not in text(client.get(delete))
