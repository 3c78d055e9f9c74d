# ruff: noqa: RUF001 - names in many scripts
"""Names in any script are accepted; hidden characters and other tricks are not."""

from __future__ import annotations

import unicodedata

import pytest
import regex
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from wagtail_pledge.signing.abuse.lookalikes import name_skeleton
from wagtail_pledge.signing.names import (
    MAX_FOLDED,
    MAX_NAME,
    clean_name,
    fold_name,
    folded_column,
    has_web_address,
    initials,
)

#: Characters that random texts rarely have next to each other.
TROUBLE = (
    "aA Z\u0301\u0302\u0327\u0903\u094d\u200c\u200d\u034f\ufe0f❤क\u093c\u0634\u064e\u3164\ufb2c\ufdfaမ\u103d葛"
    "\U000e0100\u2800"
)
IGNORABLE = regex.compile(r"\p{Default_Ignorable_Code_Point}")

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
    "X Æ",
    "علی\u200cرضا",
    "മോഹന്\u200d",
    "শ্রী র\u200d্যা",
    "ශ්\u200dරී",
    "क्ष्म्य र्त्स्न्य",
    "လွှို့ဝှက်",
    "བསྒྲུབས",
    "𞤢𞤣𞤤𞤢𞤥",
]


#: Names that look empty or shorter than they are: letters without a glyph, and marks that change nothing.
INVISIBLE = [
    *("\u3164", "\u115f", "\u1160", "\uffa0", "\u3164\u3164 \uffa0", "\u2800", "\U00013441\U00013442", "\ufffc"),
    *(
        f"An{mark}na"
        for mark in "\u034f\ufe0f\ufe0e\u17b4\u180b\u180e\u2060\u2061\ufeff\u00ad\u061c\U000e0100\U000e0001"
    ),
    *(f"Anna{mark}" for mark in "\u3164\uffa0\u115f\U0001d173\U0001bca0\u206a"),
    *("Ana\ufdd0", "Ana\uffff", "Ana\U0010fffe"),
    "ক" + "\u0301\u0301\u0301\u200d" * 3,
    "ق" + "\u064e\u064e\u200c" * 9,
    "Z" + "\u0301\u0302\u0303\u0304\u0903" * 5,
    "Z" + "\u094d" * 30,
    "ก" + "\u0e47" * 20,
    "\u0301Ana",
]


@pytest.mark.requirement("SG1", "D9")
@pytest.mark.parametrize("name", REAL)
def test_real_names_are_kept_as_typed(name: str) -> None:
    assert clean_name(name) == unicodedata.normalize("NFC", name)


@pytest.mark.requirement("D9")
@pytest.mark.parametrize(
    "name",
    [
        *INVISIBLE,
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


@pytest.mark.requirement("D9", "E11")
@given(st.text(st.one_of(st.characters(), st.sampled_from(TROUBLE)), max_size=MAX_NAME + 5))
def test_any_accepted_name_is_readable_in_one_line(text: str) -> None:
    try:
        name = clean_name(text)
    except ValidationError:
        return
    assert clean_name(name) == name
    assert len(name) <= MAX_NAME
    assert regex.search(r"[\p{L}\p{N}]", name)
    # Not unicodedata: its Unicode version is older than that of the rules
    assert not regex.search(r"[\p{C}\p{Zl}\p{Zp}]", name.replace("\u200c", "").replace("\u200d", ""))
    assert not IGNORABLE.search(name.replace("\u200c", "").replace("\u200d", ""))
    for cluster in regex.findall(r"\X", name):
        marks = regex.findall(r"[\p{Mn}\p{Me}]", regex.sub(r"\p{ccc=9}[\u200c\u200d]?(?=\p{L})", "", cluster))
        assert len(marks) <= (6 if regex.search(r"\p{Myanmar}|\p{Tibetan}", cluster) else 3)
    assert unicodedata.is_normalized("NFC", name)


def test_the_maximum_length_is_exact() -> None:
    assert clean_name("a" * MAX_NAME)
    with pytest.raises(ValidationError):
        clean_name("a" * (MAX_NAME + 1))


@pytest.mark.requirement("E9")
@pytest.mark.parametrize("grows", ["\ufb2c", "\u0958", "\U0001d160"])
def test_the_length_is_that_of_the_normalised_name(grows: str) -> None:
    per_character = len(unicodedata.normalize("NFC", grows))
    assert per_character > 1
    fits = (MAX_NAME - 3) // per_character
    assert len(clean_name("Ana" + grows * fits)) == 3 + fits * per_character
    with pytest.raises(ValidationError) as raised:
        clean_name("Anna " + grows * (MAX_NAME - 5))
    assert raised.value.code == "too_long"


@pytest.mark.requirement("E9")
def test_a_name_typed_with_separate_marks_has_its_normal_length() -> None:
    assert clean_name(unicodedata.normalize("NFD", "ộ" * MAX_NAME)) == "ộ" * MAX_NAME


@pytest.mark.requirement("E9")
@given(st.text(st.sampled_from("\ufdfa\ufdfb\u3300\u321dßŒa é"), max_size=200))
def test_a_folded_name_fits_its_column_and_stays_distinct(name: str) -> None:
    assert len(folded_column(name)) <= MAX_FOLDED
    assert folded_column(name) != folded_column(f"{name}x")
    assert len(fold_name(name)) > MAX_FOLDED or folded_column(name) == fold_name(name)


@pytest.mark.requirement("E11")
@pytest.mark.parametrize(
    "hidden", ["\u3164", "\uffa0", "\u115f", "\u034f", "\ufe0f", "\u200d", "\u200c", "\U000e0100", "\u2800"]
)
def test_invisible_characters_do_not_make_a_name_another_one(hidden: str) -> None:
    for name in (f"Union Libre{hidden}", f"Uni{hidden}on Libre"):
        assert fold_name(name) == "union libre"
        assert name_skeleton(name) == name_skeleton("Union Libre")


def test_what_keyboards_add_to_a_character_is_removed() -> None:
    assert clean_name("Ana ❤\ufe0f") == "Ana ❤"
    assert clean_name("葛\U000e0100城") == "葛城"
    assert clean_name("An\u200dna") == "Anna"


def test_whitespace_is_collapsed() -> None:
    assert clean_name("  Ana\u00a0\u00a0María ") == "Ana María"


def test_folding_ignores_case_accents_and_punctuation() -> None:
    assert fold_name("  Ána-MARÍA  López ") == fold_name("ana maria lopez")


@pytest.mark.parametrize(("one", "other"), [("किरण", "कारण"), ("மீனா", "மனா"), ("ნინო", "ნინა")])
def test_names_that_differ_in_vowel_signs_are_different(one: str, other: str) -> None:
    assert fold_name(one) != fold_name(other)
    assert name_skeleton(one) != name_skeleton(other)


def test_initials_are_those_of_first_and_last_name() -> None:
    assert (initials("Ana María López"), initials("Ana")) == ("A. L.", "A.")
    assert initials("N\u0304ame किरण") == "N\u0304. कि."


@pytest.mark.parametrize(("text", "found"), [("see http://x.example", True), ("www.x.example", True), ("Ana", False)])
def test_web_addresses_are_detected(text: str, found: bool) -> None:
    assert has_web_address(text) is found
