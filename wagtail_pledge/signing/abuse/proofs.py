"""Proof of work: a browser's own calculation, asked for in a surge only and never needed to sign.

ALTCHA v2, made and checked here with the optional package ``altcha``; nothing is asked of anybody else. PBKDF2 with
few rounds keeps checking cheap (under a millisecond): a memory-hard function would make this server the target. A
challenge is bound to its pledge, and the database's clock ends it.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from wagtail_pledge.conf import get_setting
from wagtail_pledge.core import crypto

try:
    from altcha import Payload, create_challenge, verify_solution

    IS_INSTALLED = True
except ImportError:
    IS_INSTALLED = False

#: The form's field, named as ALTCHA's own widget does.
FIELD: Final = "altcha"
ALGORITHM: Final = "PBKDF2/SHA-256"
#: A key that begins with a zero byte is found after 256 tries on average.
PREFIX: Final = "00"
MAX_CHARS: Final = 2000
#: More rounds would cost more than 5 ms to check.
MAX_COST: Final = 10_000
#: Nobody may be hurried: WCAG 2.2.1.
MIN_MINUTES: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A solved challenge: its 32 hex digits and when it ends, in seconds since 1970."""

    challenge: str
    until: int


def is_offered() -> bool:
    """Whether forms may offer proof of work: the setting is on and the package is there."""
    return IS_INSTALLED and bool(get_setting("ALTCHA"))


def _secret(version: int) -> bytes:
    return crypto.keyed_hash("token", b"altcha", version=version)


def issue_challenge(pledge: UUID, now: dt.datetime) -> dict[str, Any]:
    """Return a new challenge for the forms of ``pledge``, as ALTCHA writes it. Ask :func:`is_offered` first."""
    version = crypto.current_version("token")
    until = now + dt.timedelta(minutes=get_setting("ALTCHA_MINUTES"))
    made: dict[str, Any] = create_challenge(
        ALGORITHM,
        get_setting("ALTCHA_COST"),
        key_prefix=PREFIX,
        # Not ALTCHA's own expiry: that would be judged by this host's clock
        data={"key": version, "pledge": pledge.hex, "until": int(until.timestamp())},
        hmac_secret=_secret(version),
    ).to_dict()
    return made


def _payload(text: str) -> Payload | None:
    if not text or len(text) > MAX_CHARS:
        return None
    try:
        raw = json.loads(base64.b64decode(text, validate=True))
        return Payload.from_dict(raw)
    except (binascii.Error, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def read_proof(text: str, pledge: UUID, now: dt.datetime) -> Proof | None:
    """Return the proof if ``text`` solves a challenge that we issued for ``pledge`` and that has not ended.

    Whether it was used before is not known here: the worker decides that. Raises nothing, whatever ``text`` is.
    """
    payload = _payload(text) if is_offered() else None
    if payload is None:
        return None
    told = payload.challenge.parameters.data
    if not isinstance(told, dict) or type(told.get("key")) is not int:
        return None
    try:
        secret = _secret(told["key"])
    except crypto.KeyMissing:
        return None
    if not verify_solution(payload, secret).verified:
        return None
    # Only from here on is anything in it ours
    if told["pledge"] != pledge.hex or told["until"] <= now.timestamp():
        return None
    return Proof(challenge=payload.challenge.parameters.nonce, until=told["until"])
