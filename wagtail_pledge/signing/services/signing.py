"""The one way a signature comes into being."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction

from wagtail_pledge.conf import get_setting
from wagtail_pledge.core import crypto
from wagtail_pledge.core.db import insert_or_nothing
from wagtail_pledge.signing.addresses import mailbox_key, masked
from wagtail_pledge.signing.enums import Approval, Display, MessageKind, PledgeState, Verdict
from wagtail_pledge.signing.kinds import SignerData, require_kind
from wagtail_pledge.signing.models import OutboxMessage, Pledge, SignerType, Statement, get_signature_model
from wagtail_pledge.signing.names import name_key
from wagtail_pledge.signing.stamps import InboxTicket


@dataclass(frozen=True, slots=True, kw_only=True)
class SignReceipt:
    """What a signer may know: the same whether the signature is new, pending, confirmed, withdrawn or held."""

    uuid: UUID
    ticket: InboxTicket


def is_open(pledge: Pledge, now: dt.datetime) -> bool:
    """Whether the pledge takes signatures at ``now``."""
    started = pledge.opens_at is None or pledge.opens_at <= now
    ended = pledge.closes_at is not None and pledge.closes_at <= now
    return pledge.state == PledgeState.OPEN and started and not ended


def shown_state(pledge: Pledge, now: dt.datetime) -> str:
    """Return the state that visitors see: dates close a pledge by themselves; ``"not_yet"`` before it opens."""
    if pledge.state != PledgeState.OPEN or is_open(pledge, now):
        return str(pledge.state)
    return "not_yet" if pledge.opens_at and pledge.opens_at > now else str(PledgeState.CLOSED)


def seconds_to_change(pledge: Pledge, now: dt.datetime) -> float | None:
    """Return how soon after ``now`` the dates open or close ``pledge``, ``None`` if they don't any more."""
    ahead = [at for at in (pledge.opens_at, pledge.closes_at) if at is not None and at > now]
    return (min(ahead) - now).total_seconds() if ahead else None


def accepts_confirmations(pledge: Pledge, now: dt.datetime) -> bool:
    """Whether a name signed in time may still be confirmed: while open or paused, and a grace after closing."""
    grace = dt.timedelta(hours=get_setting("CLOSING_GRACE_HOURS"))
    if pledge.closes_at is not None:
        return now <= pledge.closes_at + grace
    return pledge.state in {PledgeState.OPEN, PledgeState.PAUSED}


def mailbox_keys(pledge: Pledge, address: str) -> dict[str, bytes | None]:
    """Return the keys of the mailbox, by column, under the oldest and the newest version listed, equal where
    one is: see ``rekey``.
    """
    versions = sorted(crypto.keyring("dedup"))
    made = [mailbox_key(pledge.uuid.bytes, address, version=version) for version in (versions[0], versions[-1])]
    return {"mailbox_key": made[0], "mailbox_key_next": made[1]}


def seat_key(pledge: Pledge, text: str) -> bytes:
    """Return the 32 bytes of a seat, ``b""`` for the one seat of a mailbox. Made with the oldest seat key, or dedup
    key where no seat key is listed; a seat has one column, so its key stays when the dedup key rotates.
    """
    if not text:
        return b""
    purpose = "seat" if (get_setting("KEYS") or {}).get("seat") else "dedup"
    oldest = min(crypto.keyring(purpose))
    return crypto.keyed_hash(purpose, b"seat", pledge.uuid.bytes, text.encode(), version=oldest)


def _build(signer_type: SignerType, statement: Statement, data: SignerData, locale: str, form_id: bytes | None) -> Any:
    pledge, kind = signer_type.pledge, require_kind(signer_type.kind)
    needs_approval = signer_type.approval_required
    shown = kind.is_public_by_nature() or data.display != Display.HIDDEN
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
        consent_display=shown,
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
    """Store one signature on the pledge of ``statement`` and the note that its mail is due; both or nothing.

    ``data`` is already validated. The same two statements run whatever the ledger holds: a second signature of the same
    mailbox and seat changes nothing, and nobody can tell from the answer. ``idempotency_key`` is the form's 16 bytes,
    ``network_key`` the 8-byte hash of the client's network, ``signals`` codes of what the door noticed: any of them
    holds the signature, and the signer never learns it. ``source`` is a registered word
    (``known_source``). ``notes`` are for the worker and hold nothing (``door_notes``).
    Raises ``AddressRefused`` for an address that no mail reaches, ``UnknownKind`` for a retired kind, and
    database errors as they
    come: an exception means that nothing was stored.
    """
    signer_type = statement.signer_type
    signature = _build(signer_type, statement, data, locale or statement.locale, idempotency_key)
    signature.source = source
    signature.verdict = Verdict.HELD if signals else Verdict.CLEAR
    message = OutboxMessage(
        kind=MessageKind.SIGNED,
        pledge=signer_type.pledge,
        signer_type=signer_type,
        mailbox_key=signature.mailbox_key,
        seat=signature.seat,
        locale=signature.locale,
        network_key=network_key,
        # What is held already needs no note, and the column has an end
        signals=",".join(signals or notes),
    )
    with transaction.atomic():
        insert_or_nothing(signature)
        insert_or_nothing(message)
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


def send_again(ticket: InboxTicket) -> None:
    """Note that the mailbox behind a ticket asks for its mail again; the budget decides when it goes."""
    insert_or_nothing(
        OutboxMessage(
            kind=MessageKind.SIGNED,
            pledge_id=ticket.pledge_id,
            signer_type_id=ticket.signer_type_id,
            mailbox_key=bytes.fromhex(ticket.mailbox_key),
            seat=bytes.fromhex(ticket.seat),
            locale=ticket.locale,
        )
    )
