"""Panel on the admin's home page for pledges whose forms have waited too long for their mail."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from wagtail.admin.ui.components import Component

from wagtail_pledge.admin.permissions import PledgePermission, has_permission_on, visible_to
from wagtail_pledge.admin.views.submissions import NAMESPACE
from wagtail_pledge.signing.services.switches import current_late_mail


class LateMailPanel(Component):  # type: ignore[misc]
    """Lists the user's pledges whose mail is late, with links to what waits for users who may see contact data."""

    name = "pledge_late_mail"
    template_name = "wagtail_pledge/admin/late_mail.html"
    order = 51

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        """Return ``late``: dicts of ``pledge``, ``since``, ``number`` and ``submissions_url``."""
        user, index = parent_context["request"].user, reverse(f"{NAMESPACE}:index")
        late = [
            {
                "pledge": one.pledge,
                "since": one.since,
                "number": one.number,
                "submissions_url": f"{index}?pledge={one.pledge.pk}"
                if has_permission_on(user, one.pledge, PledgePermission.CONTACT)
                else "",
            }
            for one in current_late_mail(visible_to(user))
        ]
        return {"late": late}


def add_late_mail_panel(_request: HttpRequest, panels: list[Any]) -> None:
    """Add the panel. For the hook ``construct_homepage_panels``."""
    panels.append(LateMailPanel())
