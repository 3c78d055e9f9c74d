"""Surges: unusually many signatures, or too many confirmation mails that nobody answers.

This module holds signatures without proof of work, postpones their mail, and begins and ends automatic surges.
"""

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
from wagtail_pledge.signing.abuse.proof_of_work import is_proof_of_work_enabled
from wagtail_pledge.signing.abuse.signals import proof_in
from wagtail_pledge.signing.enums import MailQueue, MessageKind, OutboxState, SignatureState
from wagtail_pledge.signing.models import LimitBucket, OutboxMessage, SpentChallenge, Switch, get_signature_model
from wagtail_pledge.signing.services.switches import AUTOMATIC, MAIL_QUALITY, surge_start_times
from wagtail_pledge.signing.worker.rate_limits import ALL_KEY, PASSED_KEY, start_of_hour

logger = logging.getLogger(__name__)

SURGE_DELAY: Final = dt.timedelta(minutes=15)
HOUR: Final = dt.timedelta(hours=1)
#: The usual number of signatures is the median of this many hours.
USUAL_HOURS: Final = 24

Mailbox = tuple[int, bytes, bytes]


def mailbox_identity(message: OutboxMessage) -> Mailbox:
    """Return the key that messages of the same signature have in common."""
    return message.signer_type_id, bytes(message.mailbox_key or b""), bytes(message.seat)


def _spend_challenges(messages: Iterable[OutboxMessage]) -> set[int]:
    """Record the challenges that ``messages`` solved; return the ids of the messages whose challenge was unused."""
    proofs = [(proof, message) for message in messages if (proof := proof_in(message.signals))]
    # Always in the same order, so that two workers never deadlock; a reused challenge counts for the first signature
    proofs.sort(key=lambda pair: (pair[0].challenge, pair[1].created_at, pair[1].pk))
    return {
        message.pk
        for proof, message in proofs
        if insert_if_new(
            SpentChallenge(challenge=proof.challenge, until=dt.datetime.fromtimestamp(proof.until, dt.UTC))
        )
    }


def _screened_before(messages: list[OutboxMessage], window: dt.timedelta) -> set[Mailbox]:
    """Return the mailboxes of which a message from about the same time was screened in an earlier batch."""
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
    """Return the ids of the messages that a surge holds: signed during the surge, without a challenge of their own.

    A message that follows another one of the same mailbox within ``window`` (a double click, a mail requested again)
    belongs to a signature that was already screened with the first.
    """
    solved = _spend_challenges(messages)
    since = surge_start_times({message.pledge_id for message in messages}) if messages else {}
    unproven = [
        message
        for message in messages
        if message.pk not in solved and message.pledge_id in since and message.created_at >= since[message.pledge_id]
    ]
    screened = _screened_before(unproven, window)
    return {message.pk for message in unproven if mailbox_identity(message) not in screened}


def delay_for_surge(messages: list[OutboxMessage]) -> None:
    """Release the leases of ``messages`` and postpone them, behind all others. The instances are updated too."""
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
    """Delete spent challenges that have expired (they are refused anyway); return how many."""
    return SpentChallenge.objects.filter(until__lt=Now()).delete()[0]


def update_surges() -> int:
    """Begin and end automatic surges; return how many began or ended.

    A surge begins when this or the last hour has more than ``SURGE_PER_HOUR`` signatures, and more than
    ``SURGE_FACTOR`` times the usual number (without held ones). It ends when neither hour does any more.
    """
    now = start_of_hour(database_now())
    surging = _surging_pledges(now)
    existing = set(Switch.objects.filter(name__startswith=AUTOMATIC).values_list("name", flat=True))
    begun = sum(_begin_surge(pk, *surging[pk]) for pk in surging if f"{AUTOMATIC}{pk}" not in existing)
    return begun + sum(_end_surge(name) for name in existing - {f"{AUTOMATIC}{pk}" for pk in surging})


def _surging_pledges(now: dt.datetime) -> dict[int, tuple[int, int]]:
    """Return (signatures in the hour, usual signatures) of each pledge above the limits, by primary key."""
    recent: dict[int, int] = defaultdict(int)
    busy = LimitBucket.objects.filter(
        hour__gte=now - HOUR, network_key=ALL_KEY, count__gt=get_setting("SURGE_PER_HOUR")
    )
    for pledge_id, count in busy.values_list("pledge_id", "count"):
        recent[pledge_id] = max(recent[pledge_id], count)
    usual = _usual_counts(recent, now - HOUR)
    return {
        pk: (count, round(usual[pk])) for pk, count in recent.items() if count > get_setting("SURGE_FACTOR") * usual[pk]
    }


