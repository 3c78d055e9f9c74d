"""Tokens that are derived, not stored: HMAC over purpose, signature and epoch.

A token names its signature and carries 160 bits that only a holder of the key can make. It opens one purpose only.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import struct
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from wagtail_pledge.core import keys

_HEAD: Final = struct.Struct(">BQ16sH")
_MAC_BYTES: Final = 20
_SIZE: Final = _HEAD.size + _MAC_BYTES
TOKEN_CHARS: Final = -(-_SIZE * 4 // 3)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenSubject:
    """Whom a token speaks for: the pledge's key, the signature's UUID and its epoch."""

    pledge_id: int
    uuid: UUID
    epoch: int


def _mac(purpose: str, head: bytes, version: int) -> bytes:
    return keys.keyed_hash("token", purpose.encode(), head, version=version)[:_MAC_BYTES]


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode_base64(text: str) -> bytes | None:
    """Return the bytes behind unpadded URL-safe base64, or ``None``; one spelling a value, so no token has a twin."""
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return None
    return raw if _encode(raw) == text else None


def make_token(purpose: str, subject: TokenSubject) -> str:
    """Return the URL-safe token of ``purpose`` for ``subject``: equal input, equal token."""
    version = keys.current_version("token")
    head = _HEAD.pack(version, subject.pledge_id, subject.uuid.bytes, subject.epoch)
    return _encode(head + _mac(purpose, head, version))


def read_token(purpose: str, token: str) -> TokenSubject | None:
    """Return the subject of a genuine token, else ``None``. Whether it is still valid is the caller's question."""
    if len(token) != TOKEN_CHARS:
        return None
    raw = decode_base64(token)
    if raw is None or len(raw) != _SIZE:
        return None
    head, mac = raw[: _HEAD.size], raw[_HEAD.size :]
    version, pledge_id, uuid, epoch = _HEAD.unpack(head)
    try:
        expected = _mac(purpose, head, version)
    except keys.KeyMissing:
        return None
    if not hmac.compare_digest(mac, expected):
        return None
    return TokenSubject(pledge_id=pledge_id, uuid=UUID(bytes=uuid), epoch=epoch)
