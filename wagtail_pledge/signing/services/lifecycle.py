"""What a signer does after signing: confirm and withdraw, each one conditional UPDATE."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Case, Exists, OuterRef, Q, Value, When
from django.db.models.functions import Now
from django.utils.translation import override

from wagtail_pledge.conf import get_setting
from wagtail_pledge.core.crypto import TokenSubject, make_token, read_token
from wagtail_pledge.core.db import Prepared, database_now, from_now, insert_or_nothing, utc_day
from wagtail_pledge.signing.enums import DECIDED, EventKind, MessageKind, SignatureState, Verdict
from wagtail_pledge.signing.kinds import get_kind
from wagtail_pledge.signing.models import DirtyDay, OutboxMessage, SignatureEvent, get_signature_model
from wagtail_pledge.signing.services.logos import has_logos, remove_logo
from wagtail_pledge.signing.services.signing import accepts_confirmations
from wagtail_pledge.signing.signals import announce, signature_confirmed, signature_withdrawn

CONFIRM: Final = "confirm"
MANAGE: Final = "manage"
_CHANGING: Final = (
    *("state", "verdict", "approval", "epoch", "confirmed_at", "withdrawn_at"),
    *("public_name", "consent_updates"),
)
#: Stand for a signature in statements that are written before it is known: no real one looks like it.
_SAMPLE: Final[dict[str, Any]] = {"pledge": 2_147_483_001, "uuid": UUID(int=1)}


def token_for(purpose: str, signature: Any, *, epoch: int | None = None) -> str:
    """Return the token that opens ``purpose`` for ``signature``."""
    subject = TokenSubject(pledge_id=signature.pledge_id, uuid=signature.uuid, epoch=epoch or signature.epoch)
    return make_token(purpose, subject)


def _named(*, pledge: int, uuid: UUID) -> Any:
    known = get_signature_model()._default_manager.exclude(state=SignatureState.ANONYMISED)
    wanted = known.filter(pledge_id=pledge, uuid=uuid)
    return wanted.select_related("pledge", "signer_type", "statement").annotate(db_now=Now())[:1]


_NAMED: Final = Prepared(_named, _SAMPLE)


def signature_of(purpose: str, token: str) -> tuple[Any, int] | None:
    """Return (signature with pledge, type, statement and ``db_now``; the token's epoch), or ``None`` for a bad token;
    one query.
    """
    subject = read_token(purpose, token)
    if subject is None:
        return None
    found = _NAMED.rows(pledge=subject.pledge_id, uuid=subject.uuid)
    return (found[0], subject.epoch) if found else None


def public_name_of(signature: Any) -> str:
    """Return what the website may show of ``signature`` if it is counted: ``""`` unless the signer agreed."""
    if not signature.consent_display:
        return ""
    with override(signature.locale):
        return get_kind(signature.kind).public_name(
            name=signature.name, country=signature.country, display=signature.display, details=signature.details
        )


def public_if(name: str, **columns: Any) -> Case:
    """Return ``name`` where the row has these values, else nothing: for an UPDATE, which looks at the row as it is
    then; a verdict or an approval may have changed since it was read.
    """
    return Case(When(**columns, then=Value(name)), default=Value(""))


def _reread(signature: Any) -> None:
    """Read the columns that change with a state; nothing is unsealed again."""
    signature.refresh_from_db(fields=list(_CHANGING))


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


def _asked_recently(days: int) -> Exists:
    return Exists(
        OutboxMessage.objects.filter(
            kind=MessageKind.SIGNED,
            pledge_id=OuterRef("pledge_id"),
            mailbox_key__in=(OuterRef("mailbox_key"), OuterRef("mailbox_key_next")),
            seat=OuterRef("seat"),
            created_at__gt=from_now(-dt.timedelta(days=days)),
        ).filter(Q(signer_type_id=OuterRef("signer_type_id")))
    )


def _confirmable(*, pledge: int, uuid: UUID, epoch: int, before: int, days: int, **_others: Any) -> Any:
    """Pending in this epoch, or withdrawn in the one before; and the link is no older than it may be."""
    asked = Q(_asked_recently(days))
    fresh = Q(created_at__gt=from_now(-dt.timedelta(days=days))) | asked
    pending = Q(state=SignatureState.PENDING, epoch=epoch) & fresh
    again = Q(state=SignatureState.WITHDRAWN, epoch=before) & asked
    return get_signature_model()._default_manager.filter(pledge_id=pledge, uuid=uuid).filter(pending | again)


def _confirmed(*, epoch: int, public_name: str, **_others: Any) -> dict[str, Any]:
    """What confirming writes."""
    return {
        "state": SignatureState.CONFIRMED,
        "confirmed_at": Now(),
        "withdrawn_at": None,
        "epoch": epoch,
        "public_name": public_if(public_name, verdict=Verdict.CLEAR, approval__in=DECIDED),
    }


_CONFIRM: Final = Prepared(
    _confirmable, {**_SAMPLE, "epoch": 32_002, "before": 32_001, "public_name": "\x00"}, _confirmed
)


def _row(signature: Any, epoch: int) -> dict[str, Any]:
    return {"pledge": signature.pledge_id, "uuid": signature.uuid, "epoch": epoch, "before": epoch - 1}


def _accepts(signature: Any) -> bool:
    """Whether the pledge still takes confirmations, by the clock that came with ``signature``, else by a query."""
    return accepts_confirmations(signature.pledge, getattr(signature, "db_now", None) or database_now())


def can_confirm(signature: Any, epoch: int) -> bool:
    """Whether the button would do anything now."""
    days = get_setting("CONFIRM_DAYS")
    return _accepts(signature) and _confirmable(**_row(signature, epoch), days=days).exists()


def confirm(signature: Any, *, epoch: int) -> bool:
    """Confirm ``signature`` in ``epoch``; true for the one call that did it, false for every other.

    Idempotent and safe under races: one conditional UPDATE, and its effects only if it changed the row.
    """
    if not _accepts(signature):
        return False
    name, fixed = public_name_of(signature), {"days": get_setting("CONFIRM_DAYS")}
    with transaction.atomic():
        changed = _CONFIRM.update(fixed, **_row(signature, epoch), public_name=name)
        if not changed:
            return False
        _reread(signature)
        record(signature, EventKind.CONFIRMED)
        announce(signature_confirmed, signature)
    return True


def withdraw(signature: Any, *, epoch: int) -> bool:
    """Withdraw ``signature`` in ``epoch``; true for the one call that did it. Name and logo leave the site at once."""
    with transaction.atomic():
        changed = (
            get_signature_model()
            ._default_manager.filter(pk=signature.pk, epoch=epoch)
            .filter(state__in=(SignatureState.PENDING, SignatureState.CONFIRMED))
            .update(state=SignatureState.WITHDRAWN, withdrawn_at=Now(), public_name="", consent_updates=False)
        )
        if not changed:
            return False
        _reread(signature)
        mark_dirty(signature.pledge_id, signature.confirmed_at)
        record(signature, EventKind.WITHDRAWN)
        if has_logos(signature.kind):
            remove_logo(signature)
        announce(signature_withdrawn, signature)
    return True
