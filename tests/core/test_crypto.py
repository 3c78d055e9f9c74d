"""Versioned keys, encryption of fields, keyed hashes and signed tokens."""

from __future__ import annotations

import base64
import uuid

import pytest
from django.core.exceptions import ImproperlyConfigured
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from wagtail_pledge.core import crypto
from wagtail_pledge.core.crypto import DecryptionError, TokenSubject, make_token, read_token, seal, unseal


def key_text(byte: int) -> str:
    return base64.b64encode(bytes([byte]) * 32).decode()


def test_the_highest_key_version_encrypts_and_all_versions_decrypt(settings: Settings) -> None:
    settings.WAGTAIL_PLEDGE_KEYS = {"encryption": {1: key_text(1)}}
    old = seal(b"ana@example.org", b"email")
    settings.WAGTAIL_PLEDGE_KEYS = {"encryption": {1: key_text(1), 2: key_text(2)}}
    new = seal(b"ana@example.org", b"email")
    assert (old[1], new[1]) == (1, 2)
    assert unseal(old, b"email") == unseal(new, b"email") == b"ana@example.org"


def test_a_missing_key_version_is_an_error(settings: Settings) -> None:
    settings.WAGTAIL_PLEDGE_KEYS = {"encryption": {1: key_text(1)}}
    sealed = seal(b"x", b"email")
    settings.WAGTAIL_PLEDGE_KEYS = {"encryption": {2: key_text(2)}}
    with pytest.raises(crypto.KeyMissing, match="encryption key of version 1"):
        unseal(sealed, b"email")


@pytest.mark.parametrize("bad", ["", "short", base64.b64encode(b"x" * 31).decode(), "ü" * 44])
def test_a_key_of_the_wrong_length_is_an_error(settings: Settings, bad: str) -> None:
    settings.WAGTAIL_PLEDGE_KEYS = {"dedup": {1: bad}}
    with pytest.raises(ImproperlyConfigured, match="dedup"):
        crypto.keyring("dedup")


def test_a_key_version_over_255_is_an_error(settings: Settings) -> None:
    settings.WAGTAIL_PLEDGE_KEYS = {"token": {256: key_text(1)}}
    with pytest.raises(ImproperlyConfigured, match="0 to 255"):
        crypto.keyring("token")


def test_a_keyed_hash_separates_its_parts() -> None:
    assert crypto.keyed_hash("dedup", b"ab", b"c") != crypto.keyed_hash("dedup", b"a", b"bc")


@given(plain=st.binary(max_size=200), at=st.integers(min_value=0), bit=st.integers(0, 7))
def test_a_flipped_bit_is_detected(plain: bytes, at: int, bit: int) -> None:
    sealed = bytearray(seal(plain, b"name"))
    sealed[at % len(sealed)] ^= 1 << bit
    with pytest.raises((DecryptionError, crypto.KeyMissing)):
        unseal(bytes(sealed), b"name")


def test_a_value_can_only_be_decrypted_for_its_own_field() -> None:
    with pytest.raises(DecryptionError):
        unseal(seal(b"Ana", b"name"), b"email")


SUBJECT = TokenSubject(pledge_id=7, uuid=uuid.UUID(int=5), epoch=1)


@pytest.mark.requirement("C8")
@given(
    pledge=st.integers(1, 2**40),
    uid=st.uuids(),
    epoch=st.integers(1, 60000),
    purpose=st.sampled_from(["confirm", "manage"]),
)
def test_a_token_contains_its_subject(pledge: int, uid: uuid.UUID, epoch: int, purpose: str) -> None:
    subject = TokenSubject(pledge_id=pledge, uuid=uid, epoch=epoch)
    assert read_token(purpose, make_token(purpose, subject)) == subject


@pytest.mark.requirement("C8")
def test_a_token_is_valid_for_one_purpose_only() -> None:
    token = make_token("confirm", SUBJECT)
    assert read_token("manage", token) is None
    assert make_token("confirm", SUBJECT) == token


@pytest.mark.requirement("C8")
@given(at=st.integers(min_value=0), char=st.sampled_from("ABCxyz019-_.%/=\x00é"))
def test_a_changed_token_is_invalid(at: int, char: str) -> None:
    token = make_token("confirm", SUBJECT)
    at %= len(token)
    changed = token[:at] + char + token[at + 1 :]
    assert changed == token or read_token("confirm", changed) is None


@given(st.text(max_size=200))
def test_arbitrary_text_is_not_a_valid_token(text: str) -> None:
    assert read_token("confirm", text) is None


@pytest.mark.parametrize("cut", [1, 10])
def test_a_shortened_or_lengthened_token_is_invalid(cut: int) -> None:
    token = make_token("confirm", SUBJECT)
    assert read_token("confirm", token[:-cut]) is None
    assert read_token("confirm", token + "A" * cut) is None


def test_tokens_are_valid_until_their_key_is_removed(settings: Settings) -> None:
    settings.WAGTAIL_PLEDGE_KEYS = {"token": {1: key_text(1)}}
    token = make_token("confirm", SUBJECT)
    settings.WAGTAIL_PLEDGE_KEYS = {"token": {1: key_text(1), 2: key_text(2)}}
    assert read_token("confirm", token) == SUBJECT
    settings.WAGTAIL_PLEDGE_KEYS = {"token": {2: key_text(2)}}
    assert read_token("confirm", token) is None
