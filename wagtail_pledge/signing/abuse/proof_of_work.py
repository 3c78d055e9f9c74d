"""Proof of work by the browser, requested during a surge only and never required to sign.

Challenges are ALTCHA v2, issued and verified here with the optional package ``altcha``, without any third-party
service. PBKDF2 with few rounds keeps verification cheap (under a millisecond): with a memory-hard function,
verification itself could be used to overload the server. A challenge is bound to its pledge and expires by the
database's clock.
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

#: Name of the form field, as ALTCHA's widget has it.
FIELD: Final = "altcha"
ALGORITHM: Final = "PBKDF2/SHA-256"
#: A derived key that starts with a zero byte is found after 256 attempts on average.
PREFIX: Final = "00"
MAX_CHARS: Final = 2000
#: More rounds would take more than 5 ms to verify.
MAX_COST: Final = 10_000
#: People must have enough time: WCAG 2.2.1.
MIN_MINUTES: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A solved challenge: its nonce (32 hex digits) and its expiry as a Unix timestamp."""

    challenge: str
    until: int

    def is_expired(self, now: dt.datetime) -> bool:
        """Whether the challenge has expired at ``now``."""
        return self.until <= now.timestamp()


def is_proof_of_work_enabled() -> bool:
    """Return whether forms can offer proof of work: the setting is on and ``altcha`` is installed."""
    return IS_INSTALLED and bool(get_setting("ALTCHA"))


def _secret(version: int) -> bytes:
    return crypto.keyed_hash("token", b"altcha", version=version)


def issue_challenge(pledge: UUID, now: dt.datetime) -> dict[str, Any]:
    """Return a new ALTCHA challenge for the forms of ``pledge``. Check :func:`is_proof_of_work_enabled` first."""
    version = crypto.current_version("token")
    until = now + dt.timedelta(minutes=get_setting("ALTCHA_MINUTES"))
    challenge: dict[str, Any] = create_challenge(
        ALGORITHM,
        get_setting("ALTCHA_COST"),
        key_prefix=PREFIX,
        # Not ALTCHA's own expiry: that is checked by this host's clock
        data={"key": version, "pledge": pledge.hex, "until": int(until.timestamp())},
        hmac_secret=_secret(version),
    ).to_dict()
    return challenge


def _payload(text: str) -> Payload | None:
    if not text or len(text) > MAX_CHARS:
        return None
    try:
        raw = json.loads(base64.b64decode(text, validate=True))
        return Payload.from_dict(raw)
    except (binascii.Error, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def read_proof(text: str, pledge: UUID, now: dt.datetime) -> Proof | None:
    """Return :func:`solved_challenge` unless the challenge has expired."""
    proof = solved_challenge(text, pledge)
    return None if proof is None or proof.is_expired(now) else proof


def solved_challenge(text: str, pledge: UUID) -> Proof | None:
    """Return the proof if ``text`` solves a challenge that was issued for ``pledge``, expired or not, else ``None``.

    Reuse is not checked here: the worker does that. No query. Never raises, whatever ``text`` is.
    """
    payload = _payload(text) if is_proof_of_work_enabled() else None
    if payload is None:
        return None
    data = payload.challenge.parameters.data
    if not isinstance(data, dict) or type(data.get("key")) is not int:
        return None
    try:
        secret = _secret(data["key"])
    except crypto.KeyMissing:
        return None
    if not verify_solution(payload, secret).verified:
        return None
    # The data is authentic only from here on
    if data["pledge"] != pledge.hex:
        return None
    return Proof(challenge=payload.challenge.parameters.nonce, until=data["until"])
