"""A signer's own link: it counts who came through it. The word in it names nobody to who has no key.

``~`` and 16 letters stand for 10 bytes: 7 that a key makes of the signature, and 3 that say that they are ours. Nothing
is stored for a link, and a stolen database does not tell who brought whom.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from typing import Any, Final

from wagtail_pledge.core.keys import current_version, keyed_hash, keyring
from wagtail_pledge.signing.models import Pledge, get_signature_model

#: No partner's word begins with it.
MARK: Final = "~"
_WORD: Final = re.compile(r"~[a-z2-7]{16}")
_NAMED_BYTES: Final = 7
_SEAL_BYTES: Final = 3

#: The signer sees the number in steps, and what came until yesterday: nobody can watch one person sign.
STEP: Final = 5


def own_word(signature: Any) -> str:
    """Return what stands behind ``?source=`` in the link of ``signature``; no query."""
    return _word(signature, current_version("token"))


def is_own_word(word: str) -> bool:
    """Whether it looks like the word of a signer's link."""
    return _WORD.fullmatch(word) is not None


def known_own_word(pledge: Pledge, word: str) -> str:
    """Return ``word`` if a link of ``pledge`` can have it, under any listed key, else ``""``; no query."""
    if not pledge.own_links or not is_own_word(word):
        return ""
    try:
        raw = base64.b32decode(word[len(MARK) :].upper())
    except binascii.Error:
        return ""
    named, seal = raw[:_NAMED_BYTES], raw[_NAMED_BYTES:]
    ours = any(hmac.compare_digest(seal, _seal(pledge, named, version)) for version in keyring("token"))
    return word if ours else ""


def came_through(signature: Any) -> int:
    """Return how many counted signatures came through the link of ``signature``, as a multiple of ``STEP``; one query.

    ``signature`` comes with ``db_now``. What was confirmed today (UTC) is not in it.
    """
    words = [_word(signature, version) for version in keyring("token")]
    today = signature.db_now.replace(hour=0, minute=0, second=0, microsecond=0)
    brought = get_signature_model()._default_manager.counted().filter(pledge=signature.pledge, source__in=words)
    number = int(brought.filter(confirmed_at__lt=today).count())
    return number - number % STEP


def _word(signature: Any, version: int) -> str:
    named = _keyed(b"own link", signature.pledge, signature.uuid.bytes, version)[:_NAMED_BYTES]
    raw = named + _seal(signature.pledge, named, version)
    return MARK + base64.b32encode(raw).decode().lower()


def _seal(pledge: Pledge, named: bytes, version: int) -> bytes:
    return _keyed(b"own link is ours", pledge, named, version)[:_SEAL_BYTES]


def _keyed(purpose: bytes, pledge: Pledge, value: bytes, version: int) -> bytes:
    return keyed_hash("token", purpose, pledge.uuid.bytes, value, version=version)
