"""Querysets of the ledger: each filter by state has a name here, so that no other code filters by state."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any, Final, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from wagtail_pledge.core.db import from_now
from wagtail_pledge.core.errors import PledgeError
from wagtail_pledge.signing.enums import (
    Approval,
    MailQueue,
    OutboxReason,
    OutboxState,
    PledgeState,
    Review,
    SignatureState,
)


class PledgeQuerySet(models.QuerySet[Any]):
    """Queryset of pledges."""

    def public(self) -> Self:
        """Return all pledges but drafts."""
        return self.exclude(state=PledgeState.DRAFT)

    def in_use(self) -> Self:
        """Return all pledges but archived ones."""
        return self.filter(archived_at__isnull=True)


class StatementQuerySet(models.QuerySet[Any]):
    """Queryset of statements."""

    def for_signing(self) -> Self:
        """Select what the sign view needs in one query.

        Joins signer type and pledge; annotates ``is_outdated`` (a newer version exists) and ``db_now``.
        """
        newer = self.model._default_manager.filter(
            signer_type=OuterRef("signer_type"), locale=OuterRef("locale"), number__gt=OuterRef("number")
        )
        return self.select_related("signer_type__pledge").annotate(is_outdated=Exists(newer), db_now=Now())

    def current(self) -> Self:
        """Return the newest statement of each signer type and locale."""
        return self.for_signing().filter(is_outdated=False)


class SignatureQuerySet(models.QuerySet[Any]):
    """Queryset of signatures."""

    def confirmed(self) -> Self:
        """Return signatures that were confirmed by mail and not withdrawn, whether counted or not."""
        return self.filter(state=SignatureState.CONFIRMED)

    def counted(self) -> Self:
        """Return the signatures of the public count: confirmed, review OK, and approved or approval not needed."""
        return self.confirmed().filter(review=Review.OK, approval__in=(Approval.NOT_NEEDED, Approval.APPROVED))

    def waiting_for_approval(self) -> Self:
        """Return confirmed signatures that wait for approval by staff, whatever their review."""
        return self.confirmed().filter(approval=Approval.WAITING)

    def visible_publicly(self) -> Self:
        """Return counted signatures whose signer chose to be shown."""
        return self.counted().exclude(public_name="")

    def ever_public(self) -> Self:
        """Return signatures that are shown publicly, or were withdrawn by a signer who had chosen to be shown.

        It uses an index of its own.
        """
        agreed = self.filter(consent_display=True, confirmed_at__isnull=False, review=Review.OK)
        decided = (Approval.NOT_NEEDED, Approval.APPROVED)
        counted = Q(state=SignatureState.CONFIRMED, approval__in=decided)
        return agreed.filter((counted & ~Q(public_name="")) | Q(state=SignatureState.WITHDRAWN))

    def public_organizations(self) -> Self:
        """Return counted signatures of approved organizations. It uses an index of its own."""
        return self.visible_publicly().filter(consent_display=True, organization__isnull=False)

    def for_mailbox(self, pledge_id: int, kind: str, mailbox_keys: Collection[bytes], seats: Collection[bytes]) -> Self:
        """Return the signature of one mailbox and seat, at most one row; both have one value for each key version."""
        return self.of_mailboxes([pledge_id], [kind], mailbox_keys).filter(seat__in=seats)

    def of_mailboxes(
        self, pledge_ids: Collection[int], kinds: Collection[str], mailbox_keys: Collection[bytes]
    ) -> Self:
        """Return the signatures of these mailboxes. Needs the kinds, because the indexes begin with pledge and kind."""
        return self.filter(
            Q(mailbox_key__in=mailbox_keys) | Q(mailbox_key_next__in=mailbox_keys),
            pledge_id__in=pledge_ids,
            kind__in=kinds,
        )


class LogoQuerySet(models.QuerySet[Any]):
    """Queryset of uploaded logos."""

    def waiting(self) -> Self:
        """Return logos that wait for approval."""
        return self.exclude(content=b"")


class DueMailQuerySet(models.QuerySet[Any]):
    """Queryset of rows that a mail is due for."""

    def due(self) -> Self:
        """Return the rows that are due now, by the database's clock, and not leased by a worker."""
        return self.waiting().filter(due_at__lte=Now()).filter(Q(lease_until__isnull=True) | Q(lease_until__lt=Now()))

    def waiting(self) -> Self:
        """Return the rows that a mail is due for, now or later."""
        return self.exclude(queue=MailQueue.NO_MAIL)


class OutboxQuerySet(DueMailQuerySet):
    """Queryset of messages in the outbox."""

    def waiting(self) -> Self:
        """Return the messages that were not sent yet."""
        return self.filter(state=OutboxState.DUE)


class LinkRequestQuerySet(DueMailQuerySet):
    """Queryset of requests for links."""


#: Queues in which a form can wait for its first mail.
_FIRST: Final = (MailQueue.CLOSING, MailQueue.SIGNERS, MailQueue.SURGE)


class SubmissionQuerySet(DueMailQuerySet):
    """Queryset of submissions."""

    def open(self) -> Self:
        """Return the submissions that can still be confirmed: neither ended nor moved to another address."""
        return self.filter(ended_at__isnull=True, moved_to__isnull=True)

    def waiting_for_first_mail(self) -> Self:
        """Return the open submissions whose first mail is due, now or later."""
        return self.open().filter(mailed_at__isnull=True, queue__in=_FIRST)

    def waiting_for_first_turn(self) -> Self:
        """Return the submissions that were not looked at for their first mail yet, whatever became of them since."""
        return self.filter(mailed_at__isnull=True, reminder_at__isnull=True, moved_to__isnull=True, queue__in=_FIRST)

    def delayed_by_us(self) -> Self:
        """Return those that have waited for their first mail for an hour, and neither for their mailbox nor its server.

        The limit of mails to the mailbox, and a refusal of its mail server (a bare SMTP code), are not our doing.
        """
        waiting = self.waiting_for_first_mail().filter(created_at__lt=from_now(-dt.timedelta(hours=1)))
        return waiting.exclude(last_code=OutboxReason.BUDGET).exclude(last_code__regex=r"^[0-9]+$")

    def with_statement(self) -> Self:
        """Annotate ``has_statement``: false for a form that was stored while its campaign or statement was deleted.

        No constraint of the database checks it.
        """
        statements = self.model._meta.get_field("statement").related_model._default_manager
        return self.annotate(has_statement=Exists(statements.filter(pk=OuterRef("statement_id"))))

    def of_mailbox(self, pledge_id: int, mailbox_keys: Collection[bytes]) -> Self:
        """Return the submissions of one mailbox for one pledge; ``mailbox_keys`` has one key a listed key version."""
        return self.filter(pledge_id=pledge_id, mailbox_key__in=mailbox_keys)


class AppendOnlyError(PledgeError):
    """A row that can only be added was to be changed or deleted."""

    def __init__(self, what: str) -> None:
        super().__init__("append_only", f"{what} can only be added, never changed or deleted")


class AppendOnlyQuerySet(models.QuerySet[Any]):
    """Queryset of rows that can only be added: ``update`` and ``delete`` raise :class:`AppendOnlyError`."""

    def update(self, **_kwargs: Any) -> int:
        """Refuse."""
        raise AppendOnlyError(self.model.__name__)

    def delete(self) -> tuple[int, dict[str, int]]:
        """Refuse."""
        raise AppendOnlyError(self.model.__name__)
