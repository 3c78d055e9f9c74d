"""Submitting a form: one statement that stores it, apart from the ledger, and what its ticket can do.

Nothing here reads or writes the ledger, so nobody learns from it who has signed.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db.models import Case, DateTimeField, F, IntegerField, Q, Value, When
from django.db.models.functions import Now

from wagtail_pledge.core.crypto import keyed_hash
from wagtail_pledge.core.db import insert_values
from wagtail_pledge.signing.abuse.signals import signal_codes_in
from wagtail_pledge.signing.addresses import mailbox_key, masked
from wagtail_pledge.signing.enums import MailQueue, MessageKind, Review
from wagtail_pledge.signing.kinds import SignerData
from wagtail_pledge.signing.models import Statement, Submission
from wagtail_pledge.signing.services.payloads import Payload, canonical_json, seal_payload, seat_of, values_of
from wagtail_pledge.signing.stamps import MAX_MOVES, InboxTicket, Stamp

_ID_BYTES: Final = 16
_MAX_RESENDS: Final = 30_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Result of :func:`submit`: nothing in it depends on whether the mailbox had signed before."""

    id: UUID
    ticket: InboxTicket


def submission_id(form_id: bytes, data: SignerData, *, version: int | None = None) -> UUID:
    """Return the id of a form with these values: the same for the same form, another one for changed values.

    ``version`` is that of the token key that the stamp was made with.
    """
    values = canonical_json(values_of(data))
    return UUID(bytes=keyed_hash("token", b"submission", form_id, values, version=version)[:_ID_BYTES])


def submit(
    *,
    statement: Statement,
    data: SignerData,
    locale: str = "",
    source: str = "",
    stamp: Stamp | None = None,
    network_key: bytes | None = None,
    signals: Sequence[str] = (),
    notes: Sequence[str] = (),
) -> Receipt:
    """Store one form that was sent; its mailbox gets a mail and has to confirm. One SQL statement.

    It never reads or writes the ledger. The same form (stamp and values) sent twice is stored once.

    ``data`` is already validated. ``statement`` is the one that the signer saw, with ``signer_type.pledge``; without a
    form, the result of ``current_statement``. ``locale`` is the language of mails, by default the statement's.
    ``source`` is the code of a registered link (``registered_source``), ``stamp`` is the form's, ``network_key`` is
    the 8-byte hash of the client's network. ``signals`` are abuse codes
    (``abuse_signals``): any of them holds the signature for review, without telling the signer. ``notes`` are for the
    worker's checks (``screening_notes``).

    Raises ``AddressRefused`` for an undeliverable address, ``UnknownKind`` for a kind that is not registered,
    ``PayloadTooLong``, and any database error; then nothing was stored.
    """
    form_id = stamp.form_id if stamp is not None else secrets.token_bytes(_ID_BYTES)
    row = submission_id(form_id, data, version=stamp.key_version if stamp is not None else None)
    payload = Payload(data=data, locale=locale or statement.locale, source=source)
    signals_text = ",".join((*signals, *notes))
    insert_values(Submission, submission_values(row, statement, payload, network_key=network_key, signals=signals_text))
    ticket = InboxTicket(
        pledge_id=statement.signer_type.pledge_id,
        submission=row.hex,
        masked=masked(data.email),
        locale=payload.locale,
        takes_code=stamp is not None,
        kind=statement.signer_type.kind,
        needs_approval=statement.signer_type.approval_required,
    )
    return Receipt(id=row, ticket=ticket)


def new_submission(
    row: UUID, statement: Statement, payload: Payload, *, network_key: bytes | None, signals: str, **columns: Any
) -> Submission:
    """Return an unsaved submission with the values of :func:`submission_values` and ``columns``."""
    return Submission(**submission_values(row, statement, payload, network_key=network_key, signals=signals), **columns)


def submission_values(
    row: UUID, statement: Statement, payload: Payload, *, network_key: bytes | None, signals: str
) -> dict[str, Any]:
    """Return the values of a new row by ``attname``; the database sets the others.

    The mailbox key is of the newest version; it is found under every listed one.
    """
    signer_type, codes = statement.signer_type, signal_codes_in(signals)
    return {
        "id": row,
        "pledge_id": signer_type.pledge_id,
        "signer_type_id": signer_type.pk,
        "statement_id": statement.pk,
        "kind": signer_type.kind,
        "mailbox_key": mailbox_key(signer_type.pledge.uuid.bytes, payload.address),
        "seat": seat_of(statement, payload.data),
        "payload": seal_payload(row, payload),
        "network_key": network_key,
        "signals": signals,
        "review": Review.NEEDS_REVIEW if codes else Review.OK,
        "review_reason": codes[0] if codes else "",
    }


def newest_of_chain(row: UUID) -> Submission | None:
    """Return the submission ``row``, or the one that its address was corrected to; one query a correction."""
    submissions = Submission.objects.select_related("statement__signer_type__pledge")
    found: Submission | None = submissions.filter(pk=row).first()
    for _move in range(MAX_MOVES):
        if found is None or found.moved_to is None:
            break
        found = submissions.filter(pk=found.moved_to).first() or found
    return found


def resend_mail(ticket: InboxTicket) -> None:
    """Have the mail of a ticket's submission sent again; the mail budget decides when and whether.

    The statements do not depend on what became of the submission.
    """
    submission = newest_of_chain(UUID(ticket.submission))
    if submission is not None:
        ask_for_mail(submission.pk)


def ask_for_mail(row: UUID) -> None:
    """Have the mail of the submission ``row`` sent, unless it is due already and waits for its turn.

    It is sent in place of the reminder.
    """
    is_idle = Q(queue__gte=MailQueue.REMINDERS) & ~Q(queue=MailQueue.SURGE)
    has_reminder = is_idle | Q(mail=MessageKind.STOPPED)
    Submission.objects.filter(pk=row, resends__lt=_MAX_RESENDS).update(
        resends=F("resends") + 1,
        due_at=Case(When(is_idle, then=Now()), default=F("due_at"), output_field=DateTimeField()),
        queue=Case(When(is_idle, then=MailQueue.SIGNERS.value), default=F("queue"), output_field=IntegerField()),
        mail=Case(When(is_idle, then=Value("")), default=F("mail")),
        reminder_at=Case(When(has_reminder, then=Now()), default=F("reminder_at"), output_field=DateTimeField()),
    )