def _usual_counts(pledge_ids: Iterable[int], end: dt.datetime) -> dict[int, float]:
    """Return the median number of signatures per hour before ``end``, without held ones, by pledge.

    An hour without a bucket counts as 0.
    """
    # Buckets are kept for two UTC days
    first_kept = start_of_utc_day(utc_day(end + HOUR) - dt.timedelta(days=RETENTION_DAYS - 1))
    hours = [hour for back in range(1, USUAL_HOURS + 1) if (hour := end - back * HOUR) >= first_kept]
    ids = list(pledge_ids)
    rows = LimitBucket.objects.filter(pledge_id__in=ids, network_key=PASSED_KEY, hour__in=hours)
    counts = {(pledge_id, hour): count for pledge_id, hour, count in rows.values_list("pledge_id", "hour", "count")}
    return {pk: float(median(counts.get((pk, hour), 0) for hour in hours)) for pk in ids}


def _surge_action() -> tuple[bool, str]:
    """Return whether an automatic surge holds signatures without proof of work, and a description for the log."""
    setting = get_setting("SURGE_HOLDS")
    if is_proof_of_work_enabled() if setting is None else bool(setting):
        return True, "signatures without proof of work are held"
    return False, "nothing is held; run pledge_switch surge on to hold signatures"


def _begin_surge(pledge_id: int, count: int, usual: int) -> int:
    holds, action = _surge_action()
    reason = f"{count} signatures in an hour, usually {usual}"
    if not insert_if_new(Switch(name=f"{AUTOMATIC}{pledge_id}", is_on=holds, reason=reason)):
        return 0  # another worker was first, and has logged it
    logger.warning("surge of pledge %s: %s; %s", pledge_id, reason, action)
    return 1


def _end_surge(name: str) -> int:
    ended = Switch.objects.filter(name=name).delete()[0]
    if ended:
        logger.warning("the surge of pledge %s is over", name.removeprefix(AUTOMATIC))
    return ended


#: Number of confirmation mails, over all pledges, that are examined; fewer are too few to judge.
SAMPLE: Final = 500
#: Most people who confirm at all do so within this time.
CONFIRM_WINDOW: Final = dt.timedelta(hours=2)


def update_mail_quality() -> int:
    """Detect subscription bombing; return 1 if the result changed, else 0.

    Mail quality is low when more than ``SURGE_UNCONFIRMED`` percent of the last 500 confirmation mails are unconfirmed
    after two hours, or more than ``SURGE_REFUSED`` percent were refused permanently: strangers' addresses are being
    entered. While it is low, all pledges are in a surge and the mail budget of each mailbox is halved.
    """
    reason = _low_quality_reason()
    if reason:
        holds, action = _surge_action()
        if not insert_if_new(Switch(name=MAIL_QUALITY, is_on=holds, reason=reason)):
            return 0
        logger.warning("mail quality is low, mail budgets are halved: %s; %s", reason, action)
        return 1
    ended = Switch.objects.filter(name=MAIL_QUALITY).delete()[0]
    if ended:
        logger.warning("mail quality is normal again")
    return min(ended, 1)


def _low_quality_reason() -> str:
    """Return why mail quality is low, ``""`` if it is not; one query."""
    sample = list(_sampled_messages()[:SAMPLE])
    if len(sample) < SAMPLE:
        return ""
    unconfirmed = sum(is_open for state, is_open in sample if state == OutboxState.SENT)
    refused = sum(state == OutboxState.UNDELIVERABLE for state, _is_open in sample)
    for count, setting, outcome in (
        (unconfirmed, "SURGE_UNCONFIRMED", "unconfirmed after two hours"),
        (refused, "SURGE_REFUSED", "refused"),
    ):
        limit = get_setting(setting)
        if limit is not None and count * 100 > limit * SAMPLE:
            return f"{count} of the last {SAMPLE} confirmation mails {outcome}"
    return ""


def _sampled_messages() -> Any:
    """Return (state, whether the signature is still unconfirmed) of confirmation mails, newest first."""
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
