"""Confirming a submission: the only way into the ledger. One transaction, and one conditional UPDATE decides it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, Final
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.db.models import Case, DateTimeField, DurationField, ExpressionWrapper, F, Q, Value, When
from django.db.models.functions import Least, Now

from wagtail_pledge.conf import get_setting
from wagtail_pledge.core import crypto
from wagtail_pledge.core.db import (
    PreparedQuery,
    database_now,
    from_now,
    insert_if_new,
    insert_or_ignore,
    no_queries,
    wait_for_lock,
)
from wagtail_pledge.signing.addresses import mailbox_key
from wagtail_pledge.signing.enums import (
    DECIDED,
    Approval,
    EventKind,
    MailQueue,
    MessageKind,
    Review,
    SignatureState,
    SubmissionEnd,
)
from wagtail_pledge.signing.models import OutboxMessage, Pledge, Submission, get_signature_model
from wagtail_pledge.signing.models.submission import NOTHING
from wagtail_pledge.signing.services.lifecycle import find_signature, mark_day_dirty, public_name_of, record_event
from wagtail_pledge.signing.services.logos import kind_has_logos, remove_logo
from wagtail_pledge.signing.services.payloads import Payload, all_seats_of, build_signature, payload_of
from wagtail_pledge.signing.services.signing import accepts_confirmations, all_mailbox_keys
from wagtail_pledge.signing.services.site_columns import SiteColumnsRefused, raises_conflicts_of, site_errors
from wagtail_pledge.signing.signals import send_on_commit, signature_confirmed
from wagtail_pledge.signing.stamps import longest_reach

#: The worse of two reviews comes later.
_REVIEWS: Final = (Review.OK, Review.NEEDS_REVIEW, Review.INVALID)


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """Result of :func:`confirm`: the signature, and whether this call put it into the ledger."""

    signature: Any
    is_new: bool


def is_live(submission: Submission, now: dt.datetime) -> bool:
    """Whether the submission can be confirmed at ``now``: open, not too old, and its pledge accepts it.

    After closing, one whose mail still waits is treated as if it left now: its mailbox gets a day to confirm.
    """
    days = dt.timedelta(days=get_setting("CONFIRM_DAYS"))
    is_open = submission.ended_at is None and submission.moved_to is None and bool(submission.payload)
    return (
        is_open
        and submission.submitted_at > now - days
        and accepts_confirmations(
            submission.statement.signer_type.pledge,
            now,
            submitted_at=submission.submitted_at,
            mailed_at=submission.mailed_at or now,
        )
    )


def signature_of(submission: Submission) -> Any | None:
    """Return the signature that an ended submission led to, ``None`` if it led to none; at most one query."""
    uuid = submission.signature_uuid
    return find_signature(submission.pledge_id, uuid) if uuid is not None else None


def ledger_row(submission: Submission, payload: Payload) -> Any | None:
    """Return the signature of the submission's mailbox and seat, whatever its state; one query."""
    pledge = submission.statement.signer_type.pledge
    rows = get_signature_model()._default_manager.select_related("pledge", "signer_type", "statement")
    keys = all_mailbox_keys(pledge, payload.address)
    return (
        rows.annotate(db_now=Now())
        .for_mailbox(submission.pledge_id, submission.kind, keys, all_seats_of(submission, payload))
        .first()
    )


def is_signed(signature: Any) -> bool:
    """Whether a stored signature stays as it is when its mailbox signs again: it is confirmed and not rejected."""
    return bool(signature.state == SignatureState.CONFIRMED and signature.approval != Approval.REJECTED)


def confirm(
    submission: Submission, *, display: str | None = None, updates: bool | None = None, partner: bool = False
) -> Confirmation | None:
    """Put the signature of ``submission`` into the ledger; return it, or ``None`` if it cannot be confirmed.

    ``display``, ``updates`` and ``partner`` are what the mailbox's owner chose; ``None`` is what the form had. The
    other open submissions of the same seat end. Safe under races and repeated calls: they return the signature with
    ``is_new`` false. A mailbox that is already in the ledger keeps what it has there, and the submission stays open.

    Raises :class:`SiteColumnsRefused`; then nothing has changed.
    """
    earlier = signature_of(submission)
    if earlier is not None:
        return Confirmation(signature=earlier, is_new=False)
    now = getattr(submission, "db_now", None) or database_now()
    payload = payload_of(submission) if is_live(submission, now) else None
    if payload is None:
        return None
    signature = _new_signature(submission, _as_pressed(payload, display, updates), now, partner=partner)
    with raises_conflicts_of(signature), transaction.atomic():
        lock_mailbox(signature.pledge, payload.address)
        seats = all_seats_of(submission, payload)
        done = _end_as_confirmed(submission, signature) and _into_ledger(submission, signature, seats)
        if not done:
            transaction.set_rollback(True)
    return _after_rollback(submission, payload) if not done else Confirmation(signature=done, is_new=True)


