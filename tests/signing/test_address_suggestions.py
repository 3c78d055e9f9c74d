"""A slip in a well-known mail domain is guessed; everything else is left alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from wagtail_pledge.signing.abuse.lookalikes import PROVIDERS
from wagtail_pledge.signing.addresses import COMMON, REAL, distance, suggested_address, suggested_domain

pytestmark = pytest.mark.requirement("SG1")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("gmial.com", "gmail.com"),
        ("gmail.con", "gmail.com"),
        ("gamil.con", "gmail.com"),
        ("gnail.com", "gmail.com"),
        ("mgail.com", "gmail.com"),
        ("hotmial.com", "hotmail.com"),
        ("yaho.com", "yahoo.com"),
        ("yahooo.co", "yahoo.com"),
        ("outlok.com", "outlook.com"),
        ("iclould.com", "icloud.com"),
        ("protonmial.com", "protonmail.com"),
        ("googelmail.com", "googlemail.com"),
    ],
)
def test_a_slip_is_guessed(typed: str, meant: str) -> None:
    assert suggested_domain(typed) == meant


@pytest.mark.parametrize(
    "domain",
    [
        "yahoo.ca",
        "yahoo.com.ar",
        "hotmail.cl",
        "hotmail.es",
        "outlook.cl",
        "gmx.com",
        "proton.me",
        "ymail.com",
        "mail.com",
        "email.com",
        "live.com",
        "example.org",
        "senate.gov",
        "",
        ".",
        "@",
        "x" * 300,
        "gmail",
        "correo.unam.mx",
    ],
)
def test_what_may_well_be_meant_is_left_alone(domain: str) -> None:
    assert suggested_domain(domain) == ""


def test_no_large_provider_is_taken_for_another() -> None:
    assert len(PROVIDERS) > 40
    assert {domain: suggested_domain(domain) for domain in PROVIDERS if suggested_domain(domain)} == {}


def test_the_part_before_the_sign_stays_as_typed() -> None:
    assert suggested_address(" Ana.López+x@GMIAL.com ") == "Ana.López+x@gmail.com"
    assert suggested_address("a@b@gmial.com") == "a@b@gmail.com"
    for address in ("ana@gmail.com", "gmial.com", "@gmial.com", "", "a" * 260 + "@gmial.com"):
        assert suggested_address(address) == ""


@pytest.mark.parametrize(
    ("one", "other", "steps"), [("", "ab", 2), ("ab", "ba", 1), ("abc", "abc", 0), ("kitten", "sitting", 3)]
)
def test_a_swap_of_neighbours_is_one_step(one: str, other: str, steps: int) -> None:
    assert distance(one, other) == distance(other, one) == steps


def test_the_script_knows_the_same_domains() -> None:
    script = Path(str(finders.find("wagtail_pledge/js/pledge.js"))).read_text(encoding="utf-8")
    lists = [tuple(words.split()) for words in re.findall(r'_DOMAINS =\s+"([^"]+)"', script)]
    assert [lists[0], frozenset(lists[1])] == [COMMON, REAL]
