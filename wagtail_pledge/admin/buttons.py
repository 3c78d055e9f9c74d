"""From a page to its ledger in one click."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets.button import Button

from wagtail_pledge.admin.permissions import Right, has_right
from wagtail_pledge.admin.viewsets.pledges import signatures_of
from wagtail_pledge.campaigns.pledge_pages import PledgePageMixin
from wagtail_pledge.campaigns.signer_type_pages import SignerTypePageMixin
from wagtail_pledge.signing.models import Pledge


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
