"""Leases of rows that a mail is due for: a leased row belongs to one worker for a minute."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any, Final, TypeVar

from django.db import transaction
from django.db.models import F

from wagtail_pledge.core.db import from_now
from wagtail_pledge.signing.enums import MailQueue
from wagtail_pledge.signing.models.due import DueMail

Job = TypeVar("Job", bound=DueMail)

LEASE: Final = dt.timedelta(seconds=60)
BATCH: Final = 20
#: The order does not depend on where the database has stored a row: changing one moves it.
_ORDER: Final = ("due_at", "created_at", "pk")
#: The queues with mail, the most urgent first. One query each: so that a queue of a million waiting rows costs nothing.
QUEUES: Final = (MailQueue.CLOSING, MailQueue.SIGNERS, MailQueue.DECISIONS, MailQueue.REMINDERS, MailQueue.SURGE)


def lease(model: type[Job], limit: int = BATCH, *, paused: Sequence[int] = ()) -> list[Job]:
    """Lease up to ``limit`` due rows of ``model`` for a minute; no other worker gets them during that time."""
    token, rows = uuid.uuid4(), model._default_manager
    with transaction.atomic():
        chosen: list[Any] = []
        for queue in QUEUES:
            if len(chosen) < limit and queue not in paused:
                due: Any = rows.all()
                due = due.due().filter(queue=queue).order_by(*_ORDER).select_for_update(skip_locked=True)
                chosen += due.values_list("pk", flat=True)[: limit - len(chosen)]
        if not chosen:
            return []
        rows.filter(pk__in=chosen).update(lease_until=from_now(LEASE), lease_token=token, attempts=F("attempts") + 1)
    mine: Any = rows.filter(lease_token=token)
    return list(mine.order_by("queue", *_ORDER))


def renew(jobs: Sequence[Job]) -> list[Job]:
    """Extend the lease of rows that were leased together; return those that no other worker has leased since.

    So that a slow mail server makes no lease end while its worker is alive. A row that somebody else is changing is
    released: waiting for it could block both, since others change several in another order.
    """
    if not jobs:
        return []
    rows = type(jobs[0])._default_manager
    mine = rows.filter(pk__in=[job.pk for job in jobs], lease_token=jobs[0].lease_token)
    with transaction.atomic():
        kept = set(mine.select_for_update(skip_locked=True).values_list("pk", flat=True))
        rows.filter(pk__in=kept).update(lease_until=from_now(LEASE))
    for job in jobs:
        if job.pk not in kept:
            release(job)
    return [job for job in jobs if job.pk in kept]


def leased(job: DueMail) -> Any:
    """Return a queryset of the row, empty if another worker has leased it since."""
    return type(job)._default_manager.filter(pk=job.pk, lease_token=job.lease_token)


def postpone(job: DueMail, until: Any, code: str, **columns: Any) -> None:
    """Release the lease; the mail is due again at ``until``, a time or an expression."""
    leased(job).update(due_at=until, last_code=code[:60], lease_until=None, lease_token=None, **columns)


def release(job: DueMail) -> None:
    """Undo the lease of a row that was not attempted."""
    leased(job).update(lease_until=None, lease_token=None, attempts=F("attempts") - 1)
