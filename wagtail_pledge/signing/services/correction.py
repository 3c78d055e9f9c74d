"""Correcting a mistyped address on the "check your inbox" page: the submission moves to another one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Case, DateTimeField, F, IntegerField, Q, When
from django.utils.module_loading import import_string

from wagtail_pledge.conf import get_setting
from wagtail_pledge.core import crypto
from wagtail_pledge.core.db import insert_or_ignore, no_queries
from wagtail_pledge.signing.abuse.signals import abuse_signals, kept_codes, kept_notes, screening_notes
from wagtail_pledge.signing.addresses import masked
from wagtail_pledge.signing.enums import MailQueue
from wagtail_pledge.signing.kinds import get_kind
from wagtail_pledge.signing.models import Submission
from wagtail_pledge.signing.services.confirming import deletion_time
from wagtail_pledge.signing.services.payloads import Payload, payload_of
from wagtail_pledge.signing.services.signing import is_open
from wagtail_pledge.signing.services.submissions import ask_for_mail, new_submission, newest_of_chain
from wagtail_pledge.signing.services.switches import SIGNING, is_on
from wagtail_pledge.signing.stamps import MAX_MOVES, InboxTicket

#: Long enough that the "filled in too fast" check does not apply to a form with one field.
_ASSUMED_STAMP_AGE: Final = dt.timedelta(days=1)
_ID_BYTES: Final = 16


def correct_address(
    ticket: InboxTicket, *, address: str, network_key: bytes | None, now: dt.datetime
) -> InboxTicket | None:
    """Move the submission of ``ticket`` to ``address`` and return the new ticket; at most ``MAX_MOVES`` times.

    ``address`` is already validated; ``network_key`` is the 8-byte hash of the client's network. The submission is
    replaced by another one with the same values and times, so the links and the code of the earlier mail stop working.
    It works the same whatever the mailbox's owner, the ledger or the worker did meanwhile. The same address as before
    only asks for the mail again; the ticket then keeps its end.

    Returns ``None`` if the address can no longer be corrected. Raises ``ValidationError`` if the kind's or the site's
    validators refuse the form with this address.
    """
    old = newest_of_chain(UUID(ticket.submission))
    payload = payload_of(old) if old is not None else None
    if old is None or payload is None or old.moves >= MAX_MOVES:
        return None
    pledge = old.statement.signer_type.pledge
    if not is_open(pledge, now) or is_on(SIGNING):
        return None
    if payload.address == address.strip():
        ask_for_mail(old.pk)
        return _ticket(ticket, old.pk, address, old.moves)
    ticket = replace(ticket, until=0)
    corrected = replace(payload, data=replace(payload.data, email=address.strip()))
    _validate(old, corrected)
    new = _moved(old, corrected, network_key, now)
    with transaction.atomic():
        mine = Submission.objects.filter(pk=old.pk, moved_to__isnull=True)
        if mine.update(moved_to=new.pk, **idle_columns()):
            insert_or_ignore(new)
            return _ticket(ticket, new.pk, address, new.moves)
    # Another request was first: its address is shown
    return correct_address(ticket, address=address, network_key=network_key, now=now)


def idle_columns() -> dict[str, Any]:
    """Return the values that a submission gets whose address was corrected: no mail is due for it any more.

    One that was not screened yet stays in its queue until it is: it takes its place of the network and counts in the
    rate limits like any other.
    """
    is_screened = Q(screened_at__isnull=False)
    return {
        "queue": Case(When(is_screened, then=MailQueue.NO_MAIL.value), default=F("queue"), output_field=IntegerField()),
        "due_at": Case(When(is_screened, then=deletion_time()), default=F("due_at"), output_field=DateTimeField()),
        "lease_until": None,
        "lease_token": None,
    }


def _ticket(ticket: InboxTicket, row: UUID, address: str, moves: int) -> InboxTicket:
    return replace(ticket, submission=row.hex, masked=masked(address), moves=moves)


def _moved(old: Submission, payload: Payload, network_key: bytes | None, now: dt.datetime) -> Submission:
    """Return the unsaved submission that replaces ``old``; abuse codes and proof of work are kept."""
    digest = crypto.keyed_hash("token", b"corrected", old.pk.bytes, payload.address.encode("utf-8", "surrogatepass"))
    codes = abuse_signals(data=payload.data, stamp_age=_ASSUMED_STAMP_AGE, honeypot=False)
    kept = dict.fromkeys((*kept_codes(old.signals), *codes))
    notes = (*screening_notes(data=payload.data, proof=None, now=now), *kept_notes(old.signals))
    return new_submission(
        UUID(bytes=digest[:_ID_BYTES]),
        old.statement,
        payload,
        network_key=network_key,
        signals=",".join((*kept, *notes)),
        submitted_at=old.submitted_at,
        moves=old.moves + 1,
        moved_from=old.pk,
    )


def _validate(old: Submission, payload: Payload) -> None:
    """Run the validators of the kind and the site. Raises ``ValidationError``."""
    kind, data = get_kind(old.kind), payload.data
    stored: Mapping[str, Any] = {
        **data.details,
        "name": data.name,
        "country": data.country,
        "display": data.display,
        "updates": data.consent_updates,
    }
    values = {**{field.name: stored.get(field.name, "") for field in kind.fields}, "email": payload.address}
    with no_queries("Validating a form"):
        kind.clean(values)
        for path in get_setting("SIGN_VALIDATORS"):
            import_string(path)(kind=kind.slug, data=values)
