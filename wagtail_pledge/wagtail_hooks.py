"""Registers the admin room with Wagtail; everything registered here is written elsewhere."""

from __future__ import annotations

from wagtail import hooks

from wagtail_pledge.admin.bulk_actions import ApproveBulkAction, RefuseBulkAction
from wagtail_pledge.admin.buttons import pledge_button
from wagtail_pledge.admin.contents import describe_pledges
from wagtail_pledge.admin.forms import GroupPledgePermissionFormSet
from wagtail_pledge.admin.icons import add_icons
from wagtail_pledge.admin.log_actions import register_actions
from wagtail_pledge.admin.menus import CampaignsGroup
from wagtail_pledge.admin.policies import register_policies

# First of all: Wagtail makes a policy of its own for a model that it meets without one
register_policies()

hooks.register("register_admin_viewset", CampaignsGroup)
hooks.register("register_bulk_action", ApproveBulkAction)
hooks.register("register_bulk_action", RefuseBulkAction)
hooks.register("register_log_actions", register_actions)
hooks.register("register_icons", add_icons)
hooks.register("register_group_permission_panel", lambda: GroupPledgePermissionFormSet)
hooks.register("register_page_header_buttons", pledge_button)
hooks.register("describe_collection_contents", describe_pledges)
