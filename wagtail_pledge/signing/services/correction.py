"""A slip in the address, corrected on the page after the form, once, before anybody has confirmed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.module_loading import import_string

from wagtail_pledge.core import keys
from wagtail_pledge.core.settings import get_setting
from wagtail_pledge.core.sql import insert_or_nothing
from wagtail_pledge.signing.abuse.notes import door_notes
from wagtail_pledge.signing.abuse.signals import door_signals
from wagtail_pledge.signing.enums import MessageKind, SignatureState, Verdict
from wagtail_pledge.signing.kinds import SignerData, get_kind
from wagtail_pledge.signing.mailbox import masked
from wagtail_pledge.signing.models import OutboxMessage, Pledge, get_signature_model
from wagtail_pledge.signing.services.codes import FORM_ID_BYTES, pending_behind
from wagtail_pledge.signing.services.signing import is_open, mailbox_keys, send_again
from wagtail_pledge.signing.services.switches import SIGNING, is_on
from wagtail_pledge.signing.stamps import InboxTicket

#: Made anew for the corrected signature: its links, its code and its time are others.
_NEW: Final = frozenset({"id", "uuid", "created_at"})
#: Nobody hurries through a form that has one field.
_NO_HURRY: Final = dt.timedelta(days=1)


def correct_address(
    ticket: InboxTicket, *, address: str, network_key: bytes | None, now: dt.datetime
) -> InboxTicket | None:
    """Move the unconfirmed signature behind ``ticket`` to ``address`` and note that its mail is due.

    ``address`` is already validated. The signature is replaced by one with another UUID, so every link to the old
    mailbox is dead. Only the form that made it can move it, once, while it is pending and held by nobody; in every
    other case only the message is noted, and the worker finds what there is to say, if anything. Returns the ticket
    for the new mailbox, the same in all cases; ``None`` where the pledge takes no names now, or the address of the
    ticket was corrected before.
    """
    pledge = Pledge.objects.filter(pk=ticket.pledge_id).first()
    if pledge is None or ticket.is_corrected or not ticket.form_id or not is_open(pledge, now) or is_on(SIGNING):
        return None
    made = mailbox_keys(pledge, address)
    if made["mailbox_key"] == bytes.fromhex(ticket.mailbox_key):
        send_again(ticket)
        return ticket
    moved = replace(
        ticket,
        mailbox_key=(made["mailbox_key"] or b"").hex(),
        masked=masked(address),
        form_id=_form_id_after(ticket).hex(),
        is_corrected=True,
    )
    with transaction.atomic():
        found = pending_behind(ticket).filter(verdict=Verdict.CLEAR).first()
        signals, notes = _looked_at(found, address, now)
        if found is not None and _is_allowed(found, address) and _gone(found):
            changed = {"email": address.strip(), "verdict": Verdict.HELD if signals else Verdict.CLEAR, **made}
            insert_or_nothing(_copy(found, {**changed, "idempotency_key": bytes.fromhex(moved.form_id)}))
        insert_or_nothing(_message(moved, network_key, ",".join(signals or notes)))
    return moved


def _form_id_after(ticket: InboxTicket) -> bytes:
    """Another id: the form itself, sent again, gets no ticket that could move the signature a second time."""
    return keys.keyed_hash("token", b"corrected", bytes.fromhex(ticket.form_id))[:FORM_ID_BYTES]


def _looked_at(found: Any | None, address: str, now: dt.datetime) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return signals and notes as the door would have, had it been given this address."""
    data = SignerData(name=found.name if found is not None else "", email=address)
    signals = door_signals(data=data, stamp_age=_NO_HURRY, honeypot=False) if found is not None else ()
    return signals, door_notes(data=data, proof=None, now=now)


def _is_allowed(signature: Any, address: str) -> bool:
    """Whether the kind and the site would have taken the form with this address."""
    kind = get_kind(signature.kind)
    stored: Mapping[str, Any] = {
        **signature.details,
        "name": signature.name,
        "country": signature.country,
        "display": signature.display,
        "updates": signature.consent_updates,
    }
    data = {**{field.name: stored.get(field.name, "") for field in kind.fields}, "email": address}
    try:
        kind.clean(data)
        for path in get_setting("SIGN_VALIDATORS"):
            import_string(path)(kind=kind.slug, data=data)
    except ValidationError:
        return False
    return True


def _gone(signature: Any) -> bool:
    """Take the row away; false if somebody has confirmed, moved or held it since it was read."""
    unchanged = {"state": SignatureState.PENDING, "verdict": Verdict.CLEAR, "epoch": signature.epoch}
    rows = get_signature_model()._default_manager.filter(pk=signature.pk, uuid=signature.uuid, **unchanged)
    return bool(rows.delete()[0])


def _copy(signature: Any, changed: Mapping[str, Any]) -> Any:
    """Return an unsaved row with all that the old one held, a site's own columns included."""
    fields = [field for field in signature._meta.concrete_fields if field.name not in _NEW]
    kept = {field.attname: getattr(signature, field.attname) for field in fields if field.name not in changed}
    return type(signature)(uuid=uuid4(), **kept, **changed)


def _message(ticket: InboxTicket, network_key: bytes | None, signals: str) -> OutboxMessage:
    return OutboxMessage(
        kind=MessageKind.SIGNED,
        pledge_id=ticket.pledge_id,
        signer_type_id=ticket.signer_type_id,
        mailbox_key=bytes.fromhex(ticket.mailbox_key),
        seat=bytes.fromhex(ticket.seat),
        locale=ticket.locale,
        network_key=network_key,
        signals=signals,
    )
