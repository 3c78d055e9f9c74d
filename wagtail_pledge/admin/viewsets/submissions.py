"""Viewset of submissions that wait for confirmation: list, exact search, mail fate, resend, let go."""

from __future__ import annotations

from typing import Any, ClassVar

from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column, DateColumn, StatusTagColumn, TitleColumn

from wagtail_pledge.admin import signature_details as signers
from wagtail_pledge.admin.filters import SubmissionFilterSet
from wagtail_pledge.admin.permissions import SUBMISSION_POLICY
from wagtail_pledge.admin.views.submissions import (
    NAMESPACE,
    LetGoView,
    RaiseNetworkView,
    ResendView,
    SubmissionInspectView,
    heading_of,
    mail_fate,
)
from wagtail_pledge.admin.viewsets.base import ScopedIndexView, ScopedViewSet
from wagtail_pledge.signing.enums import Review
from wagtail_pledge.signing.models import Submission


class SubmissionIndexView(ScopedIndexView):
    """List of the open submissions of the campaigns whose contact data the user may see."""

    default_ordering = "-created_at"
    page_title = _("Waiting for confirmation")

    def get_base_queryset(self) -> Any:
        """Return the submissions that can still be confirmed."""
        rows: Any = super().get_base_queryset()
        return rows.open()


class SubmissionViewSet(ScopedViewSet):
    """Viewset of :class:`Submission`, for users who may see contact data."""

    model = Submission
    name = NAMESPACE
    url_prefix = "pledge-submissions"
    icon = "pledge-signature"
    menu_label = _("Waiting for confirmation")
    permission_policy = SUBMISSION_POLICY
    enabled_views = frozenset({"index", "index_results", "inspect"})
    url_finder_view = "inspect"
    inspect_view_enabled = True
    index_view_class = SubmissionIndexView
    inspect_view_class = SubmissionInspectView
    filterset_class = SubmissionFilterSet
    form_fields: ClassVar[list[str]] = []
    ordering: ClassVar[list[str]] = ["-created_at"]
    list_display: ClassVar[list[Any]] = [
        TitleColumn(
            "who",
            label=_("Signer"),
            width="25%",
            accessor=heading_of,
            get_url=lambda row: reverse(f"{NAMESPACE}:inspect", args=[row.pk]),
        ),
        Column("kind", label=_("Type"), accessor=lambda row: signers.kind_label(row.kind)),
        Column("pledge", label=_("Campaign")),
        StatusTagColumn(
            "review",
            label=_("Check"),
            accessor="get_review_display",
            primary=lambda row: row.review == Review.NEEDS_REVIEW,
        ),
        Column("mail", label=_("Email"), accessor=mail_fate),
        DateColumn("submitted_at", label=_("Sent")),
    ]

    def get_urlpatterns(self) -> list[Any]:
        """Add the views that act on one submission."""
        inspect = self.get_inspect_view_kwargs()
        return [
            *super().get_urlpatterns(),
            path("resend/<uuid:pk>/", self.construct_view(ResendView, **inspect), name="resend"),
            path("let-go/<uuid:pk>/", self.construct_view(LetGoView, **inspect), name="let_go"),
            path("raise/<uuid:pk>/", self.construct_view(RaiseNetworkView, **inspect), name="raise_network"),
        ]
