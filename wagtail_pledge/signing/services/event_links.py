"""Event links (a signing table, a campus) and raised limits of networks: what moderators decide about waiting forms."""

from __future__ import annotations

import datetime as dt
import secrets
import uuid
from collections.abc import Mapping
from typing import Any, Final

from django.db import transaction
from wagtail.log_actions import log

from wagtail_pledge.core.db import database_now, start_of_utc_day, utc_day
from wagtail_pledge.signing.models import NetworkRaise, PartnerLink, Pledge, Submission

#: Action names in Wagtail's log. They must not change: stored entries refer to them.
MAKE_EVENT_LINK: Final = "wagtail_pledge.make_event_link"
END_EVENT_LINK: Final = "wagtail_pledge.end_event_link"
RAISE_NETWORK: Final = "wagtail_pledge.raise_network"

MAX_QUOTA: Final = 5000
#: An event link ends at most so long after it was made.
MAX_DURATION: Final = dt.timedelta(days=31)
_PREFIX: Final = "event-"
#: Without those that are easily misread.
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_CODE_CHARS: Final = 10


def event_links_of(pledge: Pledge) -> list[PartnerLink]:
    """Return the event links of ``pledge``, the newest first, each with its ``use``; one query."""
    links = PartnerLink.objects.filter(pledge=pledge, quota__isnull=False).select_related("use")
    return list(links.order_by("-pk"))


@transaction.atomic
def make_event_link(pledge: Pledge, *, name: str, quota: int, ends_at: dt.datetime, actor: Any) -> PartnerLink:
    """Make a link through which ``quota`` forms are mailed without waiting for a place of their network, and log it.

    Its code is random, so that nobody else can use up the quota.
    """
    code = _PREFIX + "".join(secrets.choice(_LETTERS) for _ in range(_CODE_CHARS))
    link = PartnerLink.objects.create(pledge=pledge, slug=code, name=name, quota=quota, ends_at=ends_at)
    _log(pledge, MAKE_EVENT_LINK, actor, {"link": name, "quota": quota, "until": ends_at.isoformat()})
    return link


@transaction.atomic
def end_event_link(link: PartnerLink, *, actor: Any) -> bool:
    """End ``link`` now and log it; return false if it had ended. Signatures keep its code."""
    now = database_now()
    mine = PartnerLink.objects.filter(pk=link.pk, quota__isnull=False, ends_at__gt=now)
    if not mine.update(ends_at=now):
        return False
    _log(link.pledge, END_EVENT_LINK, actor, {"link": link.name})
    return True


@transaction.atomic
def raise_network(submission: Submission, *, actor: Any) -> bool:
    """Raise the limits of the network that ``submission`` came from, for its pledge, and log it.

    For at most 24 hours: the hash of a network is of one UTC day, so it ends with the day. The worker then mails what
    waits. Returns false without a network, or if its limits were raised before.
    """
    if not submission.network_key:
        return False
    until = start_of_utc_day(utc_day(database_now()) + dt.timedelta(days=1))
    _row, is_new = NetworkRaise.objects.get_or_create(
        pledge_id=submission.pledge_id, network_key=bytes(submission.network_key), defaults={"until": until}
    )
    if is_new:
        _log(submission.pledge, RAISE_NETWORK, actor, {"reference": str(submission.pk), "until": until.isoformat()})
    return is_new


def _log(pledge: Pledge, action: str, actor: Any, data: Mapping[str, Any]) -> None:
    log(instance=pledge, action=action, user=actor, uuid=uuid.uuid4(), data=dict(data))
