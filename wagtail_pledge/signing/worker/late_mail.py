"""Alarm for forms that wait for their first mail for more than an hour because of us.

A worker job; each is a module of its own in this package.
"""

from __future__ import annotations

import logging

from django.db.models import Count

from wagtail_pledge.core.db import insert_if_new
from wagtail_pledge.signing.models import Submission, Switch
from wagtail_pledge.signing.services.switches import LATE_MAIL

logger = logging.getLogger(__name__)


def update_late_mail() -> int:
    """Begin and end the alarms of pledges; return how many began or ended. Only that is logged."""
    late = Submission.objects.delayed_by_us().order_by().values_list("pledge_id").annotate(n=Count("pk"))
    numbers = {f"{LATE_MAIL}{pledge_id}": number for pledge_id, number in late}
    existing = set(Switch.objects.filter(name__startswith=LATE_MAIL).values_list("name", flat=True))
    begun = sum(_begin(name, number) for name, number in numbers.items() if name not in existing)
    return begun + sum(_end(name) for name in sorted(existing - set(numbers)))


def _begin(name: str, number: int) -> int:
    if not insert_if_new(Switch(name=name)):
        return 0  # another worker was first, and has logged it
    pledge = name.removeprefix(LATE_MAIL)
    logger.warning("%s forms of pledge %s have waited for their email for more than an hour", number, pledge)
    return 1


def _end(name: str) -> int:
    ended = Switch.objects.filter(name=name).delete()[0]
    if ended:
        logger.warning("the emails of pledge %s are in time again", name.removeprefix(LATE_MAIL))
    return min(ended, 1)
