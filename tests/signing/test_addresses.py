"""Canonical addresses: spellings of one mailbox are equal, different mailboxes are not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from wagtail_pledge.signing.addresses import AddressRefused, canonical_address, delivery_address, mailbox_key, masked

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
    ("ñandú@example.org", "n\u0303andu\u0301@EXAMPLE.org"),
    ("a@straße.de", "a@xn--strae-oqa.de"),
    ("a@STRAßE.de", "a@straße.de"),
    ("a@b\u3002example", "a@b.example"),
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
    # Only ASCII letters have no case: what a server makes of others is not known
    ("\u017fam@example.org", "sam@example.org"),
    ("mar\u212a@example.org", "mark@example.org"),
    ("mar\u212a@gmail.com", "mark@gmail.com"),
    ("stra\u00dfe@example.org", "strasse@example.org"),
    ("\u00d1and\u00fa@example.org", "\u00f1and\u00fa@example.org"),
    ("\uff41na@example.org", "ana@example.org"),
    ("\ufb01n@example.org", "fin@example.org"),
    ("a\u037eb@example.org", "a;b@example.org"),
    ("\u0130da@example.org", "i\u0307da@example.org"),
    # IDNA 2008; by IDNA 2003 these are the same domain
    ("a@stra\u00dfe.de", "a@strasse.de"),
    ("a@\u03b1\u03c2.gr", "a@\u03b1\u03c3.gr"),
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
    "a@xn--a.example",
    "a@i\u2764.example",
    "a@\u202eexample.org",
    f"a@{'b' * 64}.org",
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


LOCAL = st.text(st.sampled_from("abcXYZ019.+-_ñЖ\u0303\u0301\u212a\u017fÑß"), min_size=1, max_size=20)
DOMAIN = st.sampled_from(["gmail.com", "GoogleMail.com", "example.org", "me.com", "ProtonMail.com", "unknown.example"])


@given(LOCAL, DOMAIN)
def test_canonicalization_is_idempotent(local: str, domain: str) -> None:
    once = canonical_address(f"{local}@{domain}")
    assert canonical_address(once) == once


@given(st.text(st.sampled_from("abcXYZ019.+-_"), min_size=1, max_size=30), DOMAIN)
def test_canonicalization_ignores_case(local: str, domain: str) -> None:
    assert canonical_address(f"{local}@{domain}".upper()) == canonical_address(f"{local}@{domain}".lower())


@pytest.mark.requirement("E12")
@given(LOCAL.filter(lambda local: not local.isascii()), st.text(st.sampled_from("abkms019"), min_size=1, max_size=20))
def test_a_local_part_with_other_letters_is_never_one_in_ascii(local: str, ascii_local: str) -> None:
    assert canonical_address(f"{local}@example.org") != canonical_address(f"{ascii_local}@example.org")


@pytest.mark.requirement("E12")
@pytest.mark.parametrize(
    ("address", "delivered"),
    [
        ("ana@straße.de", "ana@xn--strae-oqa.de"),
        ("Ana@MÜLLER.de", "Ana@xn--mller-kva.de"),
        ("Ana@Example.org", "Ana@Example.org"),
        ("old data", "old data"),
        ("é old data", "é old data"),
    ],
)
def test_mail_is_addressed_by_idna_2008(address: str, delivered: str) -> None:
    assert delivery_address(address) == delivered


def test_a_site_can_add_mailbox_rules(settings: Settings) -> None:
    assert canonical_address("a+1@mail.example") != canonical_address("a@mail.example")
    settings.WAGTAIL_PLEDGE_MAILBOX_RULES = {"mail.example": {"domain": "mail.example", "plus": True}}
    assert canonical_address("a+1@mail.example") == canonical_address("a@mail.example")


def test_mailbox_keys_differ_between_pledges() -> None:
    assert mailbox_key(b"1" * 16, "ana@example.org") != mailbox_key(b"2" * 16, "ana@example.org")


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("ana@example.org", "a…a@example.org"),
        ("a@example.org", "a…@example.org"),
        ("ab@example.org", "a…@example.org"),
        ("ana@MAÑANA.example", "a…a@mañana.example"),
        ("ana@xn--maana-pta.example", "a…a@mañana.example"),
    ],
)
def test_a_masked_address_shows_the_first_and_last_character_and_a_readable_domain(address: str, shown: str) -> None:
    assert masked(address) == shown
