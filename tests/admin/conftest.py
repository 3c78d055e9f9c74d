"""Two campaigns in two collections, and somebody for every role."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.test import Client
from wagtail.models import Collection, GroupCollectionPermission

from tests.projects.campaign import publish_campaign
from wagtail_pledge.admin.permissions import PledgePermission
from wagtail_pledge.signing.enums import Approval
from wagtail_pledge.signing.models import Pledge
from wagtail_pledge.testing.factories import PledgeFactory, SignatureFactory

#: Everything a page editor may do in the admin, and nothing of ours.
EDITOR: tuple[PledgePermission, ...] = ()
MODERATOR = (PledgePermission.VIEW, PledgePermission.MODERATE, PledgePermission.CONTACT)
MANAGER = tuple(PledgePermission)

MakeUser = Callable[..., Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """One pledge in a collection of its own, with somebody who signed and an organization that waits."""

    pledge: Pledge
    collection: Collection
    person: Any
    waiting: Any


def campaign(name: str) -> Campaign:
    collection = Collection.get_first_root_node().add_child(name=name)
    pledge = PledgeFactory(title=f"Pledge of {name}", collection=collection)
    return Campaign(
        pledge=pledge,
        collection=collection,
        person=SignatureFactory(pledge=pledge, name=f"Ana of {name}", email="ana@example.org"),
        waiting=SignatureFactory(
            pledge=pledge,
            kind="organization",
            organization=f"Union of {name}",
            name=f"Officer of {name}",
            email="office@union.example",
            approval=Approval.WAITING,
        ),
    )


@pytest.fixture
def our_campaign(db: None) -> Campaign:
    return campaign("Ours")


@pytest.fixture
def other_campaign(db: None) -> Campaign:
    return campaign("Theirs")


@pytest.fixture
def pages(db: None) -> tuple[Any, Any]:
    """A published pledge page and its signer-type page, where the site has ours."""
    if not apps.is_installed("wagtail_pledge.pages"):
        pytest.skip("this site leaves our page types out")
    pledge_page, signer_type_page = (
        apps.get_model("wagtail_pledge_pages", name) for name in ("PledgePage", "SignerTypePage")
    )
    return publish_campaign(pledge_page(title="Ratify", slug="ratify", statement="<p>Ratify.</p>"), signer_type_page)


@pytest.fixture
def make_user(db: None) -> MakeUser:
    """``make_user("name", collection, *rights)``: somebody who may enter the admin and holds ``rights`` there."""

    def make(name: str, collection: Collection | None = None, *rights: PledgePermission) -> Any:
        user = get_user_model().objects.create_user(username=name, password="password")
        group = Group.objects.create(name=name)
        group.permissions.add(Permission.objects.get(codename="access_admin"))
        for permission in Permission.objects.filter(codename__in=rights):
            GroupCollectionPermission.objects.create(group=group, collection=collection, permission=permission)
        user.groups.add(group)
        return user

    return make


@pytest.fixture
def log_in(our_campaign: Campaign, other_campaign: Campaign, make_user: MakeUser) -> Callable[[str], Client]:
    """``log_in(role)``: a client of somebody in that role."""
    people: dict[str, Callable[[], Any]] = {
        "editor": lambda: make_user("editor"),
        "moderator": lambda: make_user("moderator", our_campaign.collection, *MODERATOR),
        "manager": lambda: make_user("manager", our_campaign.collection, *MANAGER),
        "foreign manager": lambda: make_user("foreign", other_campaign.collection, *MANAGER),
        "blind moderator": lambda: make_user("blind", our_campaign.collection, PledgePermission.MODERATE),
        "viewer": lambda: make_user("viewer", our_campaign.collection, PledgePermission.VIEW),
        "superuser": lambda: get_user_model().objects.create_superuser(username="root", password="password"),
    }

    def enter(role: str) -> Client:
        client = Client()
        if role != "anonymous":
            client.force_login(people[role]())
        return client

    return enter
