"""The worker's part in a surge: who is held, who goes the slow way, and when one begins and ends by itself."""

from __future__ import annotations

import datetime as dt
import logging
from collections import defaultdict
from collections.abc import Iterable
from statistics import median
from typing import Any, Final

from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now

from wagtail_pledge.conf import get_setting
from wagtail_pledge.core.db import database_now, from_now, insert_if_new, start_of_utc_day, utc_day
from wagtail_pledge.signing.abuse.networks import RETENTION_DAYS
from wagtail_pledge.signing.abuse.proofs import is_proof_of_work_enabled
from wagtail_pledge.signing.abuse.signals import proof_in
from wagtail_pledge.signing.enums import MailQueue, MessageKind, OutboxState, SignatureState
from wagtail_pledge.signing.models import LimitBucket, OutboxMessage, SpentChallenge, Switch, get_signature_model
from wagtail_pledge.signing.services.switches import AUTOMATIC, MAIL_QUALITY, surge_start_times
from wagtail_pledge.signing.worker.rate_limits import ALL_KEY, PASSED_KEY, start_of_hour

logger = logging.getLogger(__name__)

SURGE_DELAY: Final = dt.timedelta(minutes=15)
HOUR: Final = dt.timedelta(hours=1)
#: So many hours before tell what is usual.
USUAL_HOURS: Final = 24

Mailbox = tuple[int, bytes, bytes]


def mailbox_identity(message: OutboxMessage) -> Mailbox:
    """Return what tells one signature's messages from another's."""
    return message.signer_type_id, bytes(message.mailbox_key or b""), bytes(message.seat)


def _spend(messages: Iterable[OutboxMessage]) -> set[int]:
    """Note the challenges that ``messages`` solved; return the ids of the messages whose challenge was unused."""
    proofs = [(proof, message) for message in messages if (proof := proof_in(message.signals))]
    # In one order everywhere, so that two workers never wait for each other; of one challenge the first signed wins
    proofs.sort(key=lambda pair: (pair[0].challenge, pair[1].created_at, pair[1].pk))
    return {
        message.pk
        for proof, message in proofs
        if insert_if_new(
            SpentChallenge(challenge=proof.challenge, until=dt.datetime.fromtimestamp(proof.until, dt.UTC))
        )
    }


def _screened_before(messages: list[OutboxMessage], window: dt.timedelta) -> set[Mailbox]:
    """Return the mailboxes of which a message from about the same time was judged in an earlier batch."""
    if not messages:
        return set()
    earlier = OutboxMessage.objects.filter(
        pledge_id__in={message.pledge_id for message in messages},
        mailbox_key__in=[bytes(message.mailbox_key or b"") for message in messages],
        kind=MessageKind.SIGNED,
        screened_at__isnull=False,
        created_at__gt=min(message.created_at for message in messages) - window,
    )
    return {mailbox_identity(message) for message in earlier.exclude(pk__in=[message.pk for message in messages])}


def without_proof_of_work(messages: list[OutboxMessage], window: dt.timedelta) -> set[int]:
    """Return the ids of what a surge holds: signed while it lasts, without a challenge solved for it alone.

    A message that follows another of its mailbox ``window`` with it (a double click, the mail asked for again)
    stands for a signature that was judged with the first.
    """
    solved = _spend(messages)
    since = surge_start_times({message.pledge_id for message in messages}) if messages else {}
    found = [
        message
        for message in messages
        if message.pk not in solved and message.pledge_id in since and message.created_at >= since[message.pledge_id]
    ]
    screened = _screened_before(found, window)
    return {message.pk for message in found if mailbox_identity(message) not in screened}


def delay_for_surge(messages: list[OutboxMessage]) -> None:
    """Give ``messages`` back to be sent later, behind all others; they are nobody's afterwards."""
    if not messages:
        return
    OutboxMessage.objects.filter(pk__in=[message.pk for message in messages]).update(
        queue=MailQueue.SURGE,
        due_at=from_now(SURGE_DELAY),
        lease_until=None,
        lease_token=None,
        attempts=F("attempts") - 1,
    )
    for message in messages:
        message.queue, message.lease_token = MailQueue.SURGE, None


def delete_expired_challenges() -> int:
    """Drop what was spent and has ended, so that it would be refused anyway; return how many."""
    return SpentChallenge.objects.filter(until__lt=Now()).delete()[0]


