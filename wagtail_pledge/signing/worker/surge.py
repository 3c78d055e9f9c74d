"""Surges: unusually many signatures, or too many forms that nobody confirms.

This module holds signatures without proof of work, postpones their mail, and begins and ends automatic surges.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections import defaultdict
from collections.abc import Iterable
from statistics import median
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, Q, Value
from django.db.models.functions import Now

from wagtail_pledge.conf import get_setting
from wagtail_pledge.core.db import (
    database_now,
    from_now,
    insert_if_new,
    insert_or_ignore,
    start_of_utc_day,
    utc_day,
)
from wagtail_pledge.signing.abuse.networks import RETENTION_DAYS
from wagtail_pledge.signing.abuse.proof_of_work import Proof, is_proof_of_work_enabled
from wagtail_pledge.signing.abuse.signals import proof_in
from wagtail_pledge.signing.enums import MailQueue, SubmissionEnd
from wagtail_pledge.signing.models import (
    LimitBucket,
    MailQueueState,
    MailSent,
    Pledge,
    SpentChallenge,
    Submission,
    Switch,
)
from wagtail_pledge.signing.services.switches import AUTOMATIC, MAIL, MAIL_DELAY, MAIL_QUALITY, surge_start_times
from wagtail_pledge.signing.worker.budget import FORM, REFUSED
from wagtail_pledge.signing.worker.rate_limits import ALL_KEY, PASSED_KEY, start_of_hour

logger = logging.getLogger(__name__)

SURGE_DELAY: Final = dt.timedelta(minutes=15)
HOUR: Final = dt.timedelta(hours=1)
#: The usual number of signatures is the median of this many hours.
USUAL_HOURS: Final = 24


def solved_proofs(submissions: Iterable[Submission]) -> set[UUID]:
    """Record the challenges that ``submissions`` solved; return the ids of those whose challenge was theirs to use.

    A challenge belongs to the first submission that used it, and moves with it when the address is corrected.
    """
    proofs = [(proof, submission) for submission in submissions if (proof := proof_in(submission.signals))]
    # Always in the same order, so that two workers never deadlock
    proofs.sort(key=lambda pair: (pair[0].challenge, pair[1].created_at, pair[1].pk))
    return {submission.pk for proof, submission in proofs if _spend(proof, submission)}


def _spend(proof: Proof, submission: Submission) -> bool:
    until = dt.datetime.fromtimestamp(proof.until, dt.UTC)
    if insert_if_new(SpentChallenge(challenge=proof.challenge, until=until, submission=submission.pk)):
        return True
    if submission.moved_from is None:
        return False
    before = SpentChallenge.objects.filter(challenge=proof.challenge, submission=submission.moved_from)
    return bool(before.update(submission=submission.pk))


def without_proof_of_work(submissions: list[Submission], solved: set[UUID]) -> set[UUID]:
    """Return the ids of the submissions that a surge holds: sent during the surge, without a challenge of their own."""
    since = surge_start_times({submission.pledge_id for submission in submissions}) if submissions else {}
    return {
        submission.pk
        for submission in submissions
        if submission.pk not in solved
        and submission.pledge_id in since
        and submission.submitted_at >= since[submission.pledge_id]
    }


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


#: Number of forms, over all pledges, that are examined; fewer are too few to judge.
SAMPLE: Final = 500
#: Most people who confirm at all do so within this time.
CONFIRM_WINDOW: Final = dt.timedelta(hours=2)
#: Mail is late when it could have left this long ago.
OVERDUE: Final = dt.timedelta(hours=1)
#: ``MailSent.outcome`` of the record of a form.
SCREENED: Final = "screened"


def record_forms(forms: Iterable[tuple[Submission, dt.datetime]]) -> None:
    """Record screened submissions for :func:`update_mail_quality`, with the time when the mail of each may leave.

    Each counts once, whoever it names and whatever becomes of its mail: a sample of mails would lack the forms that
    name a mailbox which gets no mail any more, and so tell strangers about it.
    """
    MailSent.objects.bulk_create(
        MailSent(budget_key=b"", pledge_id=form.pledge_id, job=form.pk, kind=FORM, outcome=SCREENED, sent_at=at)
        for form, at in forms
    )


def update_mail_quality() -> int:
    """Detect subscription bombing; return 1 if the result changed, else 0.

    Mail quality is low when more than ``SURGE_UNCONFIRMED`` percent of the last 500 forms are unconfirmed two hours
    after their mail could leave, or the mails of more than ``SURGE_REFUSED`` percent were refused permanently:
    strangers' addresses are being entered. While it is low, all pledges are in a surge and the mail budget of each
    mailbox is halved. While mail is paused or overdue nothing is judged, and the two hours of the forms that wait begin
    again.
    """
    state = _mail_state()
    if state - {MAIL_QUALITY, MAIL_DELAY}:
        if MAIL_DELAY not in state:
            insert_or_ignore(Switch(name=MAIL_DELAY))
        return 0
    if MAIL_DELAY in state:
        _end_delay()
    is_low = MAIL_QUALITY in state
    reason = _low_quality_reason()
    if reason:
        holds, action = _surge_action()
        if not insert_if_new(Switch(name=MAIL_QUALITY, is_on=holds, reason=reason)):
            return 0
        logger.warning("mail quality is low, mail budgets are halved: %s; %s", reason, action)
        return 1
    if not is_low or not Switch.objects.filter(name=MAIL_QUALITY).delete()[0]:
        return 0
    logger.warning("mail quality is normal again")
    return 1


def _end_delay() -> None:
    """Let the two hours begin again of the forms whose mail could have left during the delay or two hours before it.

    Once, at its end: there may be very many. Those that wait for a place or in a surge have a time in the future, and
    keep it.
    """
    with transaction.atomic():
        began = Switch.objects.filter(name=MAIL_DELAY).values_list("changed_at", flat=True).first()
        if began is not None and Switch.objects.filter(name=MAIL_DELAY).delete()[0]:
            _forms().filter(sent_at__range=(began - CONFIRM_WINDOW, Now())).update(sent_at=Now())


def _mail_state() -> set[str]:
    """Return ``MAIL_QUALITY`` if it was low, ``MAIL_DELAY`` if mail was delayed, and why it is delayed now; one query.

    Mail is delayed while staff or failures of the mail server pause it, and while a form whose mail may leave has
    waited for the worker for an hour. One that waits for a place of its network delays nothing: its sender could keep
    it waiting, and its mailbox's owner could end it.
    """
    known = Q(name__in=(MAIL_QUALITY, MAIL_DELAY)) | Q(name=MAIL, is_on=True)
    paused = MailQueueState.objects.filter(paused_until__gt=Now())
    overdue = Submission.objects.due().filter(queue__lte=MailQueue.SIGNERS, due_at__lt=from_now(-HOUR))
    # Some rows of a short table: a union of the overdue forms would read all of them
    late = Pledge.objects.filter(Exists(overdue)).order_by()
    reasons = [
        rows.annotate(name=Value(name, output_field=CharField())).values_list("name")
        for rows, name in ((paused, "paused"), (late, "overdue"))
    ]
    return {name for (name,) in Switch.objects.filter(known).values_list("name").union(*reasons)}


def _forms() -> Any:
    """Return the records of forms. The empty key is for the index."""
    return MailSent.objects.filter(budget_key=b"", kind=FORM)


def _low_quality_reason() -> str:
    """Return why mail quality is low, ``""`` if it is not; two queries."""
    sample = list(_sampled_forms()[:SAMPLE])
    if len(sample) < SAMPLE:
        return ""
    # A mail is recorded after its form
    mails = MailSent.objects.filter(pk__gt=sample[-1].pk, job__in=[form.job for form in sample], outcome=REFUSED)
    refused = set(mails.values_list("job", flat=True))
    unconfirmed = [form for form in sample if not form.is_confirmed and form.job not in refused]
    for count, setting, outcome in (
        (len(unconfirmed), "SURGE_UNCONFIRMED", "unconfirmed after two hours"),
        (len(refused), "SURGE_REFUSED", "refused by the mail server"),
    ):
        limit = get_setting(setting)
        if limit is not None and count * 100 > limit * SAMPLE:
            return f"{count} of the last {SAMPLE} forms {outcome}"
    return ""


def _sampled_forms() -> Any:
    """Return the records of the last day's forms, newest first, with ``is_confirmed``.

    One whose address was corrected counts with the new address only. One that another form of the mailbox superseded
    is not confirmed: whoever sent it could learn that its owner has signed.
    """
    submission = Submission.objects.filter(pk=OuterRef("job"))
    forms = _forms().filter(sent_at__lt=from_now(-CONFIRM_WINDOW))
    forms = forms.exclude(Exists(submission.filter(moved_to__isnull=False)))
    confirmed = submission.filter(end_reason=SubmissionEnd.CONFIRMED)
    return forms.annotate(is_confirmed=Exists(confirmed)).order_by("-pk")
