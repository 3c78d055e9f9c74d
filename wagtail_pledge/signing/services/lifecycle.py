"""Confirming and withdrawing a signature, each with one conditional UPDATE."""

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
from wagtail_pledge.core.db import PreparedQuery, database_now, from_now, insert_or_ignore, utc_day
from wagtail_pledge.signing.enums import DECIDED, EventKind, MessageKind, Review, SignatureState
from wagtail_pledge.signing.kinds import get_kind
from wagtail_pledge.signing.models import DirtyDay, OutboxMessage, SignatureEvent, get_signature_model
from wagtail_pledge.signing.services.logos import kind_has_logos, remove_logo
from wagtail_pledge.signing.services.signing import accepts_confirmations
from wagtail_pledge.signing.signals import send_on_commit, signature_confirmed, signature_withdrawn

CONFIRM: Final = "confirm"
MANAGE: Final = "manage"
_STATE_COLUMNS: Final = (
    *("state", "review", "approval", "epoch", "confirmed_at", "withdrawn_at"),
    *("public_name", "consent_updates"),
)
#: Sample parameters for the prepared queries; no real signature has these values.
_SAMPLE: Final[dict[str, Any]] = {"pledge": 2_147_483_001, "uuid": UUID(int=1)}


def token_for(purpose: str, signature: Any, *, epoch: int | None = None) -> str:
    """Return a token for a link in mail. ``purpose`` is ``CONFIRM``, ``MANAGE`` or ``suppression.NOT_ME``.

    ``epoch`` is the signature's by default; a token of another epoch does not work.
    """
    subject = TokenSubject(pledge_id=signature.pledge_id, uuid=signature.uuid, epoch=epoch or signature.epoch)
    return make_token(purpose, subject)


def _signature_query(*, pledge: int, uuid: UUID) -> Any:
    signatures = get_signature_model()._default_manager.exclude(state=SignatureState.ANONYMISED)
    matching = signatures.filter(pledge_id=pledge, uuid=uuid)
    return matching.select_related("pledge", "signer_type", "statement").annotate(db_now=Now())[:1]


_FIND: Final = PreparedQuery(_signature_query, _SAMPLE)


def signature_from_token(purpose: str, token: str) -> tuple[Any, int] | None:
    """Return (signature, the token's epoch), or ``None`` for an invalid token or an anonymised signature; one query.

    The signature comes with ``pledge``, ``signer_type``, ``statement`` and ``db_now`` (the database's time).
    """
    subject = read_token(purpose, token)
    if subject is None:
        return None
    rows = _FIND.rows(pledge=subject.pledge_id, uuid=subject.uuid)
    return (rows[0], subject.epoch) if rows else None


def public_name_of(signature: Any) -> str:
    """Return the text that the website may show once ``signature`` is counted; ``""`` unless the signer agreed."""
    if not signature.consent_display:
        return ""
    with override(signature.locale):
        return get_kind(signature.kind).public_name(
            name=signature.name, country=signature.country, display=signature.display, details=signature.details
        )


def public_name_if(name: str, **columns: Any) -> Case:
    """Return an expression for an UPDATE: ``name`` if the row has the values of ``columns``, else ``""``.

    The database evaluates it on the current row: a review or an approval may have changed since the row was read.
    """
    return Case(When(**columns, then=Value(name)), default=Value(""))


def _refresh_state(signature: Any) -> None:
    """Reload the columns that change with the state; encrypted columns are not decrypted again."""
    signature.refresh_from_db(fields=list(_STATE_COLUMNS))


def record_event(signature: Any, kind: EventKind, *, actor: Any = None, reason: str = "") -> None:
    """Add the event of a change to ``signature``; call it in the transaction of the change."""
    SignatureEvent.objects.create(
        pledge_id=signature.pledge_id,
        signature_uuid=signature.uuid,
        epoch=signature.epoch,
        kind=kind,
        statement_sha256=signature.statement.sha256,
        actor=actor,
        reason=reason,
    )


