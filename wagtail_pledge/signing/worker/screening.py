"""Automatic checks of new submissions before their mail is sent: abuse signals, surges, rate limits, network places.

The signer of a held submission gets the same mail and the same pages; once confirmed, the signature is not counted
until an editor releases it.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any, Final

from django.db import transaction
from django.db.models.functions import Now

from wagtail_pledge.conf import get_setting
from wagtail_pledge.signing.abuse.signals import signal_codes_in
from wagtail_pledge.signing.enums import MailQueue, Review
from wagtail_pledge.signing.models import LinkRequest, Submission
from wagtail_pledge.signing.services.switches import SURGE
from wagtail_pledge.signing.worker.event_links import take_quota
from wagtail_pledge.signing.worker.places import take_places
from wagtail_pledge.signing.worker.queue import postpone, release
from wagtail_pledge.signing.worker.rate_limits import RateLimits
from wagtail_pledge.signing.worker.surge import SURGE_DELAY, record_forms, solved_proofs, without_proof_of_work

_REASON_CHARS: Final = 60


def _claim(submissions: list[Submission], busy: list[Submission]) -> list[Submission]:
    """Mark the submissions that were not screened yet, and return them in the order of signing.

    A form that was stored while its campaign was deleted gets no mail and counts nowhere. One that somebody else is
    changing is put in ``busy``: waiting for it could block both, since others change several in another order.
    """
    new = [submission.pk for submission in submissions if submission.screened_at is None]
    if not new:
        return []
    rows = Submission.objects.select_for_update(skip_locked=True).filter(pk__in=new).with_statement()
    free = {pk: is_new for pk, *is_new in rows.values_list("pk", "screened_at", "has_statement")}
    busy += [submission for submission in submissions if submission.pk in new and submission.pk not in free]
    claimed = {pk for pk, (screened_at, has_statement) in free.items() if screened_at is None and has_statement}
    Submission.objects.filter(pk__in=claimed).update(screened_at=Now())
    chosen = (submission for submission in submissions if submission.pk in claimed)
    return sorted(chosen, key=lambda submission: (submission.created_at, submission.pk))


def screen(submissions: list[Submission], now: dt.datetime) -> int:
    """Screen the leased ``submissions`` and hold those that fail; return how many were held.

    A submission is screened once, however often its delivery is attempted. A few queries per batch, in one transaction.
    Those that have to wait are postponed, and lose their lease.
    """
    busy: list[Submission] = []
    with transaction.atomic():
        claimed = _claim(submissions, busy)
        solved = solved_proofs(claimed)
        unproven = without_proof_of_work(claimed, solved)
        rate_limits = RateLimits(claimed)
        reasons = {submission.pk: _screen_one(submission, unproven, rate_limits) for submission in claimed}
        rate_limits.store()
        _hold(claimed, reasons)
        _delay(claimed, reasons, solved, now)
    for submission in busy:
        release(submission)
        submission.lease_token = None
    return sum(bool(reason) for reason in reasons.values())


def _screen_one(submission: Submission, unproven: set[Any], rate_limits: RateLimits) -> str:
    """Count ``submission`` and return the reason to hold it, ``""`` if there is none."""
    codes = signal_codes_in(submission.signals)
    reason = codes[0] if codes else SURGE if submission.pk in unproven else rate_limits.exceeded(submission)
    rate_limits.count(submission, passed=not reason)
    return reason


def _hold(claimed: list[Submission], reasons: dict[Any, str]) -> None:
    by_reason: dict[str, list[Any]] = defaultdict(list)
    for submission in claimed:
        if reason := reasons[submission.pk]:
            by_reason[reason].append(submission.pk)
            submission.review, submission.review_reason = Review.NEEDS_REVIEW, reason
    for reason, rows in by_reason.items():
        Submission.objects.filter(pk__in=rows).update(review=Review.NEEDS_REVIEW, review_reason=reason[:_REASON_CHARS])


def _delay(claimed: list[Submission], reasons: dict[Any, str], solved: set[Any], now: dt.datetime) -> None:
    """Postpone the mail of submissions without a free place, and of those that a surge holds, behind all others."""
    oldest = _oldest(now)
    unproven = [one for one in claimed if one.submitted_at > oldest and (one.moves or one.pk not in solved)]
    free = take_quota(unproven)
    places = take_places([one for one in unproven if one.pk not in free], now)
    times = {one.pk: places.get(one.pk, now) for one in claimed}
    times |= {pk: max(times[pk], now + SURGE_DELAY) for pk in times if reasons[pk] == SURGE}
    record_forms((submission, times[submission.pk]) for submission in claimed)
    for submission in claimed:
        at = times[submission.pk]
        queue = MailQueue.SURGE if reasons[submission.pk] == SURGE else MailQueue.SIGNERS
        # One that was corrected meanwhile gets no mail. One that was ended has to wait like any other for its turn
        if at > now and submission.moved_to is None:
            _postpone(submission, at, queue)


def _oldest(now: dt.datetime) -> dt.datetime:
    """Return the time before which a form gets no mail any more, so that its network takes no place either.

    Its data is about to be deleted: a new place would keep the hash of the network.
    """
    return now - dt.timedelta(days=get_setting("CONFIRM_DAYS"))


def screen_link_requests(requests: list[LinkRequest], now: dt.datetime) -> None:
    """Give the leased ``requests`` a place of their network; those that have to wait lose their lease."""
    with transaction.atomic():
        new = [request.pk for request in requests if request.screened_at is None]
        unscreened = LinkRequest.objects.select_for_update().filter(pk__in=new, screened_at__isnull=True)
        claimed = set(unscreened.values_list("pk", flat=True)) if new else set()
        if not claimed:
            return
        LinkRequest.objects.filter(pk__in=claimed).update(screened_at=Now())
        oldest = _oldest(now)
        mailed = [request for request in requests if request.pk in claimed and request.created_at > oldest]
        places = take_places(mailed, now)
        for request in requests:
            if places.get(request.pk, now) > now:
                _postpone(request, places[request.pk], MailQueue.SIGNERS)


def _postpone(job: Any, at: dt.datetime, queue: int) -> None:
    """Release the lease of ``job``; the instance is updated too."""
    postpone(job, at, "", queue=queue, attempts=max(job.attempts - 1, 0))
    job.lease_token, job.queue, job.due_at = None, queue, at
