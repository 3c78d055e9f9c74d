"""What the door writes on a message for the worker: marks to count by, and a solved challenge.

A note holds nothing: it has a colon, which the codes of :mod:`~wagtail_pledge.signing.abuse.signals` have not. Marks
are hashes under the day's key, so they mean nothing two days later.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

from wagtail_pledge.signing.abuse.domains import PROVIDERS, unicode_domain
from wagtail_pledge.signing.abuse.networks import day_mark
from wagtail_pledge.signing.abuse.proofs import Proof
from wagtail_pledge.signing.kinds import SignerData
from wagtail_pledge.signing.names import folded

DOMAIN: Final = "d"
NAME: Final = "n"
NUMBERED: Final = "l"
SOLVED: Final = "p"
#: What is counted, in the order in which it is asked.
MARKS: Final = (DOMAIN, NAME, NUMBERED)
_DIGITS: Final = "0123456789"


def _numbered(local: str) -> str:
    """Return the part before a counter, ``""`` where there is no counter or nothing but one."""
    stem = local.rstrip(_DIGITS)
    return stem if stem != local and any(char.isalpha() for char in stem) else ""


def door_notes(*, data: SignerData, proof: Proof | None, now: dt.datetime) -> tuple[str, ...]:
    """Return the notes on one form; no statement in a process that has taken a signature today.

    Of the address: its domain outside the large providers, and the part before a counter (``john`` of ``john001``). Of
    the name: its folded form.
    """
    domain = unicode_domain(data.email)
    stem = _numbered(data.email.strip().rpartition("@")[0].casefold())
    marked = {
        DOMAIN: "" if domain in PROVIDERS else domain,
        NAME: folded(data.name),
        NUMBERED: f"{stem}@{domain}" if stem else "",
    }
    marks = (f"{kind}:{day_mark(now, kind, marked[kind])}" for kind in MARKS if marked[kind])
    solved = (f"{SOLVED}:{proof.challenge}:{proof.until}",) if proof else ()
    return (*marks, *solved)


def codes_of(signals: str) -> list[str]:
    """Return what of a message's ``signals`` holds it."""
    return [part for part in signals.split(",") if part and ":" not in part]


def marks_of(signals: str) -> dict[str, str]:
    """Return the marks of a message's ``signals`` by kind."""
    parts = [part.split(":") for part in signals.split(",")]
    return {part[0]: part[1] for part in parts if len(part) == 2 and part[0] in MARKS}


def proof_of(signals: str) -> Proof | None:
    """Return the solved challenge of a message's ``signals``."""
    for part in signals.split(","):
        kind, _, rest = part.partition(":")
        challenge, _, until = rest.partition(":")
        if kind == SOLVED and until.isdigit():
            return Proof(challenge=challenge, until=int(until))
    return None
