"""Listing of the emails that are due, sent or failed. The outbox holds no addresses and no texts.

Separate like every viewset: one module per model.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column, DateColumn, StatusTagColumn

from wagtail_pledge.admin.filters import MessageFilterSet
from wagtail_pledge.admin.permissions import MESSAGE_POLICY
from wagtail_pledge.admin.viewsets.base import ScopedViewSet
from wagtail_pledge.signing.models import OutboxMessage


class MessageViewSet(ScopedViewSet):
    """Viewset of :class:`OutboxMessage`, read only."""

    model = OutboxMessage
    name = "wagtail_pledge_messages"
    url_prefix = "pledge-messages"
    icon = "mail"
    menu_label = _("Emails")
    permission_policy = MESSAGE_POLICY
    enabled_views = frozenset({"index", "index_results"})
    url_finder_view = "index"
    filterset_class = MessageFilterSet
    form_fields: ClassVar[list[str]] = []
    ordering: ClassVar[list[str]] = ["-pk"]
    list_display: ClassVar[list[Any]] = [
        Column("pk", label=_("Number")),
        Column("kind_label", label=_("Email")),
        Column("pledge", label=_("Campaign")),
        Column("locale", label=_("Language")),
        StatusTagColumn("state", accessor="get_state_display", label=_("Status"), primary=True),
        Column("response_label", label=_("Last response")),
        Column("attempts", label=_("Attempts")),
        DateColumn("due_at", label=_("Queued")),
        DateColumn("finished_at", label=_("Finished")),
    ]
