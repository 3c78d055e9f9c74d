"""Viewset of signer types, the ways to sign a pledge."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, HelpPanel, ObjectList
from wagtail.admin.ui.tables import BooleanColumn, Column

from wagtail_pledge.admin.filters import SignerTypeFilterSet
from wagtail_pledge.admin.forms import SignerTypeForm
from wagtail_pledge.admin.permissions import SIGNER_TYPE_POLICY
from wagtail_pledge.admin.signature_details import kind_label
from wagtail_pledge.admin.viewsets.base import ScopedViewSet
from wagtail_pledge.signing.models import SignerType


class SignerTypeViewSet(ScopedViewSet):
    """Viewset of :class:`SignerType`."""

    model = SignerType
    name = "wagtail_pledge_signer_types"
    url_prefix = "pledge-signer-types"
    icon = "group"
    permission_policy = SIGNER_TYPE_POLICY
    enabled_views = frozenset({
        "index", "index_results", "add", "edit", "delete", "history", "history_results", "usage",
    })  # fmt: skip
    filterset_class = SignerTypeFilterSet
    ordering: ClassVar[list[str]] = ["pledge", "position", "pk"]
    list_display: ClassVar[list[Any]] = [
        "__str__",
        Column("pledge", label=_("Campaign")),
        Column("kind", label=_("Type of signer"), accessor=lambda row: kind_label(row.kind)),
        BooleanColumn("approval_required", label=_("Approval required")),
    ]
    edit_handler = ObjectList(
        [
            HelpPanel(
                content=_("<p>Each way to sign is created with its page. Its type and campaign cannot be changed.</p>")
            ),
            FieldPanel("pledge"),
            FieldPanel("kind"),
            FieldPanel("name", help_text=_("Internal name. If empty, the campaign and type are used.")),
            FieldPanel("approval_required"),
            FieldPanel("position", help_text=_("Lower numbers come first.")),
        ],
        base_form_class=SignerTypeForm,
    )
