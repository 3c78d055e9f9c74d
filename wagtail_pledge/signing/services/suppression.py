"""Suppressed mailboxes: after "This was not me", a mailbox gets no mail for ``SUPPRESS_DAYS``, unless it is undone."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from wagtail_pledge.conf import get_setting
from wagtail_pledge.core.crypto import TokenSubject, make_token, read_token
from wagtail_pledge.core.db import database_now
from wagtail_pledge.signing.addresses import AddressRefused, all_budget_keys, budget_key
from wagtail_pledge.signing.enums import MailQueue, MessageKind, SubmissionEnd
from wagtail_pledge.signing.models import Pledge, Submission, Suppression
from wagtail_pledge.signing.services.confirming import end_columns, lock_mailbox
from wagtail_pledge.signing.services.signing import all_mailbox_keys

#: Purpose of the token behind the "This was not me" link in confirmation mails.
NOT_ME: Final = "not_me"
#: Purpose of the token that lifts a suppression again.
UNDO: Final = "undo"


def suppress(address: str) -> Suppression:
    """Suppress the mailbox of ``address``, in any spelling, for ``SUPPRESS_DAYS``. Raises ``AddressRefused``."""
    return _suppress(address)[0]


def _suppress(address: str) -> tuple[Suppression, bool]:
    """Return the suppression, and whether there was none before."""
    until = database_now() + dt.timedelta(days=get_setting("SUPPRESS_DAYS"))
    return Suppression.objects.update_or_create(budget_key=budget_key(address), defaults={"until": until})


def stop_mail(submission: Submission, address: str) -> Suppression:
    """Suppress the mailbox of ``address`` and end its open submissions; one last mail has the link to undo it.

    ``submission`` is the one that the link was for. Undoing revives none of the submissions. Stopping after an undo is
    told again, since the link of the earlier mail undoes nothing more.
    """
    with transaction.atomic():
        row, is_new = _suppress(address)
        for pledge in Pledge.objects.order_by("pk"):
            lock_mailbox(pledge, address)
            mine = Submission.objects.open().of_mailbox(pledge.pk, all_mailbox_keys(pledge, address))
            mine.update(**end_columns(SubmissionEnd.NOT_ME))
        last = {"mail": MessageKind.STOPPED, "queue": MailQueue.SIGNERS, "due_at": Now()}
        told = Q(mail=MessageKind.STOPPED) | Q(last_mail=MessageKind.STOPPED)
        rows = Submission.objects.filter(pk=submission.pk)
        (rows if is_new else rows.exclude(told)).update(**last)
    return row


def suppression_of(address: str, now: dt.datetime) -> Suppression | None:
    """Return the suppression of the mailbox at ``now``, under any listed dedup key. Raises ``AddressRefused``."""
    keys = all_budget_keys(address)
    row: Suppression | None = Suppression.objects.filter(budget_key__in=keys, until__gt=now).first()
    return row


def is_suppressed(address: str, now: dt.datetime) -> bool:
    """Whether the mailbox is suppressed at ``now``, under any listed dedup key. Raises ``AddressRefused``."""
    return suppression_of(address, now) is not None


def undo_token(suppression: Suppression, pledge_id: int) -> str:
    """Return the token of the link that lifts ``suppression``; ``pledge_id`` is the pledge to lead back to."""
    return make_token(UNDO, TokenSubject(pledge_id=pledge_id, uuid=suppression.uuid, epoch=0))


def read_undo_token(token: str) -> tuple[TokenSubject, Suppression | None] | None:
    """Return the token's content and its suppression, if it still exists; ``None`` for an invalid token."""
    subject = read_token(UNDO, token)
    return (subject, Suppression.objects.filter(uuid=subject.uuid).first()) if subject is not None else None


def undo(suppression: Suppression) -> None:
    """Lift the suppression: the mailbox can get mail again. Submissions that ended stay ended."""
    Suppression.objects.filter(pk=suppression.pk).delete()


def suppressed_addresses(addresses: Iterable[str], now: dt.datetime) -> set[str]:
    """Return those of ``addresses`` whose mailbox is suppressed at ``now``; ignores invalid ones. One query."""
    by_key: dict[bytes, set[str]] = defaultdict(set)
    for address in addresses:
        with contextlib.suppress(AddressRefused):
            for key in all_budget_keys(address):
                by_key[key].add(address)
    suppressed = Suppression.objects.filter(budget_key__in=list(by_key), until__gt=now)
    return {address for key in suppressed.values_list("budget_key", flat=True) for address in by_key[bytes(key)]}
