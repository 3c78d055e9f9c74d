"""The menu "Campaigns"."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.sidebar import LinkMenuItem
from wagtail.admin.viewsets.base import ViewSet, ViewSetGroup
from wagtail.admin.widgets.button import Button

from wagtail_pledge.admin.permissions import Right, has_right, holds, signatures_visible_to
from wagtail_pledge.admin.treaties.imports import TreatyImportViewSet
from wagtail_pledge.admin.treaties.viewsets import StateViewSet, TreatyViewSet
from wagtail_pledge.admin.views.signatures import queue_url
from wagtail_pledge.admin.viewsets.messages import MessageViewSet
from wagtail_pledge.admin.viewsets.organizations import OrganizationViewSet
from wagtail_pledge.admin.viewsets.pledges import PledgeViewSet, signatures_of
from wagtail_pledge.admin.viewsets.signatures import SignatureViewSet
from wagtail_pledge.admin.viewsets.signer_types import SignerTypeViewSet
from wagtail_pledge.admin.viewsets.statements import StatementViewSet
from wagtail_pledge.campaigns.page_types.pledge import PledgePageMixin
from wagtail_pledge.campaigns.page_types.signer_type import SignerTypePageMixin
from wagtail_pledge.signing.models import Pledge

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


def pledge_shown_by(page: Any) -> Pledge | None:
    """Return the pledge of one of our pages, ``None`` for any other page."""
    if isinstance(page, PledgePageMixin):
        return page.pledge
    if isinstance(page, SignerTypePageMixin) and page.signer_type:
        return page.signer_type.pledge
    return None


def pledge_button(page: Any, user: Any, view_name: str, next_url: str | None = None) -> Iterator[Button]:
    """Yield the way to the pledge: its form for who may change it, its signatures for who may see them."""
    pledge = pledge_shown_by(page)
    if pledge is None or not has_right(user, pledge):
        return
    if has_right(user, pledge, Right.CHANGE):
        label, url = _("Pledge: dates, goal, signatures"), reverse("wagtail_pledge_pledges:edit", args=[pledge.pk])
    else:
        label, url = _("Pledge: signatures"), signatures_of(pledge)
    yield Button(label, url=url, icon_name="pledge", priority=15)
