"""Whether a pledge accepts forms and confirmations, and the keyed hashes of mailboxes and seats."""

from __future__ import annotations

import datetime as dt
from typing import Final

from wagtail_pledge.conf import get_setting
from wagtail_pledge.core import crypto
from wagtail_pledge.core.db import database_now
from wagtail_pledge.signing.addresses import mailbox_key
from wagtail_pledge.signing.enums import PledgeState
from wagtail_pledge.signing.models import Pledge, Submission

#: A form that was stored this much after the closing time was still sent in time: other processes remember the
#: pledge for two seconds.
CLOSING_SLACK: Final = dt.timedelta(seconds=2)
#: No confirmation is accepted later than this after closing.
LATEST_CONFIRMATION: Final = dt.timedelta(hours=72)


def is_open(pledge: Pledge, now: dt.datetime) -> bool:
    """Whether the pledge accepts signatures at ``now``."""
    started = pledge.opens_at is None or pledge.opens_at <= now
    ended = pledge.closes_at is not None and pledge.closes_at <= now
    return pledge.state == PledgeState.OPEN and started and not ended


def public_state(pledge: Pledge, now: dt.datetime) -> str:
    """Return the state that visitors see at ``now``: a ``PledgeState`` value, or ``"not_yet"`` before it opens.

    An open pledge whose closing time has passed is ``"closed"``.
    """
    if pledge.state != PledgeState.OPEN or is_open(pledge, now):
        return str(pledge.state)
    return "not_yet" if pledge.opens_at and pledge.opens_at > now else str(PledgeState.CLOSED)


def seconds_until_change(pledge: Pledge, now: dt.datetime) -> float | None:
    """Return the seconds from ``now`` until ``pledge`` opens or closes by its dates, or ``None`` if it won't."""
    ahead = [at for at in (pledge.opens_at, pledge.closes_at) if at is not None and at > now]
    return (min(ahead) - now).total_seconds() if ahead else None


def accepts_confirmations(
    pledge: Pledge,
    now: dt.datetime,
    *,
    submitted_at: dt.datetime | None = None,
    mailed_at: dt.datetime | None = None,
) -> bool:
    """Whether a form sent at ``submitted_at`` may be confirmed at ``now``: while the pledge is open or paused, and
    ``CLOSING_GRACE_HOURS`` after closing or after its first mail left, whichever is later; at most 72 hours after
    closing.
    """
    if pledge.closes_at is None:
        return pledge.state in {PledgeState.OPEN, PledgeState.PAUSED}
    if submitted_at is not None and submitted_at > pledge.closes_at + CLOSING_SLACK:
        return False
    return now <= _end_of_grace(pledge.closes_at, mailed_at)


def _end_of_grace(closes_at: dt.datetime, mailed_at: dt.datetime | None) -> dt.datetime:
    grace = dt.timedelta(hours=get_setting("CLOSING_GRACE_HOURS"))
    return min(max(closes_at, mailed_at or closes_at) + grace, closes_at + max(LATEST_CONFIRMATION, grace))


def end_by_closing(submission: Submission) -> dt.datetime | None:
    """Return until when a submission can be confirmed because its pledge closes; ``None`` if its last day is earlier.

    One that was not mailed yet is treated as if its mail left now.
    """
    closes_at = submission.statement.signer_type.pledge.closes_at
    if closes_at is None:
        return None
    mailed_at = submission.mailed_at or getattr(submission, "db_now", None) or database_now()
    end = _end_of_grace(closes_at, mailed_at)
    last_day = submission.submitted_at + dt.timedelta(days=get_setting("CONFIRM_DAYS"))
    return end if end < last_day else None


def all_mailbox_keys(pledge: Pledge, address: str) -> list[bytes]:
    """Return the mailbox key of ``address`` under every listed version of the dedup key. Raises ``AddressRefused``."""
    return [mailbox_key(pledge.uuid.bytes, address, version=version) for version in crypto.keyring("dedup")]


def mailbox_keys(pledge: Pledge, address: str) -> dict[str, bytes | None]:
    """Return the values of ``mailbox_key`` and ``mailbox_key_next``, 32 bytes each.

    They are made with the oldest and the newest listed version of the dedup key, which is the same one unless a
    rotation is under way (see ``key_rotation``). Raises ``AddressRefused``.
    """
    versions = sorted(crypto.keyring("dedup"))
    keys = [mailbox_key(pledge.uuid.bytes, address, version=version) for version in (versions[0], versions[-1])]
    return {"mailbox_key": keys[0], "mailbox_key_next": keys[1]}


def seat_key(pledge: Pledge, text: str) -> bytes:
    """Return the 32-byte seat for ``text``, ``b""`` for an empty text.

    The seat (:meth:`SignerKind.seat_text`) tells apart the signatures that one mailbox may make. It is made with the
    newest seat key, or the newest dedup key if no seat key is listed; ``rekey`` makes those of stored rows again.
    """
    if not text:
        return b""
    return crypto.versioned_hash(seat_purpose(), b"seat", pledge.uuid.bytes, text.encode())


def seat_purpose() -> str:
    """Return the purpose of the key of seats: ``"seat"`` if it is listed, else ``"dedup"``."""
    return crypto.SEAT if (get_setting("KEYS") or {}).get(crypto.SEAT) else "dedup"


def all_seat_keys(pledge: Pledge, text: str) -> list[bytes]:
    """Return the seat for ``text`` under every listed version of its key."""
    if not text:
        return [b""]
    purpose, parts = seat_purpose(), (b"seat", pledge.uuid.bytes, text.encode())
    return [crypto.versioned_hash(purpose, *parts, version=version) for version in crypto.keyring(purpose)]
