"""Wagtail hooks: registers what ``wagtail_pledge.admin`` defines."""

from __future__ import annotations

from typing import Final

from django.apps import apps
from wagtail import hooks
from wagtail.contrib.settings.models import register_setting

from wagtail_pledge.admin.bulk_actions import ApproveBulkAction, RejectBulkAction
from wagtail_pledge.admin.forms import GroupPledgePermissionFormSet
from wagtail_pledge.admin.late_mail_notice import add_late_mail_panel
from wagtail_pledge.admin.log_actions import register_actions
from wagtail_pledge.admin.menus import CampaignsGroup, pledge_button
from wagtail_pledge.admin.page_messages import (
    explain_bulk_deletion,
    explain_conversion,
    explain_deletion,
    warn_of_shared_pledge,
)
from wagtail_pledge.admin.permissions import (
    collection_for_new_pledge,
    describe_pledges,
    describe_recipients,
    register_policies,
)
from wagtail_pledge.admin.pledge_chooser import pledge_chooser
from wagtail_pledge.admin.recipients import recipient_chooser
from wagtail_pledge.admin.surge_notice import add_surge_panel
from wagtail_pledge.admin.treaties.choosers import state_chooser, treaty_chooser
from wagtail_pledge.admin.treaties.imports import import_permissions, register_import_actions
from wagtail_pledge.admin.treaties.live_facts import live_fact_urls, register_live_facts
from wagtail_pledge.admin.treaties.reports import hardcoded_numbers_item, stale_facts_item, treaty_report_urls
from wagtail_pledge.campaigns.theme import SiteColours
from wagtail_pledge.conf import get_setting
from wagtail_pledge.core.registry import providers

ICONS: Final = ("pledge", "pledge-signature", "pledge-organization", "pledge-treaty")


def add_icons(icons: list[str]) -> list[str]:
    """Return ``icons`` with the paths of the package's SVG templates."""
    return [*icons, *(f"wagtail_pledge/admin/icons/{name}.svg" for name in ICONS)]


# First: Wagtail creates a default permission policy for every model that it sees without a registered one
register_policies()
providers.collection_for_new_pledge = collection_for_new_pledge
if apps.is_installed("wagtail.contrib.settings"):
    register_setting(SiteColours, icon="view")

hooks.register("register_admin_viewset", CampaignsGroup)
hooks.register("register_admin_viewset", lambda: [recipient_chooser, pledge_chooser, treaty_chooser, state_chooser])
hooks.register("register_bulk_action", ApproveBulkAction)
hooks.register("register_bulk_action", RejectBulkAction)
hooks.register("register_log_actions", register_actions)
hooks.register("register_log_actions", register_import_actions)
hooks.register("register_icons", add_icons)
hooks.register("register_group_permission_panel", lambda: GroupPledgePermissionFormSet)
hooks.register("register_page_header_buttons", pledge_button)
hooks.register("before_edit_page", warn_of_shared_pledge)
hooks.register("before_delete_page", explain_deletion)
hooks.register("before_bulk_action", explain_bulk_deletion)
hooks.register("before_convert_alias_page", explain_conversion)
hooks.register("construct_homepage_panels", add_surge_panel)
hooks.register("construct_homepage_panels", add_late_mail_panel)
hooks.register("describe_collection_contents", describe_pledges)
hooks.register("describe_collection_contents", describe_recipients)
hooks.register("register_rich_text_features", register_live_facts)
if get_setting("TREATIES"):
    hooks.register("register_permissions", import_permissions)
    hooks.register("register_admin_urls", live_fact_urls)
    hooks.register("register_admin_urls", treaty_report_urls)
    hooks.register("register_reports_menu_item", stale_facts_item)
    hooks.register("register_reports_menu_item", hardcoded_numbers_item)
