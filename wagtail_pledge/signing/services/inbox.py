"""The "check your inbox" page: confirming with a six-digit code, and correcting a mistyped address.

The confirmation mail has a code beside its link, for people who read mail on another device. A code only works on the
page after the form, in the browser that signed. Codes are derived by HMAC; only the number of attempts is stored.
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
from wagtail_pledge.core.db import database_now, from_now, insert_or_ignore, start_of_utc_day, utc_day
from wagtail_pledge.signing.abuse.signals import abuse_signals, screening_notes
from wagtail_pledge.signing.addresses import masked
from wagtail_pledge.signing.enums import MessageKind, Review, SignatureState
from wagtail_pledge.signing.kinds import SignerData, get_kind
from wagtail_pledge.signing.models import LimitBucket, OutboxMessage, Pledge, get_signature_model
from wagtail_pledge.signing.models.limits import NETWORK_KEY_BYTES
from wagtail_pledge.signing.services.lifecycle import CONFIRM, token_for
from wagtail_pledge.signing.services.signing import is_open, mailbox_keys, resend_mail
from wagtail_pledge.signing.services.switches import SIGNING, is_on
from wagtail_pledge.signing.stamps import InboxTicket

CODE_DIGITS: Final = 6
#: Attempts for one form; after that only the link works.
MAX_ATTEMPTS: Final = 5
#: Bytes of a stamp's form id, which is the signature's idempotency key.
FORM_ID_BYTES: Final = 16
#: Input is cut here: ample for six digits with spaces and dashes.
MAX_INPUT_CHARS: Final = 40
#: Prefix of the bucket keys that count attempts; buckets of domains and names have other prefixes.
CODE_KEY_PREFIX: Final = b"c"
_DUMMY_SUBJECT: Final = (0, UUID(int=0), 0)


def _code(subject: tuple[int, UUID, int], form_id: bytes, version: int) -> str:
    pledge_id, uuid, epoch = subject
    parts = (pledge_id.to_bytes(8, "big"), uuid.bytes, epoch.to_bytes(2, "big"), form_id)
    digest = crypto.keyed_hash("token", b"code", *parts, version=version)
    return f"{int.from_bytes(digest[:8], 'big') % 10**CODE_DIGITS:0{CODE_DIGITS}d}"


def _subject(signature: Any) -> tuple[int, UUID, int]:
    return signature.pledge_id, signature.uuid, signature.epoch


def _lifetime() -> dt.timedelta:
    return dt.timedelta(minutes=get_setting("INBOX_TICKET_MINUTES"))


def code_for_mail(signature: Any) -> str:
    """Return the six-digit code for a mail that is sent now, or ``""`` if the inbox page would no longer accept one."""
    if signature.state != SignatureState.PENDING or signature.idempotency_key is None:
        return ""
    now = getattr(signature, "db_now", None) or database_now()
    if signature.created_at + _lifetime() <= now:
        return ""
    return _code(_subject(signature), bytes(signature.idempotency_key), crypto.current_version("token"))


def parse_code(typed: str) -> str:
    """Return the typed or pasted code as six ASCII digits, or ``""`` if it is not six digits.

    Digits of any script are accepted; spaces and dashes are ignored.
    """
    chars = [
        char
        for char in typed[:MAX_INPUT_CHARS]
        if not char.isspace() and unicodedata.category(char) not in {"Pd", "Cf"}
    ]
    values = [unicodedata.decimal(char, None) for char in chars]
    code = "".join(str(value) for value in values if value is not None)
    return code if len(code) == len(values) == CODE_DIGITS else ""


def pending_signature_for(ticket: InboxTicket) -> Any:
    """Return a queryset of the pending signature that the ticket's own form created: at most one row.

    It is empty if the mailbox had signed with another form before, or if the signature is confirmed or older than
    ``INBOX_TICKET_MINUTES``.
    """
    mailbox_key = bytes.fromhex(ticket.mailbox_key)
    return get_signature_model()._default_manager.filter(
        Q(mailbox_key=mailbox_key) | Q(mailbox_key_next=mailbox_key),
        pledge_id=ticket.pledge_id,
        idempotency_key=bytes.fromhex(ticket.form_id),
        state=SignatureState.PENDING,
        created_at__gt=from_now(-_lifetime()),
    )


def _count_attempt(ticket: InboxTicket, day: dt.datetime) -> bool:
    """Count an attempt before anything is compared; return whether it is within ``MAX_ATTEMPTS``. Exact under races."""
    digest = crypto.keyed_hash("token", b"tries", bytes.fromhex(ticket.form_id))
    bucket = {
        "pledge_id": ticket.pledge_id,
        "network_key": CODE_KEY_PREFIX + digest[: NETWORK_KEY_BYTES - 1],
        "hour": day,
    }
    insert_or_ignore(LimitBucket(**bucket, count=0))
    return bool(LimitBucket.objects.filter(**bucket, count__lt=MAX_ATTEMPTS).update(count=F("count") + 1))


def confirm_token(ticket: InboxTicket, typed: str, now: dt.datetime) -> str:
    """Return the confirm token if ``typed`` is the code that was mailed for the form of ``ticket``, else ``""``.

    It does not confirm the signature. A wrong code, a sixth attempt, a mailbox that had signed before and an expired
    signature run the same three SQL statements and all return ``""``, so nobody can learn who has signed.
    """
    code = parse_code(typed)
    if not code or not ticket.form_id:
        return ""
    signature = pending_signature_for(ticket).only("pledge_id", "uuid", "epoch", "created_at").first()
    # The day of signing, not today, so that midnight does not reset the attempts
    is_within_limit = _count_attempt(ticket, start_of_utc_day(utc_day(signature.created_at if signature else now)))
    subject, form_id = _subject(signature) if signature else _DUMMY_SUBJECT, bytes.fromhex(ticket.form_id)
    codes = [_code(subject, form_id, version) for version in crypto.keyring("token")]
    is_right = sum(hmac.compare_digest(code, expected) for expected in codes) > 0
    return token_for(CONFIRM, signature) if signature is not None and is_within_limit and is_right else ""


#: Not copied to the corrected signature: it gets new links, a new code and a new time.
_REGENERATED: Final = frozenset({"id", "uuid", "created_at"})
#: Long enough that the "filled in too fast" check does not apply to a form with one field.
_ASSUMED_STAMP_AGE: Final = dt.timedelta(days=1)


def correct_address(
    ticket: InboxTicket, *, address: str, network_key: bytes | None, now: dt.datetime
) -> InboxTicket | None:
    """Move the unconfirmed signature of ``ticket`` to ``address``, queue its mail, and return the new ticket.

    ``address`` is already validated; ``network_key`` is the 8-byte hash of the client's network. The signature is
    replaced by a copy with another UUID, so links in the earlier mail stop working. This happens once, only for the
    form that created the signature, and only while it is pending and its review is OK. In every other case only a
    message is queued, and the worker decides what to send, if anything; the returned ticket is the same, so nobody
    can learn who has signed. Returns ``None`` if the pledge accepts no signatures now, or if the address was already
    corrected.
    """
    pledge = Pledge.objects.filter(pk=ticket.pledge_id).first()
    if pledge is None or ticket.is_corrected or not ticket.form_id or not is_open(pledge, now) or is_on(SIGNING):
        return None
    keys = mailbox_keys(pledge, address)
    if keys["mailbox_key"] == bytes.fromhex(ticket.mailbox_key):
        resend_mail(ticket)
        return ticket
    new_ticket = replace(
        ticket,
        mailbox_key=(keys["mailbox_key"] or b"").hex(),
        masked=masked(address),
        form_id=_form_id_after(ticket).hex(),
        is_corrected=True,
    )
    with transaction.atomic():
        signature = pending_signature_for(ticket).filter(review=Review.OK).first()
        signals, notes = _screened(signature, address, now)
        if signature is not None and _is_allowed(signature, address) and _delete_if_unchanged(signature):
            changed = {"email": address.strip(), "review": Review.NEEDS_REVIEW if signals else Review.OK, **keys}
            insert_or_ignore(_copy(signature, {**changed, "idempotency_key": bytes.fromhex(new_ticket.form_id)}))
        insert_or_ignore(_message(new_ticket, network_key, ",".join(signals or notes)))
    return new_ticket


def _form_id_after(ticket: InboxTicket) -> bytes:
    """Return a form id for the corrected signature.

    It differs from the old one, so sending the original form again returns no ticket that could move the signature a
    second time.
    """
    return crypto.keyed_hash("token", b"corrected", bytes.fromhex(ticket.form_id))[:FORM_ID_BYTES]


def _screened(signature: Any | None, address: str, now: dt.datetime) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return (abuse signals, notes) as if the form had been sent with ``address``."""
    data = SignerData(name=signature.name if signature is not None else "", email=address)
    signals = abuse_signals(data=data, stamp_age=_ASSUMED_STAMP_AGE, honeypot=False) if signature is not None else ()
    return signals, screening_notes(data=data, proof=None, now=now)


def _is_allowed(signature: Any, address: str) -> bool:
    """Whether the validators of the kind and the site accept the form with ``address``."""
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


def _delete_if_unchanged(signature: Any) -> bool:
    """Delete the row; return false if it was confirmed, moved or held since it was read."""
    unchanged = {"state": SignatureState.PENDING, "review": Review.OK, "epoch": signature.epoch}
    rows = get_signature_model()._default_manager.filter(pk=signature.pk, uuid=signature.uuid, **unchanged)
    return bool(rows.delete()[0])


def _copy(signature: Any, changed: Mapping[str, Any]) -> Any:
    """Return an unsaved copy of ``signature``, a site's own columns included, with the values of ``changed``."""
    fields = [field for field in signature._meta.concrete_fields if field.name not in _REGENERATED]
    values = {field.attname: getattr(signature, field.attname) for field in fields if field.name not in changed}
    return type(signature)(uuid=uuid4(), **values, **changed)


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
