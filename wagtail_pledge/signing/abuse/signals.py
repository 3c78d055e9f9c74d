"""What the door notices in one form; a signal holds the signature, the answer stays the same."""

from __future__ import annotations

import datetime as dt

from wagtail_pledge.signing.kinds import SignerData


def door_signals(*, data: SignerData, stamp_age: dt.timedelta, honeypot: bool) -> tuple[str, ...]:
    """Return the codes of what looks wrong, ``()`` for a clear form."""
    return ("honeypot",) if honeypot else ()
