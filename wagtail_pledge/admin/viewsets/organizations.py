"""Viewset of organizations, which are shared by the pledges that they signed."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, HelpPanel, ObjectList
from wagtail.admin.ui.tables import Column, DateColumn

from wagtail_pledge.admin.forms import OrganizationForm
from wagtail_pledge.admin.permissions import ORGANIZATION_POLICY
from wagtail_pledge.admin.viewsets.base import ScopedIndexView, ScopedViewSet
from wagtail_pledge.signing.countries import country_name
from wagtail_pledge.signing.models import Organization


class OrganizationIndexView(ScopedIndexView):
    """List of the organizations that signed a pledge that the user may view."""

    def user_has_permission_for_instance(self, permission: str, instance: Any) -> bool:
        """Whether the user may do it, decided without a query per row: the listing has ``signed_elsewhere``."""
        return not instance.signed_elsewhere and bool(self.user_has_permission(permission))


class OrganizationViewSet(ScopedViewSet):
    """Viewset of :class:`Organization`."""

    model = Organization
    name = "wagtail_pledge_organizations"
    url_prefix = "pledge-organizations"
    icon = "pledge-organization"
    permission_policy = ORGANIZATION_POLICY
    enabled_views = frozenset({"index", "index_results", "edit", "delete", "history", "history_results"})
    index_view_class = OrganizationIndexView
    search_fields: ClassVar[list[str]] = ["name"]
    ordering: ClassVar[list[str]] = ["folded_name", "pk"]
    list_display: ClassVar[list[Any]] = [
        "name",
        Column("website", label=_("Website")),
        Column("country", label=_("Country"), accessor=lambda row: country_name(row.country)),
        Column("city", label=_("City")),
        DateColumn("created_at", label=_("First approved")),
    ]
    edit_handler = ObjectList(
        [
            HelpPanel(
                content=_(
                    "<p>Shared by all the campaigns it has signed. It chose how its name appears on each one.</p>"
                )
            ),
            FieldPanel("name"),
            FieldPanel("website"),
            FieldPanel("country"),
            FieldPanel("city"),
        ],
        base_form_class=OrganizationForm,
    )
