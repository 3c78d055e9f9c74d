"""What a signer does after signing: confirm and withdraw, each one conditional UPDATE."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from django.db import transaction
from django.db.models import Case, Exists, OuterRef, Q, Value, When
from django.db.models.functions import Now
from django.utils.translation import override

from wagtail_pledge.core.dates import database_now, from_now, utc_day
from wagtail_pledge.core.settings import get_setting
from wagtail_pledge.core.sql import insert_or_nothing
from wagtail_pledge.core.tokens import TokenSubject, make_token, read_token
from wagtail_pledge.signing.enums import Approval, EventKind, MessageKind, SignatureState, Verdict
from wagtail_pledge.signing.kinds import get_kind
from wagtail_pledge.signing.models import DirtyDay, OutboxMessage, SignatureEvent, get_signature_model
from wagtail_pledge.signing.services.signing import accepts_confirmations
from wagtail_pledge.signing.signals import announce, signature_confirmed, signature_withdrawn

CONFIRM: Final = "confirm"
MANAGE: Final = "manage"


def token_for(purpose: str, signature: Any, *, epoch: int | None = None) -> str:
    """Return the token that opens ``purpose`` for ``signature``."""
    subject = TokenSubject(pledge_id=signature.pledge_id, uuid=signature.uuid, epoch=epoch or signature.epoch)
    return make_token(purpose, subject)


def signature_of(purpose: str, token: str) -> tuple[Any, int] | None:
    """Return (signature with pledge, type and statement; the token's epoch), or ``None`` for a bad token; one query."""
    subject = read_token(purpose, token)
    if subject is None:
        return None
    signature = (
        get_signature_model()
        ._default_manager.select_related("pledge", "signer_type", "statement")
        .filter(pledge_id=subject.pledge_id, uuid=subject.uuid)
        .exclude(state=SignatureState.ANONYMISED)
        .first()
    )
    return (signature, subject.epoch) if signature else None


def public_name_of(signature: Any) -> str:
    """Return what the website may show of ``signature`` if it is counted: ``""`` unless the signer agreed."""
    if not signature.consent_display:
        return ""
    with override(signature.locale):
        return get_kind(signature.kind).public_name(
            name=signature.name, country=signature.country, display=signature.display, details=signature.details
        )


def public_name_if(signature: Any, **columns: Any) -> Case:
    """Return what the website may show of ``signature`` once its row has these values: for an UPDATE, which looks
    at the row as it is then; a verdict or an approval may have changed since it was read.
    """
    return Case(When(**columns, then=Value(public_name_of(signature))), default=Value(""))


def record(signature: Any, kind: EventKind, *, actor: Any = None, reason: str = "") -> None:
    """Add the event of a change that has just been made."""
    SignatureEvent.objects.create(
        pledge_id=signature.pledge_id,
        signature_uuid=signature.uuid,
        epoch=signature.epoch,
        kind=kind,
        statement_sha256=signature.statement.sha256,
        actor=actor,
        reason=reason,
    )


def mark_dirty(pledge_id: int, moment: dt.datetime | None) -> None:
    """Ask for a recount of the day of ``moment``."""
    if moment is not None:
        insert_or_nothing(DirtyDay(pledge_id=pledge_id, day=utc_day(moment)))


def _asked_recently() -> Exists:
    days = dt.timedelta(days=get_setting("CONFIRM_DAYS"))
    return Exists(
        OutboxMessage.objects.filter(
            kind=MessageKind.SIGNED,
            pledge_id=OuterRef("pledge_id"),
            mailbox_key__in=(OuterRef("mailbox_key"), OuterRef("mailbox_key_next")),
            seat=OuterRef("seat"),
            created_at__gt=from_now(-days),
        ).filter(Q(signer_type_id=OuterRef("signer_type_id")))
    )


def _confirmable(epoch: int) -> Q:
    """Pending in this epoch, or withdrawn in the one before; and the link is no older than it may be."""
    days = dt.timedelta(days=get_setting("CONFIRM_DAYS"))
    fresh = Q(created_at__gt=from_now(-days)) | Q(_asked_recently())
    pending = Q(state=SignatureState.PENDING, epoch=epoch) & fresh
    again = Q(state=SignatureState.WITHDRAWN, epoch=epoch - 1) & Q(_asked_recently())
    return pending | again


def can_confirm(signature: Any, epoch: int) -> bool:
    """Whether the button would do anything now."""
    same_row = get_signature_model()._default_manager.filter(pk=signature.pk)
    return accepts_confirmations(signature.pledge, database_now()) and same_row.filter(_confirmable(epoch)).exists()


def confirm(signature: Any, *, epoch: int) -> bool:
    """Confirm ``signature`` in ``epoch``; true for the one call that did it, false for every other.

    Idempotent and safe under races: one conditional UPDATE, and its effects only if it changed the row.
    """
    if not accepts_confirmations(signature.pledge, database_now()):
        return False
    decided = (Approval.NOT_NEEDED, Approval.APPROVED)
    with transaction.atomic():
        changed = (
            get_signature_model()
            ._default_manager.filter(pk=signature.pk)
            .filter(_confirmable(epoch))
            .update(
                state=SignatureState.CONFIRMED,
                confirmed_at=Now(),
                withdrawn_at=None,
                epoch=epoch,
                public_name=public_name_if(signature, verdict=Verdict.CLEAR, approval__in=decided),
            )
        )
        if not changed:
            return False
        signature.refresh_from_db()
        record(signature, EventKind.CONFIRMED)
        announce(signature_confirmed, signature)
    return True


def withdraw(signature: Any, *, epoch: int) -> bool:
    """Withdraw ``signature`` in ``epoch``; true for the one call that did it. The name leaves the website at once."""
    with transaction.atomic():
        changed = (
            get_signature_model()
            ._default_manager.filter(pk=signature.pk, epoch=epoch)
            .filter(state__in=(SignatureState.PENDING, SignatureState.CONFIRMED))
            .update(state=SignatureState.WITHDRAWN, withdrawn_at=Now(), public_name="", consent_updates=False)
        )
        if not changed:
            return False
        signature.refresh_from_db()
        mark_dirty(signature.pledge_id, signature.confirmed_at)
        record(signature, EventKind.WITHDRAWN)
        announce(signature_withdrawn, signature)
    return True
