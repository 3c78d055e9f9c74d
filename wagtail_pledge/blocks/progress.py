"""Progress block: the number of signatures, the goal and the steps to it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import partial
from typing import Any, Final
from uuid import UUID

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from wagtail_pledge.blocks.base import PledgeBlock
from wagtail_pledge.caching.local import memoize_per_request
from wagtail_pledge.signing.kinds import kinds
from wagtail_pledge.signing.models import Pledge
from wagtail_pledge.signing.services import Progress, progress_of

#: UUID of the sample pledge in previews, which is not in the database.
SAMPLE_UUID = UUID(int=0)


def sample_progress() -> dict[str, Any]:
    """Return invented numbers for previews, in the form that the template expects."""
    by_slug = kinds()
    counts = [
        {"kind": slug, "label": by_slug[slug].counted(count), "count": count}
        for slug, count in SAMPLE_COUNTS
        if slug in by_slug
    ]
    day = dt.datetime(2026, 2, 3, 12, tzinfo=dt.UTC)
    steps = [
        {"number": 500, "is_reached": True, "is_next": False},
        {"number": 1000, "is_reached": False, "is_next": True},
        {"number": 5000, "is_reached": False, "is_next": False},
    ]
    return {"total": 740, "goal": 5000, "step": 1000, "kinds": counts, "as_of": day, "show": True, "steps": steps}


def _read_progress(pledge: Pledge) -> Progress:
    return memoize_per_request(("progress", pledge.pk, get_language()), partial(progress_of, pledge))


SAMPLE_COUNTS = (("individual", 712), ("organization", 28))


class ProgressBlock(PledgeBlock):
    """The number of signatures as text, with a progress bar and steps if the pledge has a goal."""

    heading = blocks.CharBlock(required=False, max_length=120, label=_("Heading"))

    def get_context(self, value: Mapping[str, Any], parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        """Add ``progress``, reusing the page's for its own pledge; ``None`` without a pledge.

        ``None`` for another pledge in a surge too: its numbers would be read for every page.
        """
        context = super().get_context(value, parent_context=parent_context)
        pledge = context["pledge"]
        progress = context.get("progress") if context["is_own"] else None
        is_read = pledge is not None and (context["is_own"] or not context["is_surge"])
        return {**context, "progress": progress or (_read_progress(pledge) if is_read else None)}

    def get_preview_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        """Add a sample pledge and :func:`sample_progress`."""
        context: dict[str, Any] = super().get_preview_context(value, parent_context)
        return {**context, "pledge": Pledge(uuid=SAMPLE_UUID, collection_id=0), "progress": sample_progress()}

    class Meta:
        icon = "order"
        group = _("Progress")
        label = _("Progress")
        description = _("The number of signatures, the goal and the steps to it.")
        template = "wagtail_pledge/blocks/progress.html"
        preview_template = "wagtail_pledge/blocks/preview/progress.html"
        preview_value: Final = {"heading": _("Progress so far"), "pledge": ""}
