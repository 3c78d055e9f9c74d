"""Countries that signers can choose."""

from __future__ import annotations

import re

import pytest
from django.test import override_settings
from django.utils.translation import override

from wagtail_pledge.signing import countries
from wagtail_pledge.signing.countries import OTHER, country_choices, country_name
from wagtail_pledge.signing.form_fields import CountrySelect

pytestmark = pytest.mark.requirement("SG1", "X4", "RE5")


def test_kosovo_and_any_other_place_can_be_chosen() -> None:
    with override("en"):
        choices = country_choices("US")
        assert country_name("XK") == "Kosovo"
        assert country_name(OTHER) == "Another place"
        assert country_name("QQ") == ""
    assert choices[0][0] == "US"
    assert choices[-1] == (OTHER, "Another place")
    codes = [code for code, _name in choices]
    assert codes.index("XK") == codes.index("KW") - 1
    assert len(codes) == len(set(codes)) == 245
    with override("es"):
        assert country_name(OTHER) == "Otro lugar"


def test_countries_sort_as_in_the_language() -> None:
    with override("sv"):
        names = [name for _code, name in country_choices()]
    assert names.index("Österrike") > names.index("Zimbabwe")


def test_a_site_adds_places_with_the_setting_of_django_countries() -> None:
    countries._choices.cache_clear()
    try:
        with override_settings(COUNTRIES_OVERRIDE={"XS": "Somaliland", "XK": "Republic of Kosovo"}), override("en"):
            del countries.countries.countries
            assert country_name("XS") == "Somaliland"
            assert country_name("XK") == "Republic of Kosovo"
    finally:
        del countries.countries.countries
        countries._choices.cache_clear()


def test_every_code_is_the_value_of_its_option() -> None:
    choices = [("", "Choose…"), ("US", "United States"), ("X1", "Somaliland"), ("GB-SCT", "Scotland")]
    html = CountrySelect(choices=choices).render("country", "GB-SCT")
    assert re.findall(r"<option value=(\S*?)( selected)?>(.+)", html) == [
        ('""', "", "Choose…"),
        ("US", "", "United States"),
        ("X1", "", "Somaliland"),
        ('"GB-SCT"', " selected", "Scotland"),
    ]


@pytest.mark.parametrize(
    ("language", "name"), [("en", "United States"), ("en-gb", "United States"), ("es", "Estados Unidos")]
)
def test_the_united_states_have_the_name_that_the_form_promises(language: str, name: str) -> None:
    with override(language):
        assert country_name("US") == name
        assert dict(country_choices())["US"] == name


def test_the_short_name_is_sorted_as_it_is_read() -> None:
    with override("en"):
        codes = [code for code, _name in country_choices()]
    assert codes.index("GB") < codes.index("US") < codes.index("UY")


@pytest.mark.parametrize("code", ["AQ", "BV", "GS", "HM", "TF", "UM"])
def test_a_territory_where_nobody_lives_is_not_offered_but_keeps_its_name(code: str) -> None:
    with override("en"):
        assert code not in dict(country_choices("US"))
        assert country_name(code)
        assert country_choices(code)[0][0] == code


def test_a_territory_whose_people_were_removed_is_offered() -> None:
    """The Chagos Islands: people from there live all over the world."""
    with override("en"):
        assert "IO" in dict(country_choices())
