"""Panel on the admin's home page for pledges that get suspiciously many signatures."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from wagtail.admin.ui.components import Component

from wagtail_pledge.admin.permissions import visible_to
from wagtail_pledge.admin.views.signatures import NAMESPACE
from wagtail_pledge.signing.enums import Review
from wagtail_pledge.signing.services.switches import current_surges


class SurgePanel(Component):  # type: ignore[misc]
    """Lists the user's pledges in a surge, with links to their held signatures."""

    name = "pledge_surges"
    template_name = "wagtail_pledge/admin/surges.html"
    order = 50

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        """Return ``surges``: dicts of ``pledge``, ``since``, ``holds``, ``is_mail_quality`` and ``held_url``."""
        current = current_surges(visible_to(parent_context["request"].user))
        index = reverse(f"{NAMESPACE}:index")
        surges = [
            {
                "pledge": s.pledge,
                "since": s.since,
                "holds": s.holds,
                "is_mail_quality": s.is_mail_quality,
                "held_url": f"{index}?review={Review.NEEDS_REVIEW}&pledge={s.pledge.pk}",
            }
            for s in current
        ]
        return {"surges": surges}


def add_surge_panel(_request: HttpRequest, panels: list[Any]) -> None:
    """Add the panel. For the hook ``construct_homepage_panels``."""
    panels.append(SurgePanel())
