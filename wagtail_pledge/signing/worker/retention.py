"""Deletes the data of submissions in time: networks after two days, payloads at the end, rows a day later."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any, Final

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from wagtail_pledge.conf import get_setting
from wagtail_pledge.core.db import database_now, from_now, utc_day
from wagtail_pledge.signing.enums import MailQueue, SubmissionEnd
from wagtail_pledge.signing.models import LinkRequest, Submission, SubmissionOutcome
from wagtail_pledge.signing.stamps import longest_reach

BATCH: Final = 500
#: The hash of a network is kept this long, except for a submission whose mail still waits.
KEEP_NETWORK: Final = dt.timedelta(days=2)
#: A row without its payload is kept this long after the last day for confirming, so that its id is not used again.
KEEP_STUB: Final = dt.timedelta(days=1)
#: Outcomes in the daily numbers that are no reason of an end.
MOVED: Final = "moved"
UNMAILED: Final = "unmailed"
_EMPTY: Final[dict[str, Any]] = {
    "payload": b"",
    "mailbox_key": b"",
    "seat": b"",
    "network_key": None,
    "signals": "",
}
_IDLE: Final[dict[str, Any]] = {"queue": MailQueue.NO_MAIL, "lease_until": None, "lease_token": None}


def expires_at(submission: Submission) -> dt.datetime:
    """Return when an unconfirmed submission loses its data."""
    return submission.submitted_at + dt.timedelta(days=get_setting("CONFIRM_DAYS"))


def next_deletion(submission: Submission, now: dt.datetime) -> dt.datetime:
    """Return when something of the submission is to be deleted next; for one that no mail is due for."""
    if submission.end_reason == SubmissionEnd.CONFIRMED and submission.ended_at is not None:
        return submission.ended_at + longest_reach()
    if submission.ended_at is not None or submission.moved_to is not None:
        return min((submission.ended_at or now) + longest_reach(), expires_at(submission))
    if submission.network_key or submission.signals:
        return min(submission.created_at + KEEP_NETWORK, expires_at(submission))
    return expires_at(submission)


def delete_expired_submissions() -> int:
    """Delete what is due for deletion; return how many rows changed."""
    total = 0
    while changed := _delete_batch():
        total += changed
    return total + LinkRequest.objects.filter(created_at__lt=from_now(-dt.timedelta(days=3))).delete()[0]


def _delete_batch() -> int:
    now = database_now()
    oldest = now - dt.timedelta(days=get_setting("CONFIRM_DAYS"))
    idle = Q(queue=MailQueue.NO_MAIL, due_at__lte=now)
    too_old = Q(submitted_at__lte=oldest) | (Q(ended_at__lte=now - longest_reach()) & ~Q(payload=b""))
    waiting = Q(queue__lt=MailQueue.NO_MAIL) & too_old
    with transaction.atomic():
        rows = Submission.objects.filter(idle | waiting).with_statement().select_for_update(skip_locked=True)
        batch = list(rows.defer("payload").annotate(has_payload=~Q(payload=b"")).order_by("pk")[:BATCH])
        folded: Counter[tuple[int, dt.date, str]] = Counter()
        for row in batch:
            if not row.has_statement:
                row.delete()
            elif not row.has_payload:
                _delete_or_keep(row, now)
            elif row.ended_at is None and row.moved_to is None and expires_at(row) > now:
                _forget_network(row)
            else:
                folded[row.pledge_id, utc_day(row.submitted_at), _empty(row, now)] += 1
        _fold(folded)
    return len(batch)


def _delete_or_keep(row: Submission, now: dt.datetime) -> None:
    end = expires_at(row) + KEEP_STUB
    if end <= now:
        row.delete()
    else:
        # A mail may have been asked for in the moment in which the payload was deleted
        Submission.objects.filter(pk=row.pk).update(due_at=end, queue=MailQueue.NO_MAIL)


def _forget_network(row: Submission) -> None:
    Submission.objects.filter(pk=row.pk).update(network_key=None, signals="", due_at=expires_at(row))


def _empty(row: Submission, now: dt.datetime) -> str:
    """Delete the payload of ``row`` and end it if it was open; return its outcome for the daily numbers.

    One that had ended keeps its turn in a queue.
    """
    ended: dict[str, Any] = {}
    if row.ended_at is None and row.moved_to is None:
        ended = {"ended_at": Now(), "end_reason": SubmissionEnd.EXPIRED}
    keeps_turn = row.queue != MailQueue.NO_MAIL and expires_at(row) > now
    idle = {} if keeps_turn else {**_IDLE, "due_at": max(expires_at(row) + KEEP_STUB, now)}
    Submission.objects.filter(pk=row.pk).update(**_EMPTY, **ended, **idle)
    if row.moved_to is not None and not row.end_reason:
        return MOVED
    if row.mailed_at is None and row.end_reason != SubmissionEnd.CONFIRMED:
        return UNMAILED
    return row.end_reason or SubmissionEnd.EXPIRED.value


def _fold(outcomes: Counter[tuple[int, dt.date, str]]) -> None:
    for (pledge_id, day, outcome), number in sorted(outcomes.items()):
        key = {"pledge_id": pledge_id, "day": day, "outcome": outcome}
        _row, is_new = SubmissionOutcome.objects.get_or_create(**key, defaults={"count": number})
        if not is_new:
            SubmissionOutcome.objects.filter(**key).update(count=F("count") + number)
