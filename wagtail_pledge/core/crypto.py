"""Encryption, keys and signed tokens.

Values are encrypted ("sealed") with AES-256-GCM and a versioned key. There are two layouts:

- in a URL: 1 byte format (1), 1 byte key version, 12 bytes nonce, ciphertext with 16 bytes tag. ``context`` is
  authenticated but not stored: a value sealed for one purpose can't be decrypted for another;
- in a column: 1 byte format (2), 1 byte key version, 16 bytes UUID of the row, 12 bytes nonce, ciphertext with tag. The
  label of the table, the name of the column and the UUID are authenticated: a value that somebody moved to another row
  or column is refused.

Stored keyed hashes start with the version of their key (:func:`versioned_hash`), so rows can be counted by key.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import os
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed

from wagtail_pledge.conf import get_setting
from wagtail_pledge.core.errors import PledgeError

FORMAT: Final = 1
COLUMN_FORMAT: Final = 2
UUID_BYTES: Final = 16
NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16


class DecryptionError(PledgeError):
    """Raised for a value that was not sealed with these keys for this context, or was modified since."""

    def __init__(self) -> None:
        super().__init__("decryption_failed", "The encrypted value is damaged or was made for another row or column")


@lru_cache(maxsize=64)
def _cipher(secret: bytes) -> AESGCM:
    return AESGCM(secret)


def seal(plain: bytes, context: bytes) -> bytes:
    """Return ``plain`` sealed under the current encryption key."""
    version = current_version("encryption")
    nonce = os.urandom(NONCE_BYTES)
    cipher = _cipher(key("encryption", version))
    return bytes((FORMAT, version)) + nonce + cipher.encrypt(nonce, plain, context)


def unseal(sealed: bytes, context: bytes) -> bytes:
    """Return the plain bytes. Raises :class:`DecryptionError`, or :class:`KeyMissing` if the key was removed."""
    if len(sealed) < 2 + NONCE_BYTES + TAG_BYTES or sealed[0] != FORMAT:
        raise DecryptionError
    return _decrypt(sealed[1], sealed[2:], context)


def _decrypt(version: int, nonce_and_body: bytes, authenticated: bytes) -> bytes:
    nonce, body = nonce_and_body[:NONCE_BYTES], nonce_and_body[NONCE_BYTES:]
    try:
        return _cipher(key("encryption", version)).decrypt(nonce, body, authenticated)
    except InvalidTag:
        raise DecryptionError from None


def _place(label: str, column: str, row: bytes) -> bytes:
    """Return what a column's value is bound to, each part with its length."""
    parts = (label.encode(), column.encode(), row)
    return b"".join(len(part).to_bytes(2, "big") + part for part in parts)


def seal_column(plain: bytes, *, label: str, column: str, row: UUID) -> bytes:
    """Return ``plain`` sealed for one column of the row with the UUID ``row``; ``label`` names the table for ever."""
    version = current_version("encryption")
    nonce = os.urandom(NONCE_BYTES)
    body = _cipher(key("encryption", version)).encrypt(nonce, plain, _place(label, column, row.bytes))
    return bytes((COLUMN_FORMAT, version)) + row.bytes + nonce + body


def unseal_column(sealed: bytes, *, label: str, column: str) -> tuple[UUID, bytes]:
    """Return (UUID of the row that the value was sealed for, plain bytes). The caller compares the UUID.

    Raises :class:`DecryptionError`, or :class:`KeyMissing` if the key was removed.
    """
    if len(sealed) < 2 + UUID_BYTES + NONCE_BYTES + TAG_BYTES or sealed[0] != COLUMN_FORMAT:
        raise DecryptionError
    row, rest = sealed[2 : 2 + UUID_BYTES], sealed[2 + UUID_BYTES :]
    return UUID(bytes=row), _decrypt(sealed[1], rest, _place(label, column, row))


