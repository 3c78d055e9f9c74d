"""Keys that live outside the database, by purpose and version.

``WAGTAIL_PLEDGE_KEYS = {"dedup": {1: "<base64>"}, "encryption": {1: …}, "token": {1: …}}``: 32 bytes each, base64.
The highest version writes; every listed version reads. Without the setting the keys derive from ``SECRET_KEY``
as version 0, which a deploy check warns of.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed

from wagtail_pledge.core.errors import PledgeError
from wagtail_pledge.core.settings import get_setting

PURPOSES: Final = ("dedup", "encryption", "token")
KEY_BYTES: Final = 32


class KeyMissing(PledgeError):
    """Data names a key version that the settings don't hold: no longer, or on this server not yet."""

    def __init__(self, purpose: str, version: int) -> None:
        message = f"WAGTAIL_PLEDGE_KEYS has no {purpose} key of version {version}"
        super().__init__("key_missing", message, permanent=False)


def _derived(purpose: str) -> bytes:
    secret = settings.SECRET_KEY.encode()
    return hmac.new(secret, b"wagtail_pledge:" + purpose.encode(), hashlib.sha256).digest()


def _decoded(purpose: str, version: int, value: str | bytes) -> bytes:
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
    """Return the keys of ``purpose`` by version, 32 bytes each.

    Raises ``ImproperlyConfigured`` for a key of another length or a version outside 0–255.
    """
    configured = (get_setting("KEYS") or {}).get(purpose)
    if not configured:
        return {0: _derived(purpose)}
    if any(not 0 <= int(version) <= 255 for version in configured):
        message = f"WAGTAIL_PLEDGE_KEYS[{purpose!r}]: versions are numbers from 0 to 255"
        raise ImproperlyConfigured(message)
    return {int(version): _decoded(purpose, version, value) for version, value in configured.items()}


def current_version(purpose: str) -> int:
    """Return the version that writes: the highest."""
    return max(keyring(purpose))


def key(purpose: str, version: int) -> bytes:
    """Return one key. Raises :class:`KeyMissing` if the settings no longer hold it."""
    try:
        return keyring(purpose)[version]
    except KeyError:
        raise KeyMissing(purpose, version) from None


def keyed_hash(purpose: str, *parts: bytes, version: int | None = None) -> bytes:
    """Return HMAC-SHA-256 (32 bytes) over the length-prefixed ``parts``, so that parts can't run into each other."""
    chosen = current_version(purpose) if version is None else version
    mac = hmac.new(key(purpose, chosen), digestmod=hashlib.sha256)
    for part in parts:
        mac.update(len(part).to_bytes(4, "big"))
        mac.update(part)
    return mac.digest()


def _forget_keys(*, setting: str, **_kwargs: object) -> None:
    if setting in {"WAGTAIL_PLEDGE_KEYS", "SECRET_KEY"}:
        keyring.cache_clear()


setting_changed.connect(_forget_keys, dispatch_uid="wagtail_pledge.keys")
