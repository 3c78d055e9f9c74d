"""The note on the admin's first page while a pledge gets more signatures than people give it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from wagtail.admin.ui.components import Component

from wagtail_pledge.admin.permissions import visible_to
from wagtail_pledge.admin.views.signatures import NAMESPACE
from wagtail_pledge.signing.services.switches import noticed_surges


class SurgePanel(Component):  # type: ignore[misc]
    """Which of a user's pledges are in a surge, and where what is held stands."""

    name = "pledge_surges"
    template_name = "wagtail_pledge/admin/surges.html"
    order = 50

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        """Return ``surges``, each with its ``pledge``, ``since``, ``holds``, ``is_doubt`` and ``held_url``."""
        noticed = noticed_surges(visible_to(parent_context["request"].user))
        index = reverse(f"{NAMESPACE}:index")
        surges = [
            {
                "pledge": s.pledge,
                "since": s.since,
                "holds": s.holds,
                "is_doubt": s.is_doubt,
                "held_url": f"{index}?verdict=held&pledge={s.pledge.pk}",
            }
            for s in noticed
        ]
        return {"surges": surges}


def add_surges(_request: HttpRequest, panels: list[Any]) -> None:
    """Put the note on the first page."""
    panels.append(SurgePanel())
