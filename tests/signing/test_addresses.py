"""Canonical addresses: spellings of one mailbox are equal, different mailboxes are not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from wagtail_pledge.signing.addresses import AddressRefused, canonical_address, mailbox_key, masked

pytestmark = pytest.mark.requirement("SG3")

SAME = [
    ("ab@gmail.com", "A.B+x@GoogleMail.com"),
    ("ab@gmail.com", "a.b.@gmail.com"),
    ("ana@outlook.com", "ANA+pledge@Outlook.com"),
    ("ana@icloud.com", "ana@me.com"),
    ("ana@proton.me", "a.n.a+1@protonmail.com"),
    ("Ana@Example.org", "ana@example.org"),
    ("a@müller.de", "a@xn--mller-kva.de"),
    ("a@MÜLLER.de", "a@müller.de"),
    (" ana@example.org ", "ana@example.org"),
    ("ab@googlemail.com", "ab@gmail.com"),
    ("ab+a+b@gmail.com", "ab@gmail.com"),
    ("ana+x@hotmail.com", "ana@hotmail.com"),
    ("ana+x@live.com", "ana@live.com"),
    ("ana+x@msn.com", "ana@msn.com"),
    ("ana+x@icloud.com", "ana@mac.com"),
    ("ana+x@fastmail.com", "ana@fastmail.com"),
    ("ana+x@fastmail.fm", "ana@fastmail.fm"),
    ("a.na@pm.me", "ana@proton.me"),
    ("ana@EXAMPLE.ORG.", "ana@example.org"),
    ("Ñandú@example.org", "n\u0303andu\u0301@example.org"),
    ("a+b@Example.org", "A+B@example.org"),
]
DIFFERENT = [
    ("a@unknown.example", "a+b@unknown.example"),
    ("a.b@example.org", "ab@example.org"),
    ("a.b@outlook.com", "ab@outlook.com"),
    ("ana@hotmail.com", "ana@outlook.com"),
    ("ana@example.org", "ana@example.com"),
    ("ana@gmail.com", "anna@gmail.com"),
    ("a.b@icloud.com", "ab@icloud.com"),
    ("a.b@fastmail.com", "ab@fastmail.com"),
    ("ana@fastmail.com", "ana@fastmail.fm"),
    ("ana@live.com", "ana@msn.com"),
    ("a-b@gmail.com", "ab@gmail.com"),
    ("a_b@gmail.com", "ab@gmail.com"),
    ("ana@gmail.com", "ana@gmail.com.example"),
    ("ana@mail.gmail.com", "ana@gmail.com"),
    ("ana@gmail.com", "ana@proton.me"),
    ("a+b@example.org", "a+c@example.org"),
    ("ana@müller.de", "ana@mueller.de"),
    ("jose@example.org", "josé@example.org"),
    ("ana@gma\u0131l.com", "ana@gmail.com"),
]
REFUSED = [
    "a@localhost",
    "a@[127.0.0.1]",
    "root@localhost.localdomain",
    "a@example.invalid",
    "a",
    "@b.example",
    "a@",
    "a@b",
    "a@10.0.0.1",
    "a@b..example",
    f"{'x' * 65}@example.org",
    f"a@{'b' * 63}.{'c' * 63}.{'d' * 63}.{'e' * 63}.org",
]


@pytest.mark.requirement("C3")
@pytest.mark.parametrize(("one", "other"), SAME)
def test_spellings_of_one_mailbox_have_the_same_canonical_address(one: str, other: str) -> None:
    assert canonical_address(one) == canonical_address(other)


@pytest.mark.requirement("C3")
@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different_mailboxes_have_different_canonical_addresses(one: str, other: str) -> None:
    assert canonical_address(one) != canonical_address(other)


@pytest.mark.parametrize("address", REFUSED)
def test_undeliverable_addresses_are_rejected(address: str) -> None:
    with pytest.raises(AddressRefused):
        canonical_address(address)


LOCAL = st.text(st.sampled_from("abcXYZ019.+-_ñЖ"), min_size=1, max_size=30)
DOMAIN = st.sampled_from(["gmail.com", "GoogleMail.com", "example.org", "me.com", "ProtonMail.com", "unknown.example"])


@given(LOCAL, DOMAIN)
def test_canonicalization_is_idempotent(local: str, domain: str) -> None:
    once = canonical_address(f"{local}@{domain}")
    assert canonical_address(once) == once


@given(LOCAL, DOMAIN)
def test_canonicalization_ignores_case(local: str, domain: str) -> None:
    assert canonical_address(f"{local}@{domain}".upper()) == canonical_address(f"{local}@{domain}".upper().lower())


def test_a_site_can_add_mailbox_rules(settings: Settings) -> None:
    assert canonical_address("a+1@mail.example") != canonical_address("a@mail.example")
    settings.WAGTAIL_PLEDGE_MAILBOX_RULES = {"mail.example": {"domain": "mail.example", "plus": True}}
    assert canonical_address("a+1@mail.example") == canonical_address("a@mail.example")


def test_mailbox_keys_differ_between_pledges() -> None:
    assert mailbox_key(b"1" * 16, "ana@example.org") != mailbox_key(b"2" * 16, "ana@example.org")


@pytest.mark.parametrize(
    ("address", "shown"),
    [("ana@example.org", "an…@example.org"), ("a@example.org", "a…@example.org"), ("ab@example.org", "a…@example.org")],
)
def test_a_masked_address_shows_only_the_start_and_the_domain(address: str, shown: str) -> None:
    assert masked(address) == shown
