"""What the door notices in one form: any signal holds the signature, the answer stays the same.

Plain functions of what was typed: no database, no network, and lengths were checked before.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Final

from wagtail_pledge.conf import get_setting
from wagtail_pledge.signing.abuse.lookalikes import PROVIDERS, is_disposable, looks_like_a_provider, unicode_domain
from wagtail_pledge.signing.abuse.networks import day_mark
from wagtail_pledge.signing.abuse.proofs import Proof
from wagtail_pledge.signing.kinds import SignerData
from wagtail_pledge.signing.names import folded, has_web_address

_DOT_BETWEEN_LETTERS: Final = re.compile(r"\w\.(?=\w)")
MAX_DOTS: Final = 2


def _name_signal(name: str) -> str:
    if has_web_address(name) or "@" in name or len(_DOT_BETWEEN_LETTERS.findall(name)) > MAX_DOTS:
        return "name_link"
    letters = [char for char in name.casefold() if char.isalnum()]
    return "name_letters" if len(set(letters)) < 2 <= len(name) or len(letters) < 2 else ""


def door_signals(*, data: SignerData, stamp_age: dt.timedelta, honeypot: bool) -> tuple[str, ...]:
    """Return the codes of what looks wrong, ``()`` for a clear form.

    ``stamp_age`` is the time since the form was fetched; ``honeypot`` whether the field for nobody was filled.
    Codes: ``honeypot``, ``fast``, ``name_link``, ``name_letters``, ``disposable``, ``look_alike``.
    """
    domain = unicode_domain(data.email)
    found = (
        "honeypot" if honeypot else "",
        "fast" if stamp_age < dt.timedelta(seconds=get_setting("STAMP_MIN_SECONDS")) else "",
        _name_signal(data.name),
        "disposable" if is_disposable(domain) else "",
        "look_alike" if looks_like_a_provider(domain) else "",
    )
    return tuple(code for code in found if code)


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