def mark_day_dirty(pledge_id: int, moment: dt.datetime | None) -> None:
    """Have the tallies of the UTC day of ``moment`` recounted; does nothing for ``None``."""
    if moment is not None:
        insert_or_ignore(DirtyDay(pledge_id=pledge_id, day=utc_day(moment)))


def _mail_requested_within(days: int) -> Exists:
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
    """Return the signature if it can be confirmed in ``epoch``: at most one row.

    It is pending in ``epoch`` or was withdrawn in the epoch ``before``, and its link is no older than ``days``.
    """
    requested = Q(_mail_requested_within(days))
    fresh = Q(created_at__gt=from_now(-dt.timedelta(days=days))) | requested
    pending = Q(state=SignatureState.PENDING, epoch=epoch) & fresh
    again = Q(state=SignatureState.WITHDRAWN, epoch=before) & requested
    return get_signature_model()._default_manager.filter(pledge_id=pledge, uuid=uuid).filter(pending | again)


def _confirmed(*, epoch: int, public_name: str, **_others: Any) -> dict[str, Any]:
    """Return the values that confirming writes, by column."""
    return {
        "state": SignatureState.CONFIRMED,
        "confirmed_at": Now(),
        "withdrawn_at": None,
        "epoch": epoch,
        "public_name": public_name_if(public_name, review=Review.OK, approval__in=DECIDED),
    }


_CONFIRM: Final = PreparedQuery(
    _confirmable, {**_SAMPLE, "epoch": 32_002, "before": 32_001, "public_name": "\x00"}, _confirmed
)


def _row(signature: Any, epoch: int) -> dict[str, Any]:
    return {"pledge": signature.pledge_id, "uuid": signature.uuid, "epoch": epoch, "before": epoch - 1}


def _accepts(signature: Any) -> bool:
    """Whether the pledge still accepts confirmations, at ``signature.db_now`` if it has one, else by a query."""
    return accepts_confirmations(signature.pledge, getattr(signature, "db_now", None) or database_now())


def can_confirm(signature: Any, epoch: int) -> bool:
    """Whether :func:`confirm` would confirm ``signature`` in ``epoch`` now; one query, two without ``db_now``."""
    days = get_setting("CONFIRM_DAYS")
    return _accepts(signature) and _confirmable(**_row(signature, epoch), days=days).exists()


def confirm(signature: Any, *, epoch: int) -> bool:
    """Confirm ``signature`` in ``epoch``; return true only for the one call that confirmed it.

    Idempotent and safe under races: one conditional UPDATE; the event is recorded and ``signature_confirmed`` is sent
    only if it changed the row. A signature that was withdrawn is confirmed again if its mailbox asked for a new mail.
    """
    if not _accepts(signature):
        return False
    name, fixed = public_name_of(signature), {"days": get_setting("CONFIRM_DAYS")}
    with transaction.atomic():
        changed = _CONFIRM.update(fixed, **_row(signature, epoch), public_name=name)
        if not changed:
            return False
        _refresh_state(signature)
        record_event(signature, EventKind.CONFIRMED)
        send_on_commit(signature_confirmed, signature)
    return True


def withdraw(signature: Any, *, epoch: int) -> bool:
    """Withdraw ``signature`` in ``epoch``; return true only for the one call that withdrew it.

    Its public name and its logo are removed at once; ``signature_withdrawn`` is sent after the commit.
    """
    with transaction.atomic():
        changed = (
            get_signature_model()
            ._default_manager.filter(pk=signature.pk, epoch=epoch)
            .filter(state__in=(SignatureState.PENDING, SignatureState.CONFIRMED))
            .update(state=SignatureState.WITHDRAWN, withdrawn_at=Now(), public_name="", consent_updates=False)
        )
        if not changed:
            return False
        _refresh_state(signature)
        mark_day_dirty(signature.pledge_id, signature.confirmed_at)
        record_event(signature, EventKind.WITHDRAWN)
        if kind_has_logos(signature.kind):
            remove_logo(signature)
        send_on_commit(signature_withdrawn, signature)
    return True