def update_surges() -> int:
    """Begin and end the surges that nobody turned; return how many.

    A rush: more than ``SURGE_PER_HOUR`` signatures in this hour or the last, and more than ``SURGE_FACTOR`` times what
    the usual hour of the day before let through. It ends when neither hour is one any more.
    """
    now = start_of_hour(database_now())
    rushes = _rushes(now)
    known = set(Switch.objects.filter(name__startswith=AUTOMATIC).values_list("name", flat=True))
    begun = sum(_begin(pk, *rushes[pk]) for pk in rushes if f"{AUTOMATIC}{pk}" not in known)
    return begun + sum(_end(name) for name in known - {f"{AUTOMATIC}{pk}" for pk in rushes})


def _rushes(now: dt.datetime) -> dict[int, tuple[int, int]]:
    """Return how many signatures the hour brought, and how many are usual, of each pledge in a rush."""
    recent: dict[int, int] = defaultdict(int)
    many = LimitBucket.objects.filter(
        hour__gte=now - HOUR, network_key=ALL_KEY, count__gt=get_setting("SURGE_PER_HOUR")
    )
    for pledge_id, count in many.values_list("pledge_id", "count"):
        recent[pledge_id] = max(recent[pledge_id], count)
    usual = _usual(recent, now - HOUR)
    return {
        pk: (count, round(usual[pk])) for pk, count in recent.items() if count > get_setting("SURGE_FACTOR") * usual[pk]
    }


def _usual(pledge_ids: Iterable[int], end: dt.datetime) -> dict[int, float]:
    """Return what the median hour before ``end`` let through; an hour without a bucket had nobody."""
    # Buckets are kept for two UTC days
    first_kept = start_of_utc_day(utc_day(end + HOUR) - dt.timedelta(days=RETENTION_DAYS - 1))
    hours = [hour for back in range(1, USUAL_HOURS + 1) if (hour := end - back * HOUR) >= first_kept]
    ids = list(pledge_ids)
    rows = LimitBucket.objects.filter(pledge_id__in=ids, network_key=PASSED_KEY, hour__in=hours)
    counts = {(pledge_id, hour): count for pledge_id, hour, count in rows.values_list("pledge_id", "hour", "count")}
    return {pk: float(median(counts.get((pk, hour), 0) for hour in hours)) for pk in ids}


def surge_action() -> tuple[bool, str]:
    """Return whether a surge that nobody turned on holds what has no proof of work, and the words for the log."""
    holds = get_setting("SURGE_HOLDS")
    acts = is_proof_of_work_enabled() if holds is None else bool(holds)
    return acts, "what has no proof of work is held" if acts else "nothing is held; pledge_switch surge on would"


def _begin(pledge_id: int, count: int, usual: int) -> int:
    acts, what = surge_action()
    reason = f"{count} signatures in an hour, usually {usual}"
    if not insert_if_new(Switch(name=f"{AUTOMATIC}{pledge_id}", is_on=acts, reason=reason)):
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
CONFIRM_WINDOW: Final = dt.timedelta(hours=2)


def update_mail_quality() -> int:
    """Begin or end the doubt about the mail; return 1 if that changed, else 0.

    It begins where more than ``SURGE_UNCONFIRMED`` percent of the last 500 confirmation mails are unconfirmed after two
    hours, or more than ``SURGE_REFUSED`` percent were refused for good. While it lasts, all pledges are in a surge and
    a mailbox gets half as many mails. It ends when neither holds any more.
    """
    reason = _low_quality_reason()
    if reason:
        acts, what = surge_action()
        if not insert_if_new(Switch(name=MAIL_QUALITY, is_on=acts, reason=reason)):
            return 0
        logger.warning("the mail is in doubt, mailboxes get half as much: %s; %s", reason, what)
        return 1
    ended = Switch.objects.filter(name=MAIL_QUALITY).delete()[0]
    if ended:
        logger.warning("the mail is in doubt no more")
    return min(ended, 1)


def _low_quality_reason() -> str:
    """Return why the mail is in doubt, ``""`` if it is not; one query."""
    sample = list(_sampled_messages()[:SAMPLE])
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


def _sampled_messages() -> Any:
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
        created_at__lt=from_now(-CONFIRM_WINDOW),
    )
    return ended.order_by("-pk").values_list("state", Exists(unconfirmed))