def lock_mailbox(pledge: Pledge, address: str) -> None:
    """Wait until no other transaction ends the mailbox's submissions: two that end each other's would block."""
    key = mailbox_key(pledge.uuid.bytes, address, version=min(crypto.keyring("dedup")))
    wait_for_lock(f"submissions of {pledge.pk} {key.hex()}")


def _as_pressed(payload: Payload, display: str | None, updates: bool | None) -> Payload:
    data = payload.data
    chosen = replace(
        data,
        display=data.display if display is None else display,
        consent_updates=data.consent_updates if updates is None else updates,
    )
    return replace(payload, data=chosen)


def _new_signature(submission: Submission, payload: Payload, now: dt.datetime, *, partner: bool) -> Any:
    """Return the unsaved signature. Raises :class:`SiteColumnsRefused`."""
    with no_queries("from_submission()"):
        signature: Any = build_signature(
            submission.statement,
            payload,
            review=submission.review,
            submitted_at=submission.submitted_at,
            consent_partner=partner,
            seat=bytes(submission.seat),
        )
        errors = site_errors(signature)
    if errors:
        raise SiteColumnsRefused(errors)
    signature.uuid, signature.state, signature.confirmed_at = uuid4(), SignatureState.CONFIRMED, now
    signature.public_name = _public_name(signature)
    return signature


def _public_name(signature: Any) -> str:
    is_shown = signature.review == Review.OK and signature.approval in DECIDED
    return public_name_of(signature) if is_shown else ""


def _own(*, submission: UUID, days: int, **_values: Any) -> Any:
    return Submission.objects.open().filter(pk=submission, submitted_at__gt=from_now(-dt.timedelta(days=days)))


def _confirmed_columns(*, signature: UUID, **_values: Any) -> dict[str, Any]:
    return {**end_columns(SubmissionEnd.CONFIRMED), "signature_uuid": signature}


#: Values that no real row has.
_SAMPLE: Final[dict[str, Any]] = {"submission": UUID(int=1), "signature": UUID(int=2)}
_END_OWN: Final = PreparedQuery(_own, _SAMPLE, _confirmed_columns)


def _settings() -> dict[str, Any]:
    """Return the settings that the prepared statements depend on."""
    return {"days": get_setting("CONFIRM_DAYS"), "reach": longest_reach()}


def _end_as_confirmed(submission: Submission, signature: Any) -> bool:
    return bool(_END_OWN.update(_settings(), submission=submission.pk, signature=signature.uuid))


def end_columns(reason: SubmissionEnd) -> dict[str, Any]:
    """Return the values that ending a submission writes.

    One that waits in a queue keeps its turn, which brings no mail: nobody learns from the mails before and after it
    that it has ended. For the same reason it keeps its payload until neither a stamp nor a ticket can reach it; one
    that was not confirmed loses it on its last day for confirming at the latest.
    """
    is_idle, deleted_at = Q(queue=MailQueue.NO_MAIL), deletion_time(is_confirmed=reason == SubmissionEnd.CONFIRMED)
    return {
        "ended_at": Now(),
        "end_reason": reason,
        "mail": Case(When(is_idle, then=Value("")), default=Value(NOTHING)),
        "due_at": Case(When(is_idle, then=deleted_at), default=F("due_at"), output_field=DateTimeField()),
    }


def deletion_time(*, is_confirmed: bool = False) -> Any:
    """Return the expression for when a submission that ends now loses its payload."""
    last_day = F("submitted_at") + Value(dt.timedelta(days=get_setting("CONFIRM_DAYS")), output_field=DurationField())
    kept = from_now(longest_reach())
    return kept if is_confirmed else Least(kept, ExpressionWrapper(last_day, output_field=DateTimeField()))


