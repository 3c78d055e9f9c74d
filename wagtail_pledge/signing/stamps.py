"""Form stamps and inbox tickets: tokens that a browser sends back in place of a cookie.

A stamp is a signed token in the form. It proves that the site issued the form for one statement at a certain time;
its 128 random bits are the form id, of which the id of the submission is made. A ticket is an encrypted token in
the URL of the "check your inbox" page; only the site can read which mailbox it is for.
"""

from __future__ import annotations

import datetime as dt
import secrets
import struct
from dataclasses import dataclass, fields
from typing import Final

from wagtail_pledge.conf import get_setting
from wagtail_pledge.core.crypto import SignedFormat, seal_json, unseal_json

_STAMP: Final = SignedFormat(purpose=b"stamp", header=struct.Struct(">B16sQ"), mac_bytes=16)
_TICKET_CHARS: Final = 2000
_TICKET: Final = b"inbox ticket"
#: A stamp from further in the future than this is refused.
MAX_CLOCK_SKEW: Final = dt.timedelta(minutes=5)
#: How often the address of one form can be corrected; each correction makes a new ticket.
MAX_MOVES: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """A verified stamp: the 16-byte form id, when it was issued, and the version of the token key that made it."""

    form_id: bytes
    issued_at: dt.datetime
    key_version: int


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


def longest_reach() -> dt.timedelta:
    """Return how long after it was sent a form can be reached by its stamp or by tickets of it and its corrections."""
    tickets = (1 + MAX_MOVES) * dt.timedelta(minutes=get_setting("INBOX_TICKET_MINUTES"))
    return dt.timedelta(hours=get_setting("STAMP_HOURS")) + tickets


def is_fresh(issued_at: dt.datetime, now: dt.datetime) -> bool:
    """Whether a stamp that was issued at ``issued_at`` is still valid: for ``STAMP_HOURS``."""
    return _oldest(now) <= issued_at <= now + MAX_CLOCK_SKEW


def _oldest(now: dt.datetime) -> dt.datetime:
    return now - dt.timedelta(hours=get_setting("STAMP_HOURS"))


def _genuine(stamp: str, statement_sha256: str) -> Stamp | None:
    fields = _STAMP.decode_with_version(stamp, bound_to=statement_sha256.encode())
    if fields is None:
        return None
    version, form_id, issued = fields
    return Stamp(form_id=form_id, issued_at=dt.datetime.fromtimestamp(issued, dt.UTC), key_version=version)


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxTicket:
    """Content of an inbox ticket: what the "check your inbox" page knows about the submitted form.

    ``submission`` is its id as a hex string, ``masked`` the masked address, ``moves`` how often the address was
    corrected. ``takes_code``: the page accepts a code from the mail. ``until`` is the end of a ticket that was opened,
    as a Unix timestamp; 0 for a new one. ``kind`` is the signer kind of the form, ``needs_approval`` whether staff
    approves its signatures: both are the same for everybody who sends that form.
    """

    pledge_id: int
    submission: str
    masked: str
    locale: str
    moves: int = 0
    takes_code: bool = False
    until: int = 0
    kind: str = ""
    needs_approval: bool = False


_FIELDS: Final = tuple(field.name for field in fields(InboxTicket) if field.name != "until")


def seal_ticket(ticket: InboxTicket, now: dt.datetime) -> str:
    """Return the ticket as an encrypted URL-safe token, valid for ``INBOX_TICKET_MINUTES``.

    One that was opened keeps its end: nobody can prolong a ticket until the submission has lost its data, which happens
    earlier if its mailbox's owner has ended it.
    """
    expires = ticket.until or int((now + dt.timedelta(minutes=get_setting("INBOX_TICKET_MINUTES"))).timestamp())
    return seal_json([expires, {name: getattr(ticket, name) for name in _FIELDS}], _TICKET)


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
    return (value[0], InboxTicket(**value[1], until=value[0])) if value is not None else None
