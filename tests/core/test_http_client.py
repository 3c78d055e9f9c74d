"""The client's address can't be forged, and stands for its network."""

from __future__ import annotations

import pytest
from django.test import RequestFactory
from pytest_django import Settings

from wagtail_pledge.core.http import client_address, network_of

REAL = "198.51.100.7"


def request(peer: str = REAL, **headers: str) -> object:
    return RequestFactory().get("/", REMOTE_ADDR=peer, headers=headers)


@pytest.mark.requirement("C2")
@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, "203.0.113.9", REAL),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "1.2.3.4, 203.0.113.9", "203.0.113.9"),
        (2, "1.2.3.4, 203.0.113.9, 10.0.0.1", "203.0.113.9"),
        (2, "203.0.113.9", REAL),
        (1, "", REAL),
        (1, "not an address", REAL),
        (1, "1.2.3.4, " + "9" * 5000, REAL),
        (1, "::ffff:203.0.113.9", "203.0.113.9"),
        (1, "2001:DB8::1", "2001:db8::1"),
        (1, "1.2.3.4, 203.0.113.9:5678", "203.0.113.9"),
        (1, "[2001:db8::1]:443", "2001:db8::1"),
        (1, "[2001:db8::1]", "2001:db8::1"),
        (1, "[::ffff:203.0.113.9]:443", "203.0.113.9"),
        (1, "203.0.113.9:port", REAL),
        (1, "[2001:db8::1]443", REAL),
        (1, "[203.0.113.9:443", REAL),
    ],
)
def test_only_our_own_proxies_are_believed(settings: Settings, proxies: int, forwarded: str, expected: str) -> None:
    settings.WAGTAIL_PLEDGE_TRUSTED_PROXIES = proxies
    assert client_address(request(**{"X-Forwarded-For": forwarded})) == expected


@pytest.mark.requirement("C2")
@pytest.mark.parametrize("header", ["X-Real-IP", "Forwarded", "CF-Connecting-IP", "True-Client-IP", "X-Client-IP"])
def test_every_other_header_is_ignored(settings: Settings, header: str) -> None:
    settings.WAGTAIL_PLEDGE_TRUSTED_PROXIES = 1
    assert client_address(request(**{header: "203.0.113.9"})) == REAL


@pytest.mark.requirement("C2", "I48")
def test_a_thousand_forged_addresses_are_one_client(settings: Settings) -> None:
    settings.WAGTAIL_PLEDGE_TRUSTED_PROXIES = 1
    seen = {client_address(request(**{"X-Forwarded-For": f"1.2.{n // 250}.{n % 250}, {REAL}"})) for n in range(1000)}
    assert seen == {REAL}


@pytest.mark.requirement("C2", "I49")
def test_a_thousand_addresses_of_one_network_are_one() -> None:
    assert {network_of(f"2001:db8:1:2::{n:x}") for n in range(1000)} == {"2001:db8:1:2::/64"}
    assert {network_of(f"198.51.100.{n}") for n in range(256)} == {"198.51.100.0/24"}
    assert network_of("2001:db8:1:3::1") != network_of("2001:db8:1:2::1")
    assert network_of("") == network_of("unix:") == ""
