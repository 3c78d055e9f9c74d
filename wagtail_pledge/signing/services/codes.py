"""The six digits beside the link in the confirmation mail: for people who read mail on another device.

A code works on the page after the form, in the browser that signed, and nowhere else. Nothing is stored but the tries.
"""

from __future__ import annotations

import datetime as dt
import hmac
import unicodedata
from typing import Any, Final
from uuid import UUID

from django.db.models import F, Q

from wagtail_pledge.core import keys
from wagtail_pledge.core.dates import database_now, from_now, start_of_utc_day, utc_day
from wagtail_pledge.core.settings import get_setting
from wagtail_pledge.core.sql import insert_or_nothing
from wagtail_pledge.signing.enums import SignatureState
from wagtail_pledge.signing.models import LimitBucket, get_signature_model
from wagtail_pledge.signing.models.limits import NETWORK_KEY_BYTES
from wagtail_pledge.signing.services.lifecycle import CONFIRM, token_for
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
    digest = keys.keyed_hash("token", b"code", *parts, version=version)
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
    return _code(_subject(signature), bytes(signature.idempotency_key), keys.current_version("token"))


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
    digest = keys.keyed_hash("token", b"tries", bytes.fromhex(ticket.form_id))
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
    codes = [_code(subject, form_id, version) for version in keys.keyring("token")]
    is_right = sum(hmac.compare_digest(given, code) for code in codes) > 0
    return token_for(CONFIRM, found) if found is not None and may_try and is_right else ""
