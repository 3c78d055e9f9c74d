"""The worker's part in a surge: who is held, who goes the slow way, and when one begins and ends by itself."""

from __future__ import annotations

import datetime as dt
import logging
from collections import defaultdict
from collections.abc import Iterable
from statistics import median
from typing import Any, Final

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from wagtail_pledge.conf import get_setting
from wagtail_pledge.core.db import database_now, from_now, is_inserted, start_of_utc_day, utc_day
from wagtail_pledge.signing.abuse.networks import KEPT_DAYS
from wagtail_pledge.signing.abuse.proofs import is_offered
from wagtail_pledge.signing.abuse.signals import proof_of
from wagtail_pledge.signing.enums import Lane, MessageKind, OutboxState, SignatureState
from wagtail_pledge.signing.models import LimitBucket, OutboxMessage, SpentChallenge, Switch, get_signature_model
from wagtail_pledge.signing.services.switches import AUTOMATIC, DOUBT, surges_since
from wagtail_pledge.signing.worker.rate_limits import ALL, PASSED, hour_of

logger = logging.getLogger(__name__)

SLOW_BY: Final = dt.timedelta(minutes=15)
HOUR: Final = dt.timedelta(hours=1)
#: So many hours before tell what is usual.
USUAL_HOURS: Final = 24

Mailbox = tuple[int, bytes, bytes]


def mailbox_of(message: OutboxMessage) -> Mailbox:
    """Return what tells one signature's messages from another's."""
    return message.signer_type_id, bytes(message.mailbox_key or b""), bytes(message.seat)


def _spend(messages: Iterable[OutboxMessage]) -> set[int]:
    """Note the challenges that ``messages`` solved; return the ids of the messages whose challenge was unused."""
    proofs = [(proof, message) for message in messages if (proof := proof_of(message.signals))]
    # In one order everywhere, so that two workers never wait for each other; of one challenge the first signed wins
    proofs.sort(key=lambda pair: (pair[0].challenge, pair[1].created_at, pair[1].pk))
    return {
        message.pk
        for proof, message in proofs
        if is_inserted(SpentChallenge(challenge=proof.challenge, until=dt.datetime.fromtimestamp(proof.until, dt.UTC)))
    }


def _judged_before(messages: list[OutboxMessage], together: dt.timedelta) -> set[Mailbox]:
    """Return the mailboxes of which a message from about the same time was judged in an earlier batch."""
    if not messages:
        return set()
    earlier = OutboxMessage.objects.filter(
        pledge_id__in={message.pledge_id for message in messages},
        mailbox_key__in=[bytes(message.mailbox_key or b"") for message in messages],
        kind=MessageKind.SIGNED,
        judged_at__isnull=False,
        created_at__gt=min(message.created_at for message in messages) - together,
    )
    return {mailbox_of(message) for message in earlier.exclude(pk__in=[message.pk for message in messages])}


def unproven(messages: list[OutboxMessage], together: dt.timedelta) -> set[int]:
    """Return the ids of what a surge holds: signed while it lasts, without a challenge solved for it alone.

    A message that follows another of its mailbox ``together`` with it (a double click, the mail asked for again)
    stands for a signature that was judged with the first.
    """
    solved = _spend(messages)
    since = surges_since({message.pledge_id for message in messages}) if messages else {}
    found = [
        message
        for message in messages
        if message.pk not in solved and message.pledge_id in since and message.created_at >= since[message.pledge_id]
    ]
    judged = _judged_before(found, together)
    return {message.pk for message in found if mailbox_of(message) not in judged}


def slow_down(messages: list[OutboxMessage]) -> None:
    """Give ``messages`` back to be sent later, behind all others; they are nobody's afterwards."""
    if not messages:
        return
    OutboxMessage.objects.filter(pk__in=[message.pk for message in messages]).update(
        lane=Lane.SURGE, due_at=from_now(SLOW_BY), lease_until=None, lease_token=None
    )
    for message in messages:
        message.lane, message.lease_token = Lane.SURGE, None


def forget_challenges() -> int:
    """Drop what was spent and has ended, so that it would be refused anyway; return how many."""
    return SpentChallenge.objects.filter(until__lt=Now()).delete()[0]


def watch_surges() -> int:
    """Begin and end the surges that nobody turned; return how many.

    A rush: more than ``SURGE_PER_HOUR`` signatures in this hour or the last, and more than ``SURGE_FACTOR`` times what
    the usual hour of the day before let through. It ends when neither hour is one any more.
    """
    now = hour_of(database_now())
    rushes = _rushes(now)
    known = set(Switch.objects.filter(name__startswith=AUTOMATIC).values_list("name", flat=True))
    begun = sum(_begin(pk, *rushes[pk]) for pk in rushes if f"{AUTOMATIC}{pk}" not in known)
    return begun + sum(_end(name) for name in known - {f"{AUTOMATIC}{pk}" for pk in rushes})


