"""Every filter of the ledger under its domain name; views never spell a state."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from wagtail_pledge.core.errors import PledgeError
from wagtail_pledge.signing.enums import Approval, OutboxState, PledgeState, SignatureState, Verdict


class PledgeQuerySet(models.QuerySet[Any]):
    """Campaigns."""

    def public(self) -> Self:
        """Everything but drafts."""
        return self.exclude(state=PledgeState.DRAFT)


class StatementQuerySet(models.QuerySet[Any]):
    """Frozen texts."""

    def with_door(self) -> Self:
        """Join what the sign path needs, so that one statement answers it: type, pledge, currency, database clock."""
        newer = self.model._default_manager.filter(
            signer_type=OuterRef("signer_type"), locale=OuterRef("locale"), number__gt=OuterRef("number")
        )
        return self.select_related("signer_type__pledge").annotate(is_outdated=Exists(newer), db_now=Now())

    def current(self) -> Self:
        """The newest statement of each signer type and locale."""
        return self.with_door().filter(is_outdated=False)


class SignatureQuerySet(models.QuerySet[Any]):
    """Signatures."""

    def pending(self) -> Self:
        """Not yet confirmed by their mailbox."""
        return self.filter(state=SignatureState.PENDING)

    def confirmed(self) -> Self:
        """Confirmed by their mailbox and not withdrawn, whether counted or not."""
        return self.filter(state=SignatureState.CONFIRMED)

    def counted(self) -> Self:
        """Confirmed ∧ clear ∧ (approved or not needed): what the public number counts."""
        return self.confirmed().filter(verdict=Verdict.CLEAR, approval__in=(Approval.NOT_NEEDED, Approval.APPROVED))

    def waiting_for_approval(self) -> Self:
        """Confirmed by their mailbox, held or not, and staff have not said yet."""
        return self.confirmed().filter(approval=Approval.WAITING)

    def visible_publicly(self) -> Self:
        """Counted, and the signer chose to be shown."""
        return self.counted().exclude(public_name="")

    def once_public(self) -> Self:
        """Shown, or withdrawn by a signer who had chosen to be shown. Has an index of its own."""
        chose = self.filter(consent_display=True, confirmed_at__isnull=False, verdict=Verdict.CLEAR)
        decided = (Approval.NOT_NEEDED, Approval.APPROVED)
        counted = Q(state=SignatureState.CONFIRMED, approval__in=decided)
        return chose.filter((counted & ~Q(public_name="")) | Q(state=SignatureState.WITHDRAWN))

    def public_organizations(self) -> Self:
        """Signatures of organizations that staff have approved and that are counted. Has an index of its own."""
        return self.visible_publicly().filter(consent_display=True, organization__isnull=False)

    def of_mailbox(self, pledge_id: int, kind: str, mailbox_key: bytes, seat: bytes) -> Self:
        """The signature of one mailbox and seat: at most one row."""
        return self.filter(pledge_id=pledge_id, kind=kind, seat=seat).filter(
            Q(mailbox_key=mailbox_key) | Q(mailbox_key_next=mailbox_key)
        )


class LogoQuerySet(models.QuerySet[Any]):
    """Logos that organizations sent in."""

    def waiting(self) -> Self:
        """Nobody has looked at it yet."""
        return self.exclude(content=b"")


class OutboxQuerySet(models.QuerySet[Any]):
    """Messages that are due."""

    def due(self) -> Self:
        """Due now by the database's clock and leased by nobody."""
        return self.filter(state=OutboxState.DUE, due_at__lte=Now()).filter(
            Q(lease_until__isnull=True) | Q(lease_until__lt=Now())
        )


class AppendOnlyError(PledgeError):
    """Somebody tried to change or delete what may only grow."""

    def __init__(self, what: str) -> None:
        super().__init__("append_only", f"{what} can only be added, never changed or deleted")


class AppendOnlyQuerySet(models.QuerySet[Any]):
    """Rows that may only be added."""

    def update(self, **_kwargs: Any) -> int:
        """Refuse."""
        raise AppendOnlyError(self.model.__name__)

    def delete(self) -> tuple[int, dict[str, int]]:
        """Refuse."""
        raise AppendOnlyError(self.model.__name__)
