"""The six digits beside the link in the confirmation mail: for people who read mail on another device.

A code works on the page after the form, in the browser that signed, and nowhere else. Nothing is stored but the tries.
"""

from __future__ import annotations

import datetime as dt
import hmac
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q
from django.utils.module_loading import import_string

from wagtail_pledge.conf import get_setting
from wagtail_pledge.core import crypto
from wagtail_pledge.core.db import database_now, from_now, insert_or_nothing, start_of_utc_day, utc_day
from wagtail_pledge.signing.abuse.signals import door_notes, door_signals
from wagtail_pledge.signing.addresses import masked
from wagtail_pledge.signing.enums import MessageKind, SignatureState, Verdict
from wagtail_pledge.signing.kinds import SignerData, get_kind
from wagtail_pledge.signing.models import LimitBucket, OutboxMessage, Pledge, get_signature_model
from wagtail_pledge.signing.models.limits import NETWORK_KEY_BYTES
from wagtail_pledge.signing.services.lifecycle import CONFIRM, token_for
from wagtail_pledge.signing.services.signing import is_open, mailbox_keys, send_again
from wagtail_pledge.signing.services.switches import SIGNING, is_on
from wagtail_pledge.signing.stamps import InboxTicket

DIGITS: Final = 6
#: How often one form may guess; then only the link works.
TRIES: Final = 5
#: Of a stamp's id, which is the signature's idempotency key.
FORM_ID_BYTES: Final = 16
#: More than anybody needs for six digits with blanks and dashes between them.
MAX_TYPED: Final = 40
#: Stands before the keys of these buckets, as other letters stand before those of domains and names.
BUCKET: Final = b"c"
_NOBODY: Final = (0, UUID(int=0), 0)


def _code(subject: tuple[int, UUID, int], form_id: bytes, version: int) -> str:
    pledge_id, uuid, epoch = subject
    parts = (pledge_id.to_bytes(8, "big"), uuid.bytes, epoch.to_bytes(2, "big"), form_id)
    digest = crypto.keyed_hash("token", b"code", *parts, version=version)
    return f"{int.from_bytes(digest[:8], 'big') % 10**DIGITS:0{DIGITS}d}"


def _subject(signature: Any) -> tuple[int, UUID, int]:
    return signature.pledge_id, signature.uuid, signature.epoch


def _lifetime() -> dt.timedelta:
    return dt.timedelta(minutes=get_setting("INBOX_TICKET_MINUTES"))


def mail_code(signature: Any) -> str:
    """Return the code for a mail that goes out now, ``""`` where no page would take it (any more)."""
    if signature.state != SignatureState.PENDING or signature.idempotency_key is None:
        return ""
    now = getattr(signature, "db_now", None) or database_now()
    if signature.created_at + _lifetime() <= now:
        return ""
    return _code(_subject(signature), bytes(signature.idempotency_key), crypto.current_version("token"))


def digits_of(typed: str) -> str:
    """Return the digits of what was typed or pasted, in any script; ``""`` for anything but six of them.

    Blanks and dashes between them don't matter.
    """
    kept = [char for char in typed[:MAX_TYPED] if not char.isspace() and unicodedata.category(char) not in {"Pd", "Cf"}]
    values = [unicodedata.decimal(char, None) for char in kept]
    found = "".join(str(value) for value in values if value is not None)
    return found if len(found) == len(values) == DIGITS else ""


def pending_behind(ticket: InboxTicket) -> Any:
    """Return the query for the signature that came with the ticket's form, into its mailbox; it finds nothing where
    another form or nobody has signed, or where it is confirmed or too old.
    """
    mailbox_key = bytes.fromhex(ticket.mailbox_key)
    return get_signature_model()._default_manager.filter(
        Q(mailbox_key=mailbox_key) | Q(mailbox_key_next=mailbox_key),
        pledge_id=ticket.pledge_id,
        idempotency_key=bytes.fromhex(ticket.form_id),
        state=SignatureState.PENDING,
        created_at__gt=from_now(-_lifetime()),
    )


def _take_try(ticket: InboxTicket, day: dt.datetime) -> bool:
    """Count a try before anything is compared; false once the form has used up its own. Exact under races."""
    digest = crypto.keyed_hash("token", b"tries", bytes.fromhex(ticket.form_id))
    bucket = {"pledge_id": ticket.pledge_id, "network_key": BUCKET + digest[: NETWORK_KEY_BYTES - 1], "hour": day}
    insert_or_nothing(LimitBucket(**bucket, count=0))
    return bool(LimitBucket.objects.filter(**bucket, count__lt=TRIES).update(count=F("count") + 1))


def confirm_token(ticket: InboxTicket, typed: str, now: dt.datetime) -> str:
    """Return the token of the confirm link if ``typed`` is the code that was mailed for the form behind ``ticket``,
    else ``""``.

    Nothing is confirmed. A wrong code, a sixth try, a mailbox that had signed before and one that nobody confirmed in
    time run the same three statements and say the same.
    """
    given = digits_of(typed)
    if not given or not ticket.form_id:
        return ""
    found = pending_behind(ticket).only("pledge_id", "uuid", "epoch", "created_at").first()
    # The day of signing, not today: midnight brings no new tries
    may_try = _take_try(ticket, start_of_utc_day(utc_day(found.created_at if found else now)))
    subject, form_id = _subject(found) if found else _NOBODY, bytes.fromhex(ticket.form_id)
    codes = [_code(subject, form_id, version) for version in crypto.keyring("token")]
    is_right = sum(hmac.compare_digest(given, code) for code in codes) > 0
    return token_for(CONFIRM, found) if found is not None and may_try and is_right else ""


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
    return crypto.keyed_hash("token", b"corrected", bytes.fromhex(ticket.form_id))[:FORM_ID_BYTES]


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
