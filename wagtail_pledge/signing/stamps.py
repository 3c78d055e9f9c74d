"""Form stamps and inbox tickets: what a browser carries between two requests instead of a cookie.

A stamp proves that a form for one statement was shown by us at a time, and names it with 128 random bits,
which serve as the
idempotency key. A ticket is sealed: nobody but us can read the mailbox behind the page that it opens.
"""

from __future__ import annotations

import base64
import datetime as dt
import hmac
import json
import secrets
import struct
from dataclasses import asdict, dataclass
from typing import Final

from wagtail_pledge.core import keys
from wagtail_pledge.core.errors import PledgeError
from wagtail_pledge.core.sealing import seal, unseal
from wagtail_pledge.core.settings import get_setting
from wagtail_pledge.core.tokens import decode_base64

_HEAD: Final = struct.Struct(">B16sQ")
_MAC_BYTES: Final = 16
_SIZE: Final = _HEAD.size + _MAC_BYTES
_STAMP_CHARS: Final = -(-_SIZE * 4 // 3)
_TICKET_CHARS: Final = 2000
_TICKET: Final = b"inbox ticket"
#: A stamp from further in the future than this was not made by a clock of ours.
SKEW: Final = dt.timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """A genuine stamp: the form's 16-byte id and when it was issued."""

    form_id: bytes
    issued_at: dt.datetime


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _mac(head: bytes, statement_sha256: str, version: int) -> bytes:
    return keys.keyed_hash("token", b"stamp", head, statement_sha256.encode(), version=version)[:_MAC_BYTES]


def issue_stamp(statement_sha256: str, now: dt.datetime) -> str:
    """Return a new stamp (56 URL-safe characters) bound to the statement that is shown."""
    version = keys.current_version("token")
    head = _HEAD.pack(version, secrets.token_bytes(16), int(now.timestamp()))
    return _encode(head + _mac(head, statement_sha256, version))


def read_stamp(stamp: str, statement_sha256: str, now: dt.datetime) -> Stamp | None:
    """Return the stamp if we issued it for this statement within ``STAMP_HOURS``, else ``None``."""
    genuine = _genuine(stamp, statement_sha256)
    return genuine if genuine and is_fresh(genuine.issued_at, now) else None


def is_old_stamp(stamp: str, statement_sha256: str, now: dt.datetime) -> bool:
    """Whether we issued the stamp for this statement, but longer than ``STAMP_HOURS`` ago."""
    genuine = _genuine(stamp, statement_sha256)
    return genuine is not None and genuine.issued_at < _oldest(now)


def is_fresh(issued_at: dt.datetime, now: dt.datetime) -> bool:
    """Whether a form that was shown at ``issued_at`` can still be sent: for ``STAMP_HOURS``."""
    return _oldest(now) <= issued_at <= now + SKEW


def _oldest(now: dt.datetime) -> dt.datetime:
    return now - dt.timedelta(hours=get_setting("STAMP_HOURS"))


def _genuine(stamp: str, statement_sha256: str) -> Stamp | None:
    raw = decode_base64(stamp) if len(stamp) == _STAMP_CHARS else None
    if raw is None or len(raw) != _SIZE:
        return None
    head, mac = raw[: _HEAD.size], raw[_HEAD.size :]
    version, form_id, issued = _HEAD.unpack(head)
    try:
        genuine = hmac.compare_digest(mac, _mac(head, statement_sha256, version))
    except keys.KeyMissing:
        return None
    if not genuine:
        return None
    return Stamp(form_id=form_id, issued_at=dt.datetime.fromtimestamp(issued, dt.UTC))


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxTicket:
    """What the "check your inbox" page knows. ``mailbox_key``, ``seat`` and ``form_id`` are hex; ``form_id`` is that of
    the stamp, ``""`` where no code works. ``is_corrected``: the address was corrected once, and can't be again.
    """

    pledge_id: int
    signer_type_id: int
    mailbox_key: str
    seat: str
    masked: str
    locale: str
    form_id: str = ""
    is_corrected: bool = False


def seal_ticket(ticket: InboxTicket, now: dt.datetime) -> str:
    """Return the ticket sealed for a URL; it opens for ``INBOX_TICKET_MINUTES``."""
    expires = now + dt.timedelta(minutes=get_setting("INBOX_TICKET_MINUTES"))
    body = json.dumps([int(expires.timestamp()), asdict(ticket)], separators=(",", ":"))
    return _encode(seal(body.encode(), _TICKET))


def open_ticket(sealed: str, now: dt.datetime) -> InboxTicket | None:
    """Return the ticket, or ``None`` if it is forged or its time is over."""
    found = _unsealed(sealed)
    return found[1] if found is not None and now.timestamp() < found[0] else None


def origin_of_ticket(sealed: str) -> tuple[int, str] | None:
    """Return the key of the pledge and the language of a ticket of any age, ``None`` if it is forged: enough to lead
    somebody back to the call, and to nothing else.
    """
    found = _unsealed(sealed)
    return (found[1].pledge_id, found[1].locale) if found is not None else None


def _unsealed(sealed: str) -> tuple[int, InboxTicket] | None:
    raw = decode_base64(sealed) if len(sealed) <= _TICKET_CHARS else None
    if raw is None:
        return None
    try:
        expires, body = json.loads(unseal(raw, _TICKET))
    except PledgeError:
        return None
    return expires, InboxTicket(**body)