PURPOSES: Final = ("dedup", "encryption", "token")
#: The key of seats: optional, because it is the dedup key unless it is listed.
SEAT: Final = "seat"
KEY_BYTES: Final = 32
HASH_BYTES: Final = 32
#: In ``WAGTAIL_PLEDGE_KEYS``, the value of version 0: the key that is derived from ``SECRET_KEY`` without the setting.
DERIVED: Final = "derived"


class KeyMissing(PledgeError):
    """Raised when data needs a key version that is not in the settings: already removed, or not yet deployed here."""

    def __init__(self, purpose: str, version: int) -> None:
        message = f"WAGTAIL_PLEDGE_KEYS has no {purpose} key of version {version}"
        super().__init__("key_missing", message, permanent=False)


def _derive_key(purpose: str) -> bytes:
    purpose = "dedup" if purpose == SEAT else purpose
    secret = settings.SECRET_KEY.encode()
    return hmac.new(secret, b"wagtail_pledge:" + purpose.encode(), hashlib.sha256).digest()


def _decode_key(purpose: str, version: int, value: str | bytes) -> bytes:
    if value == DERIVED:
        if version:
            message = f"WAGTAIL_PLEDGE_KEYS[{purpose!r}][{version}]: only version 0 can be {DERIVED!r}"
            raise ImproperlyConfigured(message)
        return _derive_key(purpose)
    try:
        key = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        message = f"WAGTAIL_PLEDGE_KEYS[{purpose!r}][{version}] must be {KEY_BYTES} bytes in base64"
        raise ImproperlyConfigured(message)
    return key


@lru_cache(maxsize=8)
def keyring(purpose: str) -> Mapping[int, bytes]:
    """Return the keys of ``purpose`` by version, 32 bytes each; without any in the settings, version 0 is derived.

    Raises ``ImproperlyConfigured`` for a key of another length or a version outside 0–255.
    """
    configured = (get_setting("KEYS") or {}).get(purpose)
    if not configured:
        return {0: _derive_key(purpose)}
    if any(not 0 <= int(version) <= 255 for version in configured):
        message = f"WAGTAIL_PLEDGE_KEYS[{purpose!r}]: versions are numbers from 0 to 255"
        raise ImproperlyConfigured(message)
    return {int(version): _decode_key(purpose, int(version), value) for version, value in configured.items()}


def current_version(purpose: str) -> int:
    """Return the version used for new data: the highest."""
    return max(keyring(purpose))


def key(purpose: str, version: int) -> bytes:
    """Return one key. Raises :class:`KeyMissing` if it is not in the settings."""
    try:
        return keyring(purpose)[version]
    except KeyError:
        raise KeyMissing(purpose, version) from None


def keyed_hash(purpose: str, *parts: bytes, version: int | None = None) -> bytes:
    """Return the HMAC-SHA-256 (32 bytes) of ``parts``, length-prefixed so that their boundaries are unambiguous."""
    chosen = current_version(purpose) if version is None else version
    message = b"".join([len(part).to_bytes(4, "big") + part for part in parts])
    # Three times as fast as an HMAC object
    return hmac.digest(key(purpose, chosen), message, "sha256")


def versioned_hash(purpose: str, *parts: bytes, version: int | None = None) -> bytes:
    """Return a keyed hash for a column, 32 bytes: the version of the key, then 31 bytes of :func:`keyed_hash`."""
    chosen = current_version(purpose) if version is None else version
    return bytes((chosen,)) + keyed_hash(purpose, *parts, version=chosen)[: HASH_BYTES - 1]


def _clear_keyring_cache(*, setting: str, **_kwargs: object) -> None:
    if setting in {"WAGTAIL_PLEDGE_KEYS", "SECRET_KEY"}:
        keyring.cache_clear()