def _rushes(now: dt.datetime) -> dict[int, tuple[int, int]]:
    """Return how many signatures the hour brought, and how many are usual, of each pledge in a rush."""
    recent: dict[int, int] = defaultdict(int)
    many = LimitBucket.objects.filter(hour__gte=now - HOUR, network_key=ALL, count__gt=get_setting("SURGE_PER_HOUR"))
    for pledge_id, count in many.values_list("pledge_id", "count"):
        recent[pledge_id] = max(recent[pledge_id], count)
    usual = _usual(recent, now - HOUR)
    return {
        pk: (count, round(usual[pk])) for pk, count in recent.items() if count > get_setting("SURGE_FACTOR") * usual[pk]
    }


def _usual(pledge_ids: Iterable[int], end: dt.datetime) -> dict[int, float]:
    """Return what the median hour before ``end`` let through; an hour without a bucket had nobody."""
    # Buckets are kept for two UTC days
    first_kept = start_of_utc_day(utc_day(end + HOUR) - dt.timedelta(days=KEPT_DAYS - 1))
    hours = [hour for back in range(1, USUAL_HOURS + 1) if (hour := end - back * HOUR) >= first_kept]
    ids = list(pledge_ids)
    rows = LimitBucket.objects.filter(pledge_id__in=ids, network_key=PASSED, hour__in=hours)
    counts = {(pledge_id, hour): count for pledge_id, hour, count in rows.values_list("pledge_id", "hour", "count")}
    return {pk: float(median(counts.get((pk, hour), 0) for hour in hours)) for pk in ids}


def what_it_does() -> tuple[bool, str]:
    """Return whether a surge that nobody turned on holds what has no proof of work, and the words for the log."""
    holds = get_setting("SURGE_HOLDS")
    acts = is_offered() if holds is None else bool(holds)
    return acts, "what has no proof of work is held" if acts else "nothing is held; pledge_switch surge on would"


def _begin(pledge_id: int, count: int, usual: int) -> int:
    acts, what = what_it_does()
    reason = f"{count} signatures in an hour, usually {usual}"
    if not is_inserted(Switch(name=f"{AUTOMATIC}{pledge_id}", is_on=acts, reason=reason)):
        return 0  # another worker was first, and has said so
    logger.warning("surge of pledge %s: %s; %s", pledge_id, reason, what)
    return 1


def _end(name: str) -> int:
    ended = Switch.objects.filter(name=name).delete()[0]
    if ended:
        logger.warning("the surge of pledge %s is over", name.removeprefix(AUTOMATIC))
    return ended


#: So many confirmation mails over all pledges are looked at, and fewer tell nothing.
SAMPLE: Final = 500
#: Who means to confirm has done so, for the most part.
SETTLED: Final = dt.timedelta(hours=2)


def watch_mail() -> int:
    """Begin or end the doubt about the mail; return 1 if that changed, else 0.

    It begins where more than ``SURGE_UNCONFIRMED`` percent of the last 500 confirmation mails are unconfirmed after two
    hours, or more than ``SURGE_REFUSED`` percent were refused for good. While it lasts, all pledges are in a surge and
    a mailbox gets half as many mails. It ends when neither holds any more.
    """
    reason = _doubt()
    if reason:
        acts, what = what_it_does()
        if not is_inserted(Switch(name=DOUBT, is_on=acts, reason=reason)):
            return 0
        logger.warning("the mail is in doubt, mailboxes get half as much: %s; %s", reason, what)
        return 1
    ended = Switch.objects.filter(name=DOUBT).delete()[0]
    if ended:
        logger.warning("the mail is in doubt no more")
    return min(ended, 1)


def _doubt() -> str:
    """Return why the mail is in doubt, ``""`` if it is not; one query."""
    sample = list(_settled()[:SAMPLE])
    if len(sample) < SAMPLE:
        return ""
    unconfirmed = sum(is_open for state, is_open in sample if state == OutboxState.SENT)
    refused = sum(state == OutboxState.UNDELIVERABLE for state, _is_open in sample)
    for count, setting, what in (
        (unconfirmed, "SURGE_UNCONFIRMED", "unconfirmed after two hours"),
        (refused, "SURGE_REFUSED", "refused"),
    ):
        limit = get_setting(setting)
        if limit is not None and count * 100 > limit * SAMPLE:
            return f"{count} of the last {SAMPLE} confirmation mails {what}"
    return ""


def _settled() -> Any:
    """Return ``(state, whether its signature is still unconfirmed)`` of confirmation mails, newest first."""
    unconfirmed = get_signature_model()._default_manager.filter(
        pledge=OuterRef("pledge"),
        mailbox_key=OuterRef("mailbox_key"),
        seat=OuterRef("seat"),
        kind=OuterRef("signer_type__kind"),
        state=SignatureState.PENDING,
    )
    ended = OutboxMessage.objects.filter(
        Q(state=OutboxState.SENT, last_code=MessageKind.CONFIRM) | Q(state=OutboxState.UNDELIVERABLE),
        kind=MessageKind.SIGNED,
        created_at__lt=from_now(-SETTLED),
    )
    return ended.order_by("-pk").values_list("state", Exists(unconfirmed))
