"""Granting of permissions, and the collections that they apply to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse
from wagtail.models import Collection, GroupCollectionPermission

from tests.admin.conftest import Campaign, MakeUser
from tests.admin.responses import text
from wagtail_pledge.admin.permissions import PLEDGE_POLICY, SIGNATURE_POLICY, PledgePermission
from wagtail_pledge.testing.factories import PledgeFactory

pytestmark = [pytest.mark.django_db, pytest.mark.swappable]

Login = Callable[[str], Client]


@pytest.mark.requirement("ED3")
class TestGranting:
    def test_the_group_form_grants_permissions_by_collection(self, log_in: Login, our_campaign: Campaign) -> None:
        client = log_in("superuser")
        group = Group.objects.create(name="Campaigners")
        address = reverse("wagtailusers_groups:edit", args=[group.pk])
        page = text(client.get(address))
        assert "Campaign permissions" in page
        assert "Approve and reject signatures" in page
        moderate = Permission.objects.get(codename=PledgePermission.MODERATE)
        data = {"name": "Campaigners", **self.empty_panels(client.get(address))}
        data |= {
            "pledge_permissions-TOTAL_FORMS": "1",
            "pledge_permissions-0-collection": our_campaign.collection.pk,
            "pledge_permissions-0-permissions": [moderate.pk],
        }
        assert client.post(address, data).status_code == 302
        grants = GroupCollectionPermission.objects.filter(group=group)
        assert [(grant.collection, grant.permission) for grant in grants] == [(our_campaign.collection, moderate)]

    @staticmethod
    def empty_panels(answer: Any) -> dict[str, str]:
        counts = ("TOTAL_FORMS", "INITIAL_FORMS")
        panels = [panel for panel in answer.context["permission_panels"] if hasattr(panel, "management_form")]
        return {f"{panel.prefix}-{count}": "0" for panel in panels for count in counts}

    def test_columns_and_checkboxes_are_in_the_same_order(self, log_in: Login) -> None:
        panels = log_in("superuser").get(reverse("wagtailusers_groups:add")).context["permission_panels"]
        (our_campaign,) = [panel for panel in panels if getattr(panel, "prefix", "") == "pledge_permissions"]
        heads = [codename for codename, _short, _long in our_campaign.permission_types]
        assert [permission.codename for permission in our_campaign.permission_queryset] == heads == sorted(heads)

    def test_model_permissions_are_not_offered(self, log_in: Login) -> None:
        page = text(log_in("superuser").get(reverse("wagtailusers_groups:add")))
        treaties = Permission.objects.filter(codename__in=["view_treaty", "change_treaty", "view_state"])
        offered = {permission for permission in treaties if f'value="{permission.pk}"' in page}
        assert offered == set(treaties)
        for dead in ("Can delete signature", "Can add organization", "Can change statement"):
            assert dead not in page

    def test_a_permission_applies_to_descendant_collections(self, make_user: MakeUser, our_campaign: Campaign) -> None:
        below = our_campaign.collection.add_child(name="Below")
        pledge = PledgeFactory(collection=below)
        user = make_user("above", our_campaign.collection, PledgePermission.MODERATE)
        assert PLEDGE_POLICY.user_has_permission_for_instance(user, "view", pledge)
        assert pledge in PLEDGE_POLICY.instances_user_has_any_permission_for(user, ["view"])
        assert set(PLEDGE_POLICY.collections_user_has_permission_for(user, "view")) == {our_campaign.collection, below}

    def test_a_permission_does_not_apply_to_sibling_or_parent_collections(
        self, make_user: MakeUser, our_campaign: Campaign, other_campaign: Campaign
    ) -> None:
        top = PledgeFactory(collection=Collection.get_first_root_node())
        user = make_user("beside", our_campaign.collection, *PledgePermission)
        assert set(PLEDGE_POLICY.instances_user_has_any_permission_for(user, ["view"])) == {our_campaign.pledge}
        assert not PLEDGE_POLICY.user_has_permission_for_instance(user, "view", top)

    def test_page_and_model_permissions_grant_nothing(self, make_user: MakeUser, our_campaign: Campaign) -> None:
        user = make_user("page editor")
        user.groups.add(*Group.objects.filter(name__in=["Editors", "Moderators"]))
        user.user_permissions.add(*Permission.objects.filter(codename__in=[*PledgePermission, "view_signature"]))
        assert not PLEDGE_POLICY.user_has_permission(user, "view")
        assert not SIGNATURE_POLICY.instances_user_has_any_permission_for(user, ["view"]).exists()

    def test_users_with_a_permission_are_listed(self, make_user: MakeUser, our_campaign: Campaign) -> None:
        may = make_user("may", our_campaign.collection, PledgePermission.MODERATE)
        make_user("may not", our_campaign.collection, PledgePermission.VIEW)
        gone = make_user("gone", our_campaign.collection, PledgePermission.MODERATE)
        gone.is_active = False
        gone.save()
        assert list(SIGNATURE_POLICY.users_with_permission("change")) == [may]
        assert not SIGNATURE_POLICY.user_has_permission(gone, "change")
        assert not SIGNATURE_POLICY.users_with_permission("delete").exists()
