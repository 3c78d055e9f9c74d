"""Form stamps and inbox tickets: what a browser carries between two requests instead of a cookie.

A stamp proves that a form for one statement was shown by us at a time, and names it with 128 random bits,
which serve as the
idempotency key. A ticket is sealed: nobody but us can read the mailbox behind the page that it opens.
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
#: A stamp from further in the future than this was not made by a clock of ours.
SKEW: Final = dt.timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """A genuine stamp: the form's 16-byte id and when it was issued."""

    form_id: bytes
    issued_at: dt.datetime


def issue_stamp(statement_sha256: str, now: dt.datetime) -> str:
    """Return a new stamp (56 URL-safe characters) bound to the statement that is shown."""
    return _STAMP.encode(secrets.token_bytes(16), int(now.timestamp()), bound_to=statement_sha256.encode())


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
    fields = _STAMP.decode(stamp, bound_to=statement_sha256.encode())
    if fields is None:
        return None
    form_id, issued = fields
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
    return seal_json([int(expires.timestamp()), asdict(ticket)], _TICKET)


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
    value = unseal_json(sealed, _TICKET, max_length=_TICKET_CHARS)
    return (value[0], InboxTicket(**value[1])) if value is not None else None
