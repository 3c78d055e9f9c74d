"""Numbers the leaves of the integrity proof: after the commit of their events, so never at confirming.

A worker job; each is a module of its own in this package.
"""

from __future__ import annotations

from typing import Final

from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce

from wagtail_pledge.core.db import wait_for_lock
from wagtail_pledge.signing.models import Pledge, SignatureEvent

BATCH: Final = 500
_LOCK: Final = "leaf numbers"


def number_leaves() -> int:
    """Give the events without a number the next ones of their pledge, in the order of their ids; return how many."""
    with transaction.atomic():
        wait_for_lock(_LOCK)
        # The base manager: numbering is the one change of an event that is allowed
        events = SignatureEvent._base_manager
        new = list(events.filter(leaf_index__isnull=True).order_by("pk")[:BATCH])
        # Read at the end of the index: a maximum by pledge would read all events of a campaign
        numbered = events.filter(pledge=OuterRef("pk"), leaf_index__isnull=False).order_by("-leaf_index")
        pledges = Pledge.objects.filter(pk__in={event.pledge_id for event in new})
        last = pledges.order_by().values_list("pk", Coalesce(Subquery(numbered.values("leaf_index")[:1]), -1))
        numbers = dict(last)
        for event in new:
            numbers[event.pledge_id] += 1
            event.leaf_index = numbers[event.pledge_id]
        events.bulk_update(new, ["leaf_index"])
    return len(new)
