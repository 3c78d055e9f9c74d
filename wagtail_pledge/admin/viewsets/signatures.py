"""Viewset of signatures: list, inspect, approve and reject. Signatures can't be added, edited or deleted here."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

from django.db.models import IntegerField, QuerySet, UUIDField
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import BulkActionsCheckboxColumn, Column, DateColumn, StatusTagColumn, TitleColumn

from wagtail_pledge.admin import signature_details as signers
from wagtail_pledge.admin.filters import SignatureFilterSet
from wagtail_pledge.admin.permissions import SIGNATURE_POLICY, PledgePermission, has_any_permission
from wagtail_pledge.admin.views.logos import ApproveLogoView, LogoImageView, RejectLogoView
from wagtail_pledge.admin.views.signatures import (
    NAMESPACE,
    ApproveView,
    RejectView,
    RenewLinksView,
    SignatureHistoryView,
    SignatureInspectView,
)
from wagtail_pledge.admin.viewsets.base import ScopedIndexView, ScopedViewSet
from wagtail_pledge.signing.countries import country_name
from wagtail_pledge.signing.enums import Approval, SignatureState
from wagtail_pledge.signing.models import get_signature_model

#: Prefix of the element ids by which Wagtail's bulk action script finds check boxes, titles and footer.
OBJECT_TYPE = "signature"


class SignatureIndexView(ScopedIndexView):
    """List of signatures. Sorted by id only: the one order that is fast at any size."""

    template_name = "wagtail_pledge/admin/signature_index.html"
    default_ordering = "-id"

    def get_base_queryset(self) -> QuerySet[Any]:
        """Return the signatures that the user may view, without the personal data that the user may not see."""
        return signers.defer_contact_data(super().get_base_queryset(), self.request.user)

    @cached_property
    def moderates(self) -> bool:
        """Whether the user may moderate some pledge."""
        return has_any_permission(self.request.user, PledgePermission.MODERATE)

    @cached_property
    def columns(self) -> list[Any]:
        """The columns, with check boxes if the user may moderate."""
        boxes = [BulkActionsCheckboxColumn("bulk_actions", obj_type=OBJECT_TYPE)] if self.moderates else []
        return [*boxes, *self.get_signature_columns()]

    def get_signature_columns(self) -> list[Any]:
        """Return the columns after the check boxes. Override to show others."""
        return [
            TitleColumn(
                "who",
                label=_("Signer"),
                width="25%",
                accessor=lambda row: signers.heading_for(self.request.user, row),
                get_url=lambda row: reverse(f"{NAMESPACE}:inspect", args=[row.pk]),
                get_title_id=lambda row: f"{OBJECT_TYPE}_{row.pk}_title",
            ),
            Column("kind", label=_("Type"), accessor=lambda row: signers.kind_label(row.kind)),
            Column("pledge", label=_("Campaign")),
            Column("country", label=_("Country"), accessor=lambda row: country_name(row.country)),
            StatusTagColumn(
                "state",
                label=_("Status"),
                accessor="get_state_display",
                primary=lambda row: row.state == SignatureState.CONFIRMED,
            ),
            Column("review", label=_("Check"), accessor="get_review_display"),
            StatusTagColumn(
                "approval",
                label=_("Approval"),
                accessor="get_approval_display",
                primary=lambda row: row.approval == Approval.WAITING,
            ),
            DateColumn("created_at", label=_("Signed")),
        ]


def _key_in_urls(model: Any) -> str:
    """Return the path converter for the primary key of the site's signature model."""
    field = model._meta.pk
    if isinstance(field, UUIDField):
        return "<uuid:pk>"
    return "<int:pk>" if isinstance(field, IntegerField) else "<str:pk>"


class SignatureViewSet(ScopedViewSet):
    """Viewset of the site's signature model."""

    model = get_signature_model()
    name = NAMESPACE
    url_prefix = "pledge-signatures"
    icon = "pledge-signature"
    permission_policy = SIGNATURE_POLICY
    enabled_views = frozenset({"index", "index_results", "inspect", "history", "history_results"})
    url_finder_view = "inspect"
    inspect_view_enabled = True
    index_view_class = SignatureIndexView
    index_template_name = SignatureIndexView.template_name
    inspect_view_class = SignatureInspectView
    history_view_class = SignatureHistoryView
    filterset_class = SignatureFilterSet
    form_fields: ClassVar[list[str]] = []
    ordering = "-id"
    menu_label = _("Signatures")

    def get_urlpatterns(self) -> list[Any]:
        """Add the views for decisions about the signature and its logo."""
        inspect, key = self.get_inspect_view_kwargs(), _key_in_urls(self.model)
        return [
            *super().get_urlpatterns(),
            path(f"approve/{key}/", self.construct_view(ApproveView, **inspect), name="approve"),
            path(f"reject/{key}/", self.construct_view(RejectView, **inspect), name="reject"),
            path(f"renew-links/{key}/", self.construct_view(RenewLinksView, **inspect), name="renew_links"),
            path(f"logo/{key}/", self.construct_view(LogoImageView, **inspect), name="logo"),
            path(f"logo/{key}/approve/", self.construct_view(ApproveLogoView, **inspect), name="approve_logo"),
            path(f"logo/{key}/reject/", self.construct_view(RejectLogoView, **inspect), name="reject_logo"),
        ]
