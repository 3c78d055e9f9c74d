"""Abuse signals and rate keys of one submitted form. Any signal holds the signature; the response stays the same.

These are functions of the submitted values, whose lengths were validated before. They make no network request.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Final

from wagtail_pledge.conf import get_setting
from wagtail_pledge.signing.abuse.lookalikes import PROVIDERS, imitates_provider, is_disposable, mail_domain
from wagtail_pledge.signing.abuse.networks import daily_hash
from wagtail_pledge.signing.abuse.proof_of_work import Proof
from wagtail_pledge.signing.kinds import SignerData
from wagtail_pledge.signing.names import fold_name, has_web_address

_DOT_BETWEEN_LETTERS: Final = re.compile(r"\w\.(?=\w)")
MAX_DOTS: Final = 2


def _name_signal(name: str) -> str:
    if has_web_address(name) or "@" in name or len(_DOT_BETWEEN_LETTERS.findall(name)) > MAX_DOTS:
        return "name_link"
    characters = [char for char in name.casefold() if char.isalnum()]
    return "name_letters" if len(set(characters)) < 2 <= len(name) or len(characters) < 2 else ""


def abuse_signals(*, data: SignerData, stamp_age: dt.timedelta, honeypot: bool) -> tuple[str, ...]:
    """Return the codes of the abuse signals, ``()`` if there are none.

    ``stamp_age`` is the time since the form was fetched; ``honeypot`` whether the hidden field was filled in.
    Codes: ``honeypot``, ``fast``, ``name_link``, ``name_letters``, ``disposable``, ``look_alike``.
    """
    domain = mail_domain(data.email)
    codes = (
        "honeypot" if honeypot else "",
        "fast" if stamp_age < dt.timedelta(seconds=get_setting("STAMP_MIN_SECONDS")) else "",
        _name_signal(data.name),
        "disposable" if is_disposable(domain) else "",
        "look_alike" if imitates_provider(domain) else "",
    )
    return tuple(code for code in codes if code)


DOMAIN: Final = "d"
NAME: Final = "n"
NUMBERED: Final = "l"
PROOF: Final = "p"
#: Kinds of rate keys, in the order in which their limits are checked.
RATE_KEYS: Final = (DOMAIN, NAME, NUMBERED)
_DIGITS: Final = "0123456789"


def _stem_before_number(local: str) -> str:
    """Return the part before a trailing number, ``""`` if there is no number or no letter before it."""
    stem = local.rstrip(_DIGITS)
    return stem if stem != local and any(char.isalpha() for char in stem) else ""


def screening_notes(*, data: SignerData, proof: Proof | None, now: dt.datetime) -> tuple[str, ...]:
    """Return the notes on one form that the worker screens: hashed rate keys, and the solved challenge.

    Rate keys are made from the domain of the address (large providers excepted), the part before a trailing number
    (``john`` of ``john001``) and the folded name. Needs no query if this process has already hashed something today.
    """
    domain = mail_domain(data.email)
    stem = _stem_before_number(data.email.strip().rpartition("@")[0].casefold())
    values = {
        DOMAIN: "" if domain in PROVIDERS else domain,
        NAME: fold_name(data.name),
        NUMBERED: f"{stem}@{domain}" if stem else "",
    }
    rate_keys = (f"{kind}:{daily_hash(now, kind, values[kind])}" for kind in RATE_KEYS if values[kind])
    solved = (f"{PROOF}:{proof.challenge}:{proof.until}",) if proof else ()
    return (*rate_keys, *solved)


#: Codes that do not depend on the address: they are kept when it is corrected.
_KEPT: Final = frozenset({"honeypot", "fast"})


def kept_codes(signals: str) -> tuple[str, ...]:
    """Return the abuse codes in ``signals`` that stay when the address is corrected; the others are found again."""
    return tuple(code for code in signal_codes_in(signals) if code in _KEPT)


def kept_notes(signals: str) -> tuple[str, ...]:
    """Return the notes in ``signals`` that stay when the address is corrected: the solved challenge."""
    return tuple(part for part in signals.split(",") if part.startswith(f"{PROOF}:"))


def signal_codes_in(signals: str) -> list[str]:
    """Return the abuse codes in a message's ``signals``; each of them holds the signature."""
    return [part for part in signals.split(",") if part and ":" not in part]


def rate_keys_in(signals: str) -> dict[str, str]:
    """Return the hashed rate keys in a message's ``signals`` by kind."""
    parts = [part.split(":") for part in signals.split(",")]
    return {part[0]: part[1] for part in parts if len(part) == 2 and part[0] in RATE_KEYS}


def proof_in(signals: str) -> Proof | None:
    """Return the solved challenge in a message's ``signals``, ``None`` if there is none."""
    for part in signals.split(","):
        kind, _, rest = part.partition(":")
        challenge, _, until = rest.partition(":")
        if kind == PROOF and until.isdigit():
            return Proof(challenge=challenge, until=int(until))
    return None