setting_changed.connect(_clear_keyring_cache, dispatch_uid="wagtail_pledge.keys")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedFormat:
    """Format of one kind of signed token: a packed header and its truncated HMAC, in unpadded URL-safe base64.

    The first field of ``header`` is the version of the token key (an unsigned byte). ``purpose`` is part of the HMAC:
    a token of one purpose is never valid for another.
    """

    purpose: bytes
    header: struct.Struct
    mac_bytes: int

    @property
    def length(self) -> int:
        """The length of a token in characters."""
        return -(-(self.header.size + self.mac_bytes) * 4 // 3)

    def encode(self, *fields: Any, bound_to: bytes | None = None) -> str:
        """Return the token of ``fields`` under the newest key; equal input gives an equal token.

        ``bound_to`` is signed too, but not contained in the token.
        """
        version = current_version("token")
        header = self.header.pack(version, *fields)
        return encode_base64(header + self._mac(header, version, bound_to))

    def decode(self, token: str, *, bound_to: bytes | None = None) -> tuple[Any, ...] | None:
        """Return the fields of a valid token without its key version, else ``None``."""
        found = self.decode_with_version(token, bound_to=bound_to)
        return found[1:] if found is not None else None

    def decode_with_version(self, token: str, *, bound_to: bytes | None = None) -> tuple[Any, ...] | None:
        """Return the version of the token key and the fields of a valid token, else ``None``."""
        raw = decode_base64(token) if len(token) == self.length else None
        if raw is None or len(raw) != self.header.size + self.mac_bytes:
            return None
        header, mac = raw[: self.header.size], raw[self.header.size :]
        fields = self.header.unpack(header)
        try:
            expected = self._mac(header, fields[0], bound_to)
        except KeyMissing:
            return None
        return fields if hmac.compare_digest(mac, expected) else None

    def _mac(self, header: bytes, version: int, bound_to: bytes | None) -> bytes:
        parts = (self.purpose, header) if bound_to is None else (self.purpose, header, bound_to)
        return keyed_hash("token", *parts, version=version)[: self.mac_bytes]


def encode_base64(raw: bytes) -> str:
    """Return unpadded URL-safe base64."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode_base64(text: str) -> bytes | None:
    """Return the bytes of unpadded URL-safe base64, or ``None``. Only the canonical encoding of a value is accepted."""
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return None
    return raw if encode_base64(raw) == text else None


_JSON: Final = json.JSONEncoder(separators=(",", ":"))


def seal_json(value: Any, context: bytes) -> str:
    """Return a JSON value encrypted for use in a URL."""
    return encode_base64(seal(_JSON.encode(value).encode(), context))


def unseal_json(text: str, context: bytes, *, max_length: int) -> Any | None:
    """Return the value that :func:`seal_json` encrypted, ``None`` if ``text`` is not valid for ``context``."""
    raw = decode_base64(text) if 0 < len(text) <= max_length else None
    if raw is None:
        return None
    try:
        return json.loads(unseal(raw, context))
    except PledgeError:
        return None


_LINK_HEADER: Final = struct.Struct(">BQ16sH")
_LINK_MAC_BYTES: Final = 20
TOKEN_CHARS: Final = -(-(_LINK_HEADER.size + _LINK_MAC_BYTES) * 4 // 3)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenSubject:
    """The signature that a link token belongs to: primary key of the pledge, UUID and epoch of the signature.

    Each time the signature is withdrawn and signed again its epoch grows, which invalidates older links.
    """

    pledge_id: int
    uuid: UUID
    epoch: int


def _link_format(purpose: str) -> SignedFormat:
    return SignedFormat(purpose=purpose.encode(), header=_LINK_HEADER, mac_bytes=_LINK_MAC_BYTES)


def make_token(purpose: str, subject: TokenSubject) -> str:
    """Return the URL-safe link token of ``purpose`` for ``subject``; equal input gives an equal token."""
    return _link_format(purpose).encode(subject.pledge_id, subject.uuid.bytes, subject.epoch)


def read_token(purpose: str, token: str) -> TokenSubject | None:
    """Return the subject of an authentic link token, else ``None``. The caller checks whether it is still valid."""
    fields = _link_format(purpose).decode(token)
    if fields is None:
        return None
    pledge_id, uuid, epoch = fields
    return TokenSubject(pledge_id=pledge_id, uuid=UUID(bytes=uuid), epoch=epoch)
