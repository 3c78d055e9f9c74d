"""Domains in ASCII by IDNA 2008, and as people read them."""

from __future__ import annotations

import pytest

from wagtail_pledge.core.text import ascii_domain, unicode_domain

pytestmark = pytest.mark.requirement("E12")


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        ("Example.ORG.", "example.org"),
        ("straße.de", "xn--strae-oqa.de"),
        ("FAß.de", "xn--fa-hia.de"),
        ("MÜLLER.de", "xn--mller-kva.de"),
        ("XN--MLLER-KVA.de", "xn--mller-kva.de"),
        ("bücher。example", "xn--bcher-kva.example"),
        ("\u0646\u0627\u0645\u0647\u200c\u0627\u06cc.com", "xn--mgba3gch31f060k.com"),
        ("ab--cd.example", "ab--cd.example"),
        ("a_b.example", "a_b.example"),
    ],
)
def test_a_domain_has_one_spelling_in_ascii(domain: str, expected: str) -> None:
    assert ascii_domain(domain) == expected
    assert ascii_domain(expected) == expected
    assert ascii_domain(unicode_domain(expected)) == expected


@pytest.mark.parametrize(
    "domain",
    [
        "",
        ".",
        "a..b",
        "xn--a.example",
        "i❤.example",
        "a\u202eb.example",
        "\u3164.example",
        "b" * 64 + ".example",
        "a." * 128,
    ],
)
def test_an_invalid_domain_is_a_value_error(domain: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - idna raises subclasses with texts of its own
        ascii_domain(domain)
    assert unicode_domain(domain) == domain.lower()
