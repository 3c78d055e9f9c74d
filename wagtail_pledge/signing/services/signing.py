"""Signing: the only way to create a signature, and whether a pledge accepts signatures and confirmations."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction

from wagtail_pledge.conf import get_setting
from wagtail_pledge.core import crypto
from wagtail_pledge.core.db import insert_or_ignore
from wagtail_pledge.signing.addresses import mailbox_key, masked
from wagtail_pledge.signing.enums import Approval, Display, MessageKind, PledgeState, Review
from wagtail_pledge.signing.kinds import SignerData, require_kind
from wagtail_pledge.signing.models import OutboxMessage, Pledge, SignerType, Statement, get_signature_model
from wagtail_pledge.signing.names import name_key
from wagtail_pledge.signing.stamps import InboxTicket


@dataclass(frozen=True, slots=True, kw_only=True)
class SignReceipt:
    """Result of :func:`sign`: nothing in it depends on whether the mailbox had signed before or is held for review."""

    uuid: UUID
    ticket: InboxTicket


def is_open(pledge: Pledge, now: dt.datetime) -> bool:
    """Whether the pledge accepts signatures at ``now``."""
    started = pledge.opens_at is None or pledge.opens_at <= now
    ended = pledge.closes_at is not None and pledge.closes_at <= now
    return pledge.state == PledgeState.OPEN and started and not ended


def public_state(pledge: Pledge, now: dt.datetime) -> str:
    """Return the state that visitors see at ``now``: a ``PledgeState`` value, or ``"not_yet"`` before it opens.

    An open pledge whose closing time has passed is ``"closed"``.
    """
    if pledge.state != PledgeState.OPEN or is_open(pledge, now):
        return str(pledge.state)
    return "not_yet" if pledge.opens_at and pledge.opens_at > now else str(PledgeState.CLOSED)


def seconds_until_change(pledge: Pledge, now: dt.datetime) -> float | None:
    """Return the seconds from ``now`` until ``pledge`` opens or closes by its dates, or ``None`` if it won't."""
    ahead = [at for at in (pledge.opens_at, pledge.closes_at) if at is not None and at > now]
    return (min(ahead) - now).total_seconds() if ahead else None


def accepts_confirmations(pledge: Pledge, now: dt.datetime) -> bool:
    """Whether a signature made in time may still be confirmed: while open or paused, and ``CLOSING_GRACE_HOURS`` after
    closing.
    """
    grace = dt.timedelta(hours=get_setting("CLOSING_GRACE_HOURS"))
    if pledge.closes_at is not None:
        return now <= pledge.closes_at + grace
    return pledge.state in {PledgeState.OPEN, PledgeState.PAUSED}


def mailbox_keys(pledge: Pledge, address: str) -> dict[str, bytes | None]:
    """Return the values of ``mailbox_key`` and ``mailbox_key_next``, 32 bytes each.

    They are made with the oldest and the newest listed version of the dedup key, which is the same one unless a
    rotation is under way (see ``key_rotation``). Raises ``AddressRefused``.
    """
    versions = sorted(crypto.keyring("dedup"))
    keys = [mailbox_key(pledge.uuid.bytes, address, version=version) for version in (versions[0], versions[-1])]
    return {"mailbox_key": keys[0], "mailbox_key_next": keys[1]}


def seat_key(pledge: Pledge, text: str) -> bytes:
    """Return the 32-byte seat for ``text``, ``b""`` for an empty text.

    The seat (:meth:`SignerKind.seat_text`) tells apart the signatures that one mailbox may make. It is made with the
    oldest seat key, or the oldest dedup key if no seat key is listed. It has only one column, so its key must stay
    when the dedup key rotates.
    """
    if not text:
        return b""
    purpose = "seat" if (get_setting("KEYS") or {}).get("seat") else "dedup"
    oldest = min(crypto.keyring(purpose))
    return crypto.keyed_hash(purpose, b"seat", pledge.uuid.bytes, text.encode(), version=oldest)


