"""Alphabetical order per language."""

# ruff: noqa: RUF001 - letters of many alphabets
from __future__ import annotations

import pytest

from wagtail_pledge.core.collation import sort_key

pytestmark = pytest.mark.requirement("X4")


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "Åland Albania Ängelholm Austria Zambia"),
        ("sv", "Albania Austria Zambia Åland Ängelholm Österrike"),
        ("fi", "Albania Zambia Åland Ängelholm"),
        ("da", "Albanien Zambia Ækvatorialguinea Østrig Åland"),
        ("nb-no", "Albania Zimbabwe Østerrike Åland"),
        ("de", "Ägypten Albanien Oman Österreich Zypern"),
        ("es", "Níger Nigeria Nueva Ñandú Omán"),
        ("es-mx", "Nueva Ñandú Omán"),
        ("cs", "Česko Dánsko Haiti Honduras Chile Irák"),
        ("pl", "Luksemburg Łotwa Malta"),
        ("tr", "Cezayir Çad Danimarka Hırvatistan Hindistan Irak İran"),
        ("hr", "Cipar Čad Danska Džibuti Đakovo Egipat"),
        ("hu", "Cuba Csád Dánia"),
        ("et", "Saksamaa Šveits Zambia Türgi Õnne Äxi"),
        ("lt", "Suomija Švedija"),
        ("lt", "Airija Yda Indija Italija Juta"),
        ("sv", "Tuvalu Tübingen Tyrien Tyskland"),
        ("ro", "Suedia Șad Togo Țara"),
        ("is", "Albanía Ástralía Bretland Þýskaland"),
        ("uk", "Ґана Данія Індія Їзд Йемен Канада"),
        ("ru", "Исландия Йемен Казахстан"),
        ("ar", "ألبانيا بنما تونس"),
    ],
)
def test_names_sort_as_in_the_language(language: str, expected: str) -> None:
    names = expected.split()
    assert sorted(set(names), key=lambda name: sort_key(name, language)) == names


def test_the_order_ignores_case_and_does_not_depend_on_the_form_of_accents() -> None:
    assert sort_key("ÑANDÚ", "es")[0] == sort_key("n\u0303andu\u0301", "es")[0]
    assert max(["b", "A", "á", "a"], key=sort_key) == "b"
