"""Moving a pledge gives nobody a right on it, and approval is switched off by moderators only (E8)."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from wagtail.models import Collection

from tests.admin.conftest import Campaign, MakeUser
from tests.admin.test_ledger_forms import edit, pledge_data
from wagtail_pledge.admin.permissions import PledgePermission, signatures_visible_to
from wagtail_pledge.signing.models import SignerType
from wagtail_pledge.testing.factories import SignerTypeFactory

pytestmark = [pytest.mark.django_db, pytest.mark.swappable, pytest.mark.requirement("ED3", "E8")]

ADD, CHANGE, DELETE, MODERATE, CONTACT, VIEW = PledgePermission
MOVER = (ADD, CHANGE)


def move(client: Client, campaign: Campaign, to: Collection) -> Collection:
    client.post(edit(campaign.pledge), pledge_data(campaign, collection=to.pk))
    campaign.pledge.refresh_from_db()
    found: Collection = campaign.pledge.collection
    return found


@pytest.mark.parametrize("right", list(PledgePermission))
def test_the_mover_gains_no_right(
    client: Client, our_campaign: Campaign, other_campaign: Campaign, make_user: MakeUser, right: PledgePermission
) -> None:
    mover = make_user("mover", our_campaign.collection, CHANGE)
    target = make_user("more", other_campaign.collection, *{ADD, right})
    mover.groups.add(*target.groups.all())
    type(target).objects.filter(pk=target.pk).update(is_active=False)
    client.force_login(mover)
    # The right to add concerns no pledge that exists, and the right to change or view it was there before
    is_harmless = right in {ADD, CHANGE, VIEW}
    expected = other_campaign.collection if is_harmless else our_campaign.collection
    assert set(client.get(edit(our_campaign.pledge)).context["form"].fields["collection"].queryset) == {
        our_campaign.collection,
        expected,
    }
    assert move(client, our_campaign, other_campaign.collection) == expected


@pytest.mark.parametrize("right", [CHANGE, DELETE, MODERATE, CONTACT, VIEW])
@pytest.mark.parametrize("place", ["collection", "parent"])
def test_nobody_else_gains_a_right(
    client: Client, our_campaign: Campaign, make_user: MakeUser, right: PledgePermission, place: str
) -> None:
    above = Collection.get_first_root_node().add_child(name="Above")
    target = above.add_child(name="Target")
    mover = make_user("mover", our_campaign.collection, *MOVER)
    mover.groups.add(*make_user("mover there", target, *MOVER).groups.all())
    client.force_login(mover)
    confederate = make_user("confederate", target if place == "collection" else above, right)
    assert move(client, our_campaign, target) == our_campaign.collection
    assert not signatures_visible_to(confederate).exists()
    # Who has no account any more gains nothing
    confederate.is_active = False
    confederate.save()
    confederate.groups.clear()
    make_user("same", our_campaign.collection, right)
    type(confederate).objects.filter(username="mover there").update(is_active=False)
    assert move(client, our_campaign, target) == target


def test_a_right_on_both_collections_is_no_gain(
    client: Client, our_campaign: Campaign, other_campaign: Campaign, make_user: MakeUser
) -> None:
    colleague = make_user("colleague", our_campaign.collection, CONTACT, MODERATE)
    colleague.groups.add(*make_user("colleague there", other_campaign.collection, CONTACT).groups.all())
    type(colleague).objects.filter(username="colleague there").update(is_active=False)
    mover = make_user("mover", our_campaign.collection, CHANGE)
    mover.groups.add(*make_user("mover there", other_campaign.collection, ADD).groups.all())
    type(colleague).objects.filter(username="mover there").update(is_active=False)
    client.force_login(mover)
    assert move(client, our_campaign, other_campaign.collection) == other_campaign.collection


def test_moving_needs_the_right_to_add_there(
    client: Client, our_campaign: Campaign, other_campaign: Campaign, make_user: MakeUser
) -> None:
    client.force_login(make_user("changer", our_campaign.collection, *PledgePermission))
    assert move(client, our_campaign, other_campaign.collection) == our_campaign.collection


def test_a_superuser_moves_anywhere(
    client: Client, our_campaign: Campaign, other_campaign: Campaign, log_in: Any
) -> None:
    assert move(log_in("superuser"), our_campaign, other_campaign.collection) == other_campaign.collection


def add(campaign: Campaign, **values: Any) -> dict[str, Any]:
    return {"pledge": campaign.pledge.pk, "kind": "individual", "position": 0, **values}


@pytest.mark.requirement("C7")
@pytest.mark.parametrize(("moderates", "kind"), list(product([False, True], ["individual", "organization"])))
def test_approval_is_switched_off_by_moderators_only(
    client: Client, our_campaign: Campaign, make_user: MakeUser, moderates: bool, kind: str
) -> None:
    client.force_login(make_user("changer", our_campaign.collection, CHANGE, *([MODERATE] if moderates else [])))
    row = SignerTypeFactory(pledge=our_campaign.pledge, kind=kind, approval_required=True)
    assert client.post(edit(row), {"name": "Way", "position": 5}).status_code == 302
    row.refresh_from_db()
    assert (row.name, row.approval_required) == ("Way", not moderates)


@pytest.mark.requirement("C7")
def test_approval_can_be_switched_on_by_everybody_who_edits(
    client: Client, our_campaign: Campaign, make_user: MakeUser
) -> None:
    client.force_login(make_user("changer", our_campaign.collection, CHANGE))
    row = our_campaign.person.signer_type
    assert client.post(edit(row), {"position": 0, "approval_required": "on"}).status_code == 302
    row.refresh_from_db()
    assert row.approval_required


@pytest.mark.requirement("C7")
@pytest.mark.parametrize("moderates", [False, True])
@pytest.mark.parametrize("kind", ["individual", "organization"])
def test_a_new_way_to_sign_does_not_evade_approval(
    client: Client, our_campaign: Campaign, make_user: MakeUser, kind: str, moderates: bool
) -> None:
    client.force_login(make_user("changer", our_campaign.collection, CHANGE, *([MODERATE] if moderates else [])))
    # Organizations need approval by default, people because another way to sign says so
    SignerType.objects.filter(pledge=our_campaign.pledge, kind="individual").update(approval_required=True)
    before, url = SignerType.objects.count(), reverse("wagtail_pledge_signer_types:add")
    answer = client.post(url, add(our_campaign, kind=kind))
    assert SignerType.objects.count() == before + moderates
    if not moderates:
        assert list(answer.context["form"].errors) == ["approval_required"]
        assert client.post(url, add(our_campaign, kind=kind, approval_required="on")).status_code == 302
