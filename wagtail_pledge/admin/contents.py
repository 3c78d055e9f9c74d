"""A collection that holds pledges is not empty: Wagtail refuses to delete it and says so."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import ngettext

from wagtail_pledge.signing.models import Pledge


def describe_pledges(collection: Any) -> dict[str, Any] | None:
    """Return what Wagtail shows of the pledges in ``collection``, ``None`` if there are none."""
    count = Pledge.objects.filter(collection=collection).count()
    if not count:
        return None
    said = ngettext("%(count)s pledge", "%(count)s pledges", count) % {"count": count}
    return {"count": count, "count_text": said, "url": reverse("wagtail_pledge_pledges:index")}