def _build(signer_type: SignerType, statement: Statement, data: SignerData, locale: str, form_id: bytes | None) -> Any:
    pledge, kind = signer_type.pledge, require_kind(signer_type.kind)
    needs_approval = signer_type.approval_required
    is_shown = kind.is_always_public() or data.display != Display.HIDDEN
    return get_signature_model()(
        uuid=uuid4(),
        pledge=pledge,
        signer_type=signer_type,
        statement=statement,
        kind=kind.slug,
        locale=locale,
        approval=Approval.WAITING if needs_approval else Approval.NOT_NEEDED,
        seat=seat_key(pledge, kind.seat_text(data, shared_mailboxes=pledge.shared_mailboxes)),
        name_key=name_key(pledge.uuid.bytes, data.name),
        idempotency_key=form_id,
        email=data.email.strip(),
        name=data.name,
        details=dict(data.details),
        answers=dict(data.answers),
        country=data.country,
        display=data.display,
        consent_sign=True,
        consent_display=is_shown,
        consent_updates=data.consent_updates,
        **mailbox_keys(pledge, data.email),
    )


def sign(
    *,
    statement: Statement,
    data: SignerData,
    locale: str = "",
    idempotency_key: bytes | None = None,
    network_key: bytes | None = None,
    source: str = "",
    signals: Sequence[str] = (),
    notes: Sequence[str] = (),
) -> SignReceipt:
    """Store one signature on the pledge of ``statement`` and queue its mail, in one transaction.

    A second signature with the same kind, mailbox and seat changes nothing. The same two SQL statements run in both
    cases and the receipt does not differ, so nobody can learn who has signed.

    ``data`` is already validated. ``statement`` is the one that the signer saw; without a form, the result of
    ``current_statement``. ``locale`` is the language of mails, by default the statement's.
    ``idempotency_key`` is the 16-byte form id of the stamp, ``network_key`` the 8-byte hash of the client's network,
    ``source`` the code of a registered link (``registered_source``). ``signals`` are abuse codes (``abuse_signals``):
    any of them holds the signature for review, without telling the signer. ``notes`` are for the worker's checks
    (``screening_notes``) and do not hold the signature.

    Raises ``AddressRefused`` for an undeliverable address, ``UnknownKind`` for a kind that is not registered, and any
    database error; then nothing was stored.
    """
    signer_type = statement.signer_type
    signature = _build(signer_type, statement, data, locale or statement.locale, idempotency_key)
    signature.source = source
    signature.review = Review.NEEDS_REVIEW if signals else Review.OK
    message = OutboxMessage(
        kind=MessageKind.SIGNED,
        pledge=signer_type.pledge,
        signer_type=signer_type,
        mailbox_key=signature.mailbox_key,
        seat=signature.seat,
        locale=signature.locale,
        network_key=network_key,
        # A signature that is held needs no notes, and the column is limited to 120 characters
        signals=",".join(signals or notes),
    )
    with transaction.atomic():
        insert_or_ignore(signature)
        insert_or_ignore(message)
    return SignReceipt(uuid=signature.uuid, ticket=_ticket(signature, data.email))


def _ticket(signature: Any, address: str) -> InboxTicket:
    return InboxTicket(
        pledge_id=signature.pledge_id,
        signer_type_id=signature.signer_type_id,
        mailbox_key=signature.mailbox_key.hex(),
        seat=signature.seat.hex(),
        masked=masked(address),
        locale=signature.locale,
        form_id=(signature.idempotency_key or b"").hex(),
    )


def resend_mail(ticket: InboxTicket) -> None:
    """Queue the mail of a ticket's mailbox again; the mail budget decides when it is sent."""
    insert_or_ignore(
        OutboxMessage(
            kind=MessageKind.SIGNED,
            pledge_id=ticket.pledge_id,
            signer_type_id=ticket.signer_type_id,
            mailbox_key=bytes.fromhex(ticket.mailbox_key),
            seat=bytes.fromhex(ticket.seat),
            locale=ticket.locale,
        )
    )
