"""Suggestions for typos in well-known mail domains; no suggestions for anything else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from wagtail_pledge.signing.abuse.lookalikes import PROVIDERS
from wagtail_pledge.signing.addresses import (
    COMMON_DOMAINS,
    REAL_DOMAINS,
    edit_distance,
    suggested_address,
    suggested_domain,
)

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
def test_a_typo_in_a_well_known_domain_gets_a_suggestion(typed: str, meant: str) -> None:
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
def test_plausible_domains_get_no_suggestion(domain: str) -> None:
    assert suggested_domain(domain) == ""


def test_no_provider_is_suggested_for_another() -> None:
    assert len(PROVIDERS) > 40
    assert {domain: suggested_domain(domain) for domain in PROVIDERS if suggested_domain(domain)} == {}


def test_the_local_part_is_kept_as_typed() -> None:
    assert suggested_address(" Ana.López+x@GMIAL.com ") == "Ana.López+x@gmail.com"
    assert suggested_address("a@b@gmial.com") == "a@b@gmail.com"


@pytest.mark.parametrize("address", ["ana@gmail.com", "gmial.com", "@gmial.com", "", "a" * 260 + "@gmial.com"])
def test_correct_and_incomplete_addresses_get_no_suggestion(address: str) -> None:
    assert suggested_address(address) == ""


@pytest.mark.parametrize(
    ("one", "other", "steps"), [("", "ab", 2), ("ab", "ba", 1), ("abc", "abc", 0), ("kitten", "sitting", 3)]
)
def test_edit_distance_counts_a_transposition_as_one(one: str, other: str, steps: int) -> None:
    assert edit_distance(one, other) == edit_distance(other, one) == steps


def test_python_and_javascript_use_the_same_domains() -> None:
    script = Path(str(finders.find("wagtail_pledge/js/pledge.js"))).read_text(encoding="utf-8")
    lists = [tuple(line.split()) for line in re.findall(r'_DOMAINS =\s+"([^"]+)"', script)]
    assert [lists[0], frozenset(lists[1])] == [COMMON_DOMAINS, REAL_DOMAINS]
