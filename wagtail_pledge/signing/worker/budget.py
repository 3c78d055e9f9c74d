"""Mail budgets of mailboxes: a mail is recorded before it is sent, so that workers never exceed a budget together."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction
from django.db.models import Exists, Q
from django.db.models.functions import Now

from wagtail_pledge.conf import get_setting
from wagtail_pledge.core.db import from_now, wait_for_lock
from wagtail_pledge.signing.enums import MessageKind
from wagtail_pledge.signing.models import MailSent, Switch
from wagtail_pledge.signing.services.switches import MAIL_DELAY

WINDOW: Final = dt.timedelta(hours=24)
#: Records of mails that the server has not answered are kept longer than any mail is retried.
KEEP_UNANSWERED: Final = dt.timedelta(hours=80)
#: The first mails to a mailbox are sent at once, the next one after ``MAIL_MIN_MINUTES``.
AT_ONCE: Final = 2
SENT: Final = "sent"
REFUSED: Final = "refused"
#: ``MailSent.kind`` of the record of a form; it has no mailbox, so it counts in no budget.
FORM: Final = "form"
_LOCK: Final = "mail budget"


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetRequest:
    """A mail that counts in the budget of its mailbox; ``job`` is the id of its row.

    ``budget_keys`` are ``addresses.all_budget_keys``: the mail is stored with the first one, which is the newest, and
    counts together with the mails that were stored with any of them.
    """

    job: Any
    kind: str
    budget_keys: tuple[bytes, ...]
    pledge_id: int
    network_key: bytes | None


def reserve(
    requests: Iterable[BudgetRequest], now: dt.datetime, *, is_quality_low: bool = False
) -> tuple[dict[Any, MailSent], dict[Any, dt.datetime]]:
    """Record the mails that may leave now; return ({job: record}, {job: when it may leave} of the others).

    A record of an earlier attempt for the same job is used again. The budget is halved while ``is_quality_low``.
    """
    wanted = list(requests)
    granted: dict[Any, MailSent] = {}
    refused: dict[Any, dt.datetime] = {}
    if not wanted:
        return granted, refused
    with transaction.atomic():
        wait_for_lock(_LOCK)
        history = _history(wanted, now)
        for request in wanted:
            mails = history[request.budget_keys[0]]
            record = next((mail for mail in mails if mail.job == request.job and not mail.outcome), None)
            at = now if record is not None else earliest(request, mails, now, is_quality_low=is_quality_low)
            if at > now:
                refused[request.job] = at
                continue
            granted[request.job] = record or _record(request, mails, now)
        new = [record for record in granted.values() if record._state.adding]
        MailSent.objects.bulk_create(new)
    return granted, refused


def _history(requests: list[BudgetRequest], now: dt.datetime) -> dict[bytes, list[MailSent]]:
    """Return the mails of each mailbox in the last 24 hours, oldest first, by the newest of its keys."""
    newest = {key: request.budget_keys[0] for request in requests for key in request.budget_keys}
    mails = MailSent.objects.filter(budget_key__in=list(newest), sent_at__gt=now - WINDOW).exclude(outcome=REFUSED)
    history: dict[bytes, list[MailSent]] = defaultdict(list)
    for mail in mails.order_by("sent_at", "pk"):
        history[newest[bytes(mail.budget_key)]].append(mail)
    return history


def _record(request: BudgetRequest, mails: list[MailSent], now: dt.datetime) -> MailSent:
    record = MailSent(
        budget_key=request.budget_keys[0],
        pledge_id=request.pledge_id,
        network_key=request.network_key,
        job=request.job,
        kind=request.kind,
        sent_at=now,
    )
    mails.append(record)
    return record


def earliest(
    request: BudgetRequest, mails: list[MailSent], now: dt.datetime, *, is_quality_low: bool = False
) -> dt.datetime:
    """Return when the budget allows a mail after ``mails`` (the mailbox's last 24 hours, oldest first).

    At most ``MAIL_PER_DAY`` over all pledges, ``MAIL_PER_PLEDGE`` for one, ``MAIL_PER_NETWORK`` caused by one network,
    and one reminder for one pledge.
    """
    share = 2 if is_quality_low else 1
    network = bytes(request.network_key or b"")
    groups = (
        (mails, max(1, get_setting("MAIL_PER_DAY") // share)),
        ([mail for mail in mails if mail.pledge_id == request.pledge_id], get_setting("MAIL_PER_PLEDGE")),
        (
            [mail for mail in mails if network and bytes(mail.network_key or b"") == network],
            get_setting("MAIL_PER_NETWORK"),
        ),
    )
    times = [group[-limit].sent_at + WINDOW for group, limit in groups if len(group) >= limit]
    if request.kind == MessageKind.REMINDER:
        of_pledge = [mail for mail in mails if mail.pledge_id == request.pledge_id]
        times += [mail.sent_at + WINDOW for mail in of_pledge if mail.kind == MessageKind.REMINDER]
    if len(mails) >= (AT_ONCE if share == 1 else 1):
        times.append(mails[-1].sent_at + dt.timedelta(minutes=get_setting("MAIL_MIN_MINUTES") * share))
    latest: dt.datetime = max([now, *times])
    return latest


def record_outcome(record: MailSent, outcome: str) -> None:
    """Record the mail server's answer."""
    MailSent.objects.filter(pk=record.pk).update(outcome=outcome, sent_at=Now())


def delete_expired_mail_records() -> int:
    """Delete records that no budget needs any more; return how many. While mail is delayed, those of forms are kept."""
    is_kept = Q(kind=FORM) & Exists(Switch.objects.filter(name=MAIL_DELAY))
    answered = ~Q(outcome="") & Q(sent_at__lt=from_now(-WINDOW)) & ~is_kept
    return MailSent.objects.filter(answered | Q(sent_at__lt=from_now(-KEEP_UNANSWERED))).delete()[0]
