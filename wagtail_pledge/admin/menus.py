"""The admin menu "Campaigns", and the campaign button in the header of pages."""

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

from wagtail_pledge.admin.permissions import (
    PledgePermission,
    has_any_permission,
    has_permission_on,
    signatures_visible_to,
)
from wagtail_pledge.admin.treaties.imports import TreatyImportViewSet
from wagtail_pledge.admin.treaties.viewsets import (
    StateAliasViewSet,
    StateViewSet,
    TreatyDeclarationViewSet,
    TreatyNameViewSet,
    TreatyViewSet,
)
from wagtail_pledge.admin.views.signatures import queue_url
from wagtail_pledge.admin.viewsets.decisions import RecipientViewSet, StageViewSet
from wagtail_pledge.admin.viewsets.messages import MessageViewSet
from wagtail_pledge.admin.viewsets.organizations import OrganizationViewSet
from wagtail_pledge.admin.viewsets.pledges import PledgeViewSet, signatures_url
from wagtail_pledge.admin.viewsets.signatures import SignatureViewSet
from wagtail_pledge.admin.viewsets.signer_types import SignerTypeViewSet
from wagtail_pledge.admin.viewsets.statements import StatementViewSet
from wagtail_pledge.admin.viewsets.submissions import SubmissionViewSet
from wagtail_pledge.campaigns.page_types.pledge import PledgePageMixin
from wagtail_pledge.campaigns.page_types.signer_type import SignerTypePageMixin
from wagtail_pledge.conf import get_setting
from wagtail_pledge.signing.models import Pledge

#: The menu is on every admin page, so no more than this many are counted.
MAX_COUNTED: Final = 100
#: Left out where the site has no treaties.
TREATY_VIEWSETS: Final = (
    TreatyViewSet,
    TreatyNameViewSet,
    TreatyDeclarationViewSet,
    StateViewSet,
    StateAliasViewSet,
    TreatyImportViewSet,
)


def waiting_count(user: Any) -> int:
    """Return how many signatures wait for approval that ``user`` may moderate, at most ``MAX_COUNTED``."""
    waiting = signatures_visible_to(user, PledgePermission.MODERATE).waiting_for_approval()
    return len(waiting.select_related(None).order_by().values_list("pk", flat=True)[:MAX_COUNTED])


class ApprovalQueueMenuItem(MenuItem):  # type: ignore[misc]
    """Menu item with the number of signatures that wait for approval."""

    def is_shown(self, request: Any) -> bool:
        """Whether the user may moderate some pledge."""
        return has_any_permission(request.user, PledgePermission.MODERATE)

    def render_component(self, request: Any) -> LinkMenuItem:
        """Return the item with the number in its label."""
        count = waiting_count(request.user)
        number = f"{MAX_COUNTED - 1}+" if count >= MAX_COUNTED else count
        label = gettext("%(label)s (%(count)s)") % {"label": self.label, "count": number} if count else self.label
        return LinkMenuItem(self.name, label, self.url, icon_name=self.icon_name, classname=self.classname)


class ApprovalQueue(ViewSet):  # type: ignore[misc]
    """Menu entry without its own views: it opens the signature listing, filtered by approval."""

    name = "wagtail_pledge_approval_queue"
    icon = "tasks"
    menu_label = _("Approval queue")
    menu_name = "pledge-approval-queue"
    menu_item_class = ApprovalQueueMenuItem

    @cached_property
    def menu_url(self) -> str:
        """The URL of the filtered listing."""
        return queue_url()


class CampaignsGroup(ViewSetGroup):  # type: ignore[misc]
    """The menu "Campaigns" with all viewsets of the package."""

    menu_label = _("Campaigns")
    menu_name = "pledge-campaigns"
    menu_icon = "pledge"
    menu_order = 250
    items = (
        PledgeViewSet,
        ApprovalQueue,
        SignatureViewSet,
        SubmissionViewSet,
        OrganizationViewSet,
        SignerTypeViewSet,
        StatementViewSet,
        MessageViewSet,
        RecipientViewSet,
        StageViewSet,
        *(TREATY_VIEWSETS if get_setting("TREATIES") else ()),
    )


def get_page_pledge(page: Any) -> Pledge | None:
    """Return the pledge of a campaign page or a page for one way to sign, ``None`` for any other page."""
    if isinstance(page, PledgePageMixin):
        return page.pledge
    if isinstance(page, SignerTypePageMixin) and page.signer_type:
        return page.signer_type.pledge
    return None


def pledge_button(page: Any, user: Any, view_name: str, next_url: str | None = None) -> Iterator[Button]:
    """Yield a button to the pledge: to its form if the user may change it, otherwise to its signatures."""
    pledge = get_page_pledge(page)
    if pledge is None or not has_permission_on(user, pledge):
        return
    if has_permission_on(user, pledge, PledgePermission.CHANGE):
        label, url = _("Campaign: dates, goal, signatures"), reverse("wagtail_pledge_pledges:edit", args=[pledge.pk])
    else:
        label, url = _("Campaign: signatures"), signatures_url(pledge)
    yield Button(label, url=url, icon_name="pledge", priority=15)
