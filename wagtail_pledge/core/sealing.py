"""Authenticated encryption of small values: AES-256-GCM with a versioned key.

Layout: 1 byte format (1), 1 byte key version, 12 bytes nonce, ciphertext with 16 bytes tag. ``context`` is
authenticated
but not stored: a value sealed for one field does not open in another.
"""

from __future__ import annotations

import os
from functools import lru_cache
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from wagtail_pledge.core import keys
from wagtail_pledge.core.errors import PledgeError

FORMAT: Final = 1
NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16


class SealBroken(PledgeError):
    """The value was not sealed by us for this context, or was changed since."""

    def __init__(self) -> None:
        super().__init__("seal_broken", "The sealed value is damaged or belongs elsewhere")


@lru_cache(maxsize=64)
def _cipher(secret: bytes) -> AESGCM:
    return AESGCM(secret)


def seal(plain: bytes, context: bytes) -> bytes:
    """Return ``plain`` sealed under the current encryption key."""
    version = keys.current_version("encryption")
    nonce = os.urandom(NONCE_BYTES)
    cipher = _cipher(keys.key("encryption", version))
    return bytes((FORMAT, version)) + nonce + cipher.encrypt(nonce, plain, context)


def unseal(sealed: bytes, context: bytes) -> bytes:
    """Return the plain bytes. Raises :class:`SealBroken`, or ``KeyMissing`` when the key was dropped."""
    if len(sealed) < 2 + NONCE_BYTES + TAG_BYTES or sealed[0] != FORMAT:
        raise SealBroken
    nonce, body = sealed[2 : 2 + NONCE_BYTES], sealed[2 + NONCE_BYTES :]
    try:
        return _cipher(keys.key("encryption", sealed[1])).decrypt(nonce, body, context)
    except InvalidTag:
        raise SealBroken from None
