# ruff: noqa: RUF001 - names in many scripts
"""Names in any script are accepted; hidden characters and other tricks are not."""

from __future__ import annotations

import unicodedata

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from wagtail_pledge.signing.names import MAX_NAME, clean_name, fold_name, has_web_address, initials

REAL = [
    "Ana María López",
    "O’Brien-Smith",
    "孫文",
    "Nguyễn Thị Ánh",
    "محمد علي",
    "مهدی می\u200cخواهد",
    "דָּוִד",
    "สมชาย ใจดี",
    "김철수",
    "Иван Петров",
    "Ελένη",
    "தமிழ் செல்வி",
    "অমর্ত্য",
    "አበበ",
    "Þórr Æsir",
    "Łukasz",
    "Mary Jane 3rd",
    "d'Arc",
    "=Ana",
    "ខ្មែរ",
]


@pytest.mark.requirement("SG1", "D9")
@pytest.mark.parametrize("name", REAL)
def test_real_names_are_kept_as_typed(name: str) -> None:
    assert clean_name(name) == unicodedata.normalize("NFC", name)


@pytest.mark.requirement("D9")
@pytest.mark.parametrize(
    "name",
    [
        "",
        "  ",
        "\u200b\u200c",
        "\u202eevil",
        "Ana\x08",
        "Ana\r\nBcc: v@x.co",
        "Ana\x00",
        "Z" + "\u0301" * 200,
        "!!!",
        "\x1b[31mAna",
        "Ana\U000e0041",
        "Ana\u2066",
        "Ana\u200e",
        "Ana\ue000",
        "Ana\ud800",
        "Ana\u0378",
        "Ana\u2028María",
        "Q\u0301\u0301\u0301\u0301",
    ],
)
def test_empty_names_and_hidden_characters_are_rejected(name: str) -> None:
    with pytest.raises(ValidationError):
        clean_name(name)


@pytest.mark.requirement("D9")
@given(st.text(max_size=MAX_NAME + 5))
def test_any_accepted_name_is_readable_in_one_line(text: str) -> None:
    try:
        name = clean_name(text)
    except ValidationError:
        return
    assert clean_name(name) == name
    assert len(name) <= MAX_NAME
    assert any(char.isalnum() for char in name)
    assert {unicodedata.category(char) for char in name} & {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"} == set()
    assert {char for char in name if unicodedata.category(char) == "Cf"} <= {"\u200c", "\u200d"}
    # Spacing vowel signs (Mc) do not stack
    piled = "".join("m" if unicodedata.category(char) in {"Mn", "Me"} else " " for char in name)
    assert "m" * 4 not in piled


def test_the_maximum_length_is_exact() -> None:
    assert clean_name("a" * MAX_NAME)
    with pytest.raises(ValidationError):
        clean_name("a" * (MAX_NAME + 1))


def test_whitespace_is_collapsed() -> None:
    assert clean_name("  Ana\u00a0\u00a0María ") == "Ana María"


def test_folding_ignores_case_accents_and_punctuation() -> None:
    assert fold_name("  Ána-MARÍA  López ") == fold_name("ana maria lopez")


def test_initials_are_those_of_first_and_last_name() -> None:
    assert (initials("Ana María López"), initials("Ana")) == ("A. L.", "A.")


@pytest.mark.parametrize(("text", "found"), [("see http://x.example", True), ("www.x.example", True), ("Ana", False)])
def test_web_addresses_are_detected(text: str, found: bool) -> None:
    assert has_web_address(text) is found