def _into_ledger(submission: Submission, new: Any, seats: list[bytes]) -> Any | None:
    """Insert ``new`` or renew the mailbox's row; return the stored signature, ``None`` if the mailbox has signed."""
    is_new = not _has_seat_of_other_key(new, seats) and insert_if_new(new)
    stored = new if is_new else _renewed(submission, new, seats)
    if stored is None:
        return None
    stored = find_signature(stored.pledge_id, stored.uuid)
    record_event(stored, EventKind.CONFIRMED)
    if submission.review == Review.NEEDS_REVIEW:
        record_event(stored, EventKind.HELD, reason=submission.review_reason)
    _end_siblings(submission, stored, seats)
    _queue_thank_you(stored)
    send_on_commit(signature_confirmed, stored)
    return stored


def _has_seat_of_other_key(new: Any, seats: list[bytes]) -> bool:
    """Whether the ledger has the mailbox's seat under another key: while keys change, no constraint sees it."""
    return len(seats) > 1 and _of_mailbox(new, seats).exists()


def _of_mailbox(new: Any, seats: list[bytes]) -> Any:
    keys = [key for key in (new.mailbox_key, new.mailbox_key_next) if key]
    return get_signature_model()._default_manager.for_mailbox(new.pledge_id, new.kind, keys, seats)


def _renewed(submission: Submission, new: Any, seats: list[bytes]) -> Any | None:
    """Start a new epoch of a withdrawn or rejected signature with the values of ``new``."""
    row = _of_mailbox(new, seats).select_for_update(of=("self",)).select_related("pledge").first()
    if row is None:
        message = "the signature violates a constraint of the site"
        raise IntegrityError(message)
    if is_signed(row) or row.state == SignatureState.ANONYMISED:
        return None
    mark_day_dirty(row.pledge, row.confirmed_at)
    if kind_has_logos(row.kind):
        remove_logo(row)
    new.review = max(row.review, new.review, key=[str(one) for one in _REVIEWS].index)
    new.public_name = _public_name(new)
    new.pk, new.uuid, new.epoch, new.link_epoch = row.pk, row.uuid, row.epoch + 1, row.link_epoch + 1
    new.withdrawn_at = None
    new._state.adding, new._state.db = False, row._state.db
    new.save(force_update=True)
    Submission.objects.filter(pk=submission.pk).update(signature_uuid=row.uuid)
    return new


def _siblings(*, submission: UUID, pledge: int, kind: str, key: bytes, seat: bytes, **_values: Any) -> Any:
    rows = Submission.objects.open().of_mailbox(pledge, [key]).exclude(pk=submission)
    return rows.filter(kind=kind, seat=seat)


def _superseded_columns(*, signature: UUID, **_values: Any) -> dict[str, Any]:
    return {**end_columns(SubmissionEnd.SUPERSEDED), "signature_uuid": signature}


_SAMPLE_SEAT: Final[dict[str, Any]] = {
    "pledge": 2_147_483_001,
    "kind": "a sample",
    "key": b"\x01" * 32,
    "seat": b"\x02" * 32,
}
_END_SIBLINGS: Final = PreparedQuery(_siblings, {**_SAMPLE, **_SAMPLE_SEAT}, _superseded_columns)


def _end_siblings(submission: Submission, signature: Any, seats: list[bytes]) -> None:
    """End the other open submissions of the same seat, under every listed key; they lead to the same signature."""
    values: dict[str, Any] = {"submission": submission.pk, "signature": signature.uuid, "pledge": submission.pledge_id}
    for key, seat in product(all_mailbox_keys(signature.pledge, signature.email), seats):
        _END_SIBLINGS.update(_settings(), **values, kind=submission.kind, key=key, seat=seat)


def _queue_thank_you(signature: Any) -> None:
    insert_or_ignore(
        OutboxMessage(
            kind=MessageKind.THANK_YOU,
            pledge_id=signature.pledge_id,
            signature_uuid=signature.uuid,
            locale=signature.locale,
        )
    )


def _after_rollback(submission: Submission, payload: Payload) -> Confirmation | None:
    """Return what another request has confirmed meanwhile, or what the mailbox had signed before."""
    fresh = Submission.objects.select_related("statement__signer_type__pledge").filter(pk=submission.pk).first()
    row = signature_of(fresh) if fresh is not None else None
    if row is None:
        row = ledger_row(submission, payload)
        row = row if row is not None and is_signed(row) else None
    return Confirmation(signature=row, is_new=False) if row is not None else None
