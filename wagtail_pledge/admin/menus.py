"""The menu "Campaigns"."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Final

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.sidebar import LinkMenuItem
from wagtail.admin.viewsets.base import ViewSet, ViewSetGroup

from wagtail_pledge.admin.permissions import Right, holds, signatures_visible_to
from wagtail_pledge.admin.treaty_imports import TreatyImportViewSet
from wagtail_pledge.admin.views.signatures import queue_url
from wagtail_pledge.admin.viewsets.messages import MessageViewSet
from wagtail_pledge.admin.viewsets.organizations import OrganizationViewSet
from wagtail_pledge.admin.viewsets.pledges import PledgeViewSet
from wagtail_pledge.admin.viewsets.signatures import SignatureViewSet
from wagtail_pledge.admin.viewsets.signer_types import SignerTypeViewSet
from wagtail_pledge.admin.viewsets.statements import StatementViewSet
from wagtail_pledge.admin.viewsets.treaties import StateViewSet, TreatyViewSet

#: The menu stands on every admin page, so counting ends here.
MAX_COUNTED: Final = 100


def waiting_count(user: Any) -> int:
    """Return how many signatures wait for a decision of ``user``, ``MAX_COUNTED`` at most."""
    waiting = signatures_visible_to(user, Right.MODERATE).waiting_for_approval()
    return len(waiting.select_related(None).order_by().values_list("pk", flat=True)[:MAX_COUNTED])


class ApprovalQueueMenuItem(MenuItem):  # type: ignore[misc]
    """Leads to what waits, and says how much that is."""

    def is_shown(self, request: Any) -> bool:
        """Only for those who may decide."""
        return holds(request.user, Right.MODERATE)

    def render_component(self, request: Any) -> LinkMenuItem:
        """Add the number to the label."""
        count = waiting_count(request.user)
        shown = f"{MAX_COUNTED - 1}+" if count >= MAX_COUNTED else count
        label = gettext("%(label)s (%(count)s)") % {"label": self.label, "count": shown} if count else self.label
        return LinkMenuItem(self.name, label, self.url, icon_name=self.icon_name, classname=self.classname)


class ApprovalQueue(ViewSet):  # type: ignore[misc]
    """A menu entry without views of its own: the signature listing, narrowed to what waits."""

    name = "wagtail_pledge_approval_queue"
    icon = "tasks"
    menu_label = _("Approval queue")
    menu_name = "pledge-approval-queue"
    menu_item_class = ApprovalQueueMenuItem

    @cached_property
    def menu_url(self) -> str:
        """Return the narrowed listing."""
        return queue_url()


class CampaignsGroup(ViewSetGroup):  # type: ignore[misc]
    """Everything of ours in one menu."""

    menu_label = _("Campaigns")
    menu_name = "pledge-campaigns"
    menu_icon = "pledge"
    menu_order = 250
    items = (
        PledgeViewSet,
        ApprovalQueue,
        SignatureViewSet,
        OrganizationViewSet,
        SignerTypeViewSet,
        StatementViewSet,
        MessageViewSet,
        TreatyViewSet,
        StateViewSet,
        TreatyImportViewSet,
    )
