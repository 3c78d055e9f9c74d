"""Counts the forms that came through event links: they do not wait for a place of their network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.db.models import F

from wagtail_pledge.core.db import insert_or_ignore, wait_for_lock
from wagtail_pledge.core.errors import PledgeError
from wagtail_pledge.signing.models import EventLinkUse, PartnerLink, Submission
from wagtail_pledge.signing.services.payloads import payload_of

_LOCK: Final = "event links"


def take_quota(submissions: Sequence[Submission]) -> set[Any]:
    """Count the ``submissions`` of event links, in their order; return the ids of those within quota and time.

    Call it in a transaction. One query if their pledges have no event link. A form counts whatever mailbox it names and
    whatever becomes of it.
    """
    links = PartnerLink.objects.filter(pledge_id__in={one.pledge_id for one in submissions}, quota__isnull=False)
    by_code = {(link.pledge_id, link.slug): link for link in links} if submissions else {}
    if not by_code:
        return set()
    came = [(one, by_code.get((one.pledge_id, _source_of(one)))) for one in submissions]
    in_time = [(one, link) for one, link in came if link and link.ends_at and one.created_at < link.ends_at]
    if not in_time:
        return set()
    wait_for_lock(_LOCK)
    used = dict(EventLinkUse.objects.filter(link__in={link.pk for _one, link in in_time}).values_list("link", "used"))
    free: set[Any] = set()
    for one, link in in_time:
        taken = used.get(link.pk, 0)
        if link.quota is not None and taken < link.quota:
            used[link.pk] = taken + 1
            free.add(one.pk)
            _count(link)
    return free


def _count(link: PartnerLink) -> None:
    insert_or_ignore(EventLinkUse(link=link))
    EventLinkUse.objects.filter(link=link).update(used=F("used") + 1)


def _source_of(submission: Submission) -> str:
    try:
        payload = payload_of(submission)
    except PledgeError:
        return ""
    return payload.source if payload is not None else ""
