"""Link tokens, events and withdrawing: what all changes of a stored signature have in common."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Case, Value, When
from django.db.models.functions import Now
from django.utils.translation import override

from wagtail_pledge.core.crypto import TokenSubject, make_token, read_token
from wagtail_pledge.core.db import PreparedQuery, insert
from wagtail_pledge.core.text import fitting
from wagtail_pledge.signing.enums import EventKind, SignatureState
from wagtail_pledge.signing.kinds import get_kind
from wagtail_pledge.signing.models import DirtyDay, Pledge, SignatureEvent, Submission, Tally, get_signature_model
from wagtail_pledge.signing.models.signature import MAX_PUBLIC_NAME
from wagtail_pledge.signing.services.logos import kind_has_logos, remove_logo
from wagtail_pledge.signing.signals import send_on_commit, signature_withdrawn

#: Purposes of link tokens: confirm a submission, manage a signature.
CONFIRM: Final = "confirm"
MANAGE: Final = "manage"
_STATE_COLUMNS: Final = (
    *("state", "review", "approval", "epoch", "confirmed_at", "withdrawn_at"),
    *("public_name", "consent_updates", "link_epoch"),
)
#: Sample parameters for the prepared queries; no real signature has these values.
_SAMPLE: Final[dict[str, Any]] = {"pledge": 2_147_483_001, "uuid": UUID(int=1)}


def token_for(purpose: str, subject: Any) -> str:
    """Return a token for a link in mail, of a signature or a submission.

    ``purpose`` is ``CONFIRM``, ``MANAGE`` or ``suppression.NOT_ME``. A token stops working when the link epoch of its
    subject changes.
    """
    uuid = subject.pk if isinstance(subject, Submission) else subject.uuid
    return make_token(purpose, TokenSubject(pledge_id=subject.pledge_id, uuid=uuid, epoch=subject.link_epoch))


def _signature_query(*, pledge: int, uuid: UUID) -> Any:
    signatures = get_signature_model()._default_manager.exclude(state=SignatureState.ANONYMISED)
    matching = signatures.filter(pledge_id=pledge, uuid=uuid)
    return matching.select_related("pledge", "signer_type", "statement").annotate(db_now=Now())[:1]


def _submission_query(*, pledge: int, uuid: UUID) -> Any:
    matching = Submission.objects.filter(pledge_id=pledge, pk=uuid)
    return matching.select_related("statement__signer_type__pledge").annotate(db_now=Now())[:1]


_FIND: Final = PreparedQuery(_signature_query, _SAMPLE)
_FIND_SUBMISSION: Final = PreparedQuery(_submission_query, _SAMPLE)


def find_signature(pledge_id: int, uuid: UUID) -> Any | None:
    """Return the signature unless it is anonymised, with ``pledge``, ``signer_type``, ``statement`` and ``db_now``."""
    return next(iter(_FIND.rows(pledge=pledge_id, uuid=uuid)), None)


def signature_and_epoch(purpose: str, token: str) -> tuple[Any, int] | None:
    """Return (signature, epoch) of a token, or ``None`` if the token is invalid; one query.

    The link has ended unless :func:`is_current_link`. The signature comes with ``pledge``, ``signer_type``,
    ``statement`` and ``db_now`` (the database's time).
    """
    subject = read_token(purpose, token)
    signature = find_signature(subject.pledge_id, subject.uuid) if subject is not None else None
    return (signature, subject.epoch) if subject is not None and signature is not None else None


def is_current_link(signature: Any, token_epoch: int) -> bool:
    """Whether a token of ``token_epoch`` still opens ``signature``: renewing its links ends all earlier ones."""
    return bool(token_epoch == signature.link_epoch)


def signature_from_token(purpose: str, token: str) -> Any | None:
    """Return the signature of a token, or ``None`` if the token is invalid or its link was renewed; one query.

    The signature comes with ``pledge``, ``signer_type``, ``statement`` and ``db_now`` (the database's time).
    """
    opened = signature_and_epoch(purpose, token)
    return opened[0] if opened is not None and is_current_link(*opened) else None


def submission_from_token(purpose: str, token: str) -> Any | None:
    """Return the submission of a token, ended or not, or ``None`` if the token is invalid or renewed; one query.

    It comes with ``statement.signer_type.pledge`` and ``db_now`` (the database's time).
    """
    subject = read_token(purpose, token)
    if subject is None:
        return None
    rows = _FIND_SUBMISSION.rows(pledge=subject.pledge_id, uuid=subject.uuid)
    return rows[0] if rows and rows[0].link_epoch == subject.epoch else None


def public_name_of(signature: Any) -> str:
    """Return the text that the website may show once ``signature`` is counted; ``""`` unless the signer agreed."""
    if not signature.consent_display:
        return ""
    with override(signature.locale):
        name = get_kind(signature.kind).public_name(
            name=signature.name, country=signature.country, display=signature.display, details=signature.details
        )
    return fitting(name, MAX_PUBLIC_NAME)


def public_name_if(name: str, **columns: Any) -> Case:
    """Return an expression for an UPDATE: ``name`` if the row has the values of ``columns``, else ``""``.

    The database evaluates it on the current row: a review or an approval may have changed since the row was read.
    """
    return Case(When(**columns, then=Value(name)), default=Value(""))


def refresh_state(signature: Any) -> None:
    """Reload the columns that change with the state; encrypted columns are not decrypted again."""
    signature.refresh_from_db(fields=list(_STATE_COLUMNS))


def record_event(signature: Any, kind: EventKind, *, actor: Any = None, reason: str = "") -> None:
    """Add the event of a change to ``signature``; call it in the transaction of the change."""
    event = SignatureEvent(
        pledge_id=signature.pledge_id,
        signature_uuid=signature.uuid,
        epoch=signature.epoch,
        kind=kind,
        statement_sha256=signature.statement.sha256,
        actor=actor,
        reason=reason,
    )
    insert(event.seal_leaf())


def mark_day_dirty(pledge: Pledge, moment: dt.datetime | None) -> None:
    """Have the tallies of the day of ``moment`` recounted; does nothing for ``None``.

    Call it in the transaction of the change.
    """
    if moment is not None:
        DirtyDay.objects.create(pledge_id=pledge.pk, day=pledge.local_day(moment))


def mark_all_days_dirty(pledge: Pledge) -> None:
    """Have all tallies of ``pledge`` recounted, as after a change of its time zone: days may have shifted by one."""
    days = set(Tally.objects.filter(pledge=pledge).values_list("day", flat=True))
    around = sorted({day + dt.timedelta(days=offset) for day in days for offset in (-1, 0, 1)})
    DirtyDay.objects.bulk_create(DirtyDay(pledge=pledge, day=day) for day in around)


def withdraw(signature: Any, *, epoch: int) -> bool:
    """Withdraw ``signature`` in ``epoch``; return true only for the one call that withdrew it.

    Its public name and its logo are removed at once; ``signature_withdrawn`` is sent after the commit.
    """
    with transaction.atomic():
        changed = (
            get_signature_model()
            ._default_manager.filter(pk=signature.pk, epoch=epoch)
            .filter(state=SignatureState.CONFIRMED)
            .update(state=SignatureState.WITHDRAWN, withdrawn_at=Now(), public_name="", consent_updates=False)
        )
        if not changed:
            return False
        refresh_state(signature)
        mark_day_dirty(signature.pledge, signature.confirmed_at)
        record_event(signature, EventKind.WITHDRAWN)
        if kind_has_logos(signature.kind):
            remove_logo(signature)
        send_on_commit(signature_withdrawn, signature)
    return True
