"""Form stamps and inbox tickets: tokens that a browser sends back in place of a cookie.

A stamp is a signed token in the form. It proves that the site issued the form for one statement at a certain time;
its 128 random bits are the form id, which is the idempotency key of the signature. A ticket is an encrypted token in
the URL of the "check your inbox" page; only the site can read which mailbox it is for.
"""

from __future__ import annotations

import datetime as dt
import secrets
import struct
from dataclasses import asdict, dataclass
from typing import Final

from wagtail_pledge.conf import get_setting
from wagtail_pledge.core.crypto import SignedFormat, seal_json, unseal_json

_STAMP: Final = SignedFormat(purpose=b"stamp", header=struct.Struct(">B16sQ"), mac_bytes=16)
_TICKET_CHARS: Final = 2000
_TICKET: Final = b"inbox ticket"
#: A stamp from further in the future than this is refused.
MAX_CLOCK_SKEW: Final = dt.timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """A verified stamp: the 16-byte form id and when it was issued."""

    form_id: bytes
    issued_at: dt.datetime


def issue_stamp(statement_sha256: str, now: dt.datetime) -> str:
    """Return a new stamp (56 URL-safe characters) that is bound to the statement's digest."""
    return _STAMP.encode(secrets.token_bytes(16), int(now.timestamp()), bound_to=statement_sha256.encode())


def read_stamp(stamp: str, statement_sha256: str, now: dt.datetime) -> Stamp | None:
    """Return the stamp if it is genuine, for this statement, and not older than ``STAMP_HOURS``; else ``None``."""
    genuine = _genuine(stamp, statement_sha256)
    return genuine if genuine and is_fresh(genuine.issued_at, now) else None


def is_old_stamp(stamp: str, statement_sha256: str, now: dt.datetime) -> bool:
    """Whether the stamp is genuine and for this statement, but older than ``STAMP_HOURS``."""
    genuine = _genuine(stamp, statement_sha256)
    return genuine is not None and genuine.issued_at < _oldest(now)


def is_fresh(issued_at: dt.datetime, now: dt.datetime) -> bool:
    """Whether a stamp that was issued at ``issued_at`` is still valid: for ``STAMP_HOURS``."""
    return _oldest(now) <= issued_at <= now + MAX_CLOCK_SKEW


def _oldest(now: dt.datetime) -> dt.datetime:
    return now - dt.timedelta(hours=get_setting("STAMP_HOURS"))


def _genuine(stamp: str, statement_sha256: str) -> Stamp | None:
    fields = _STAMP.decode(stamp, bound_to=statement_sha256.encode())
    if fields is None:
        return None
    form_id, issued = fields
    return Stamp(form_id=form_id, issued_at=dt.datetime.fromtimestamp(issued, dt.UTC))


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxTicket:
    """Content of an inbox ticket: what the "check your inbox" page knows about the submitted form.

    ``mailbox_key``, ``seat`` and ``form_id`` are hex strings. ``form_id`` is that of the stamp, ``""`` if the page
    accepts no code. ``masked`` is the masked address. ``is_corrected``: the address was corrected once, and cannot be
    corrected again.
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
    """Return the ticket as an encrypted URL-safe token, valid for ``INBOX_TICKET_MINUTES``."""
    expires = now + dt.timedelta(minutes=get_setting("INBOX_TICKET_MINUTES"))
    return seal_json([int(expires.timestamp()), asdict(ticket)], _TICKET)


def open_ticket(sealed: str, now: dt.datetime) -> InboxTicket | None:
    """Return the ticket, or ``None`` if the token is forged or has expired."""
    content = _unsealed(sealed)
    return content[1] if content is not None and now.timestamp() < content[0] else None


def pledge_and_locale_of_ticket(sealed: str) -> tuple[int, str] | None:
    """Return (pledge id, language code) of a ticket of any age, or ``None`` if it is forged.

    For linking back to the campaign from an expired ticket.
    """
    content = _unsealed(sealed)
    return (content[1].pledge_id, content[1].locale) if content is not None else None


def _unsealed(sealed: str) -> tuple[int, InboxTicket] | None:
    value = unseal_json(sealed, _TICKET, max_length=_TICKET_CHARS)
    return (value[0], InboxTicket(**value[1])) if value is not None else None
