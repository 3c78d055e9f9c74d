"""Languages that Django does not know: names, dates, numbers and countries."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.conf.locale import LANG_INFO
from django.utils import translation
from django.utils.translation import get_language_info

from wagtail_pledge.core.i18n import format_day, format_number, time_in_zone
from wagtail_pledge.core.languages import register_languages
from wagtail_pledge.signing.countries import country_name
from wagtail_pledge.treaties.states import display_name

pytestmark = pytest.mark.requirement("RE5")
DAY = dt.date(2026, 2, 3)


@pytest.mark.parametrize(
    ("code", "name", "local"), [("ht", "Haitian Creole", "Kreyòl Ayisyen"), ("fil", "Filipino", "Filipino")]
)
def test_django_knows_name_and_direction(code: str, name: str, local: str) -> None:
    info = get_language_info(code)
    assert (info["name"], info["name_local"], info["bidi"]) == (name, local, False)


def test_an_entry_of_the_site_or_of_django_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    own: dict[str, Any] = {"bidi": False, "code": "fil", "name": "Filipino", "name_local": "Wikang Filipino"}
    monkeypatch.setitem(LANG_INFO, "fil", own)
    register_languages()
    assert LANG_INFO["fil"] is own


@pytest.mark.parametrize(
    ("code", "day", "time", "number"),
    [
        ("ht", "3 fevriye 2026", "3 fevriye 2026, 15:05 UTC", "1\xa0234\xa0567"),
        ("fil", "Pebrero 3, 2026", "Pebrero 3, 2026, 3:05 PM UTC", "1,234,567"),
    ],
)
def test_dates_and_numbers(code: str, day: str, time: str, number: str) -> None:
    with translation.override(code):
        assert format_day(DAY) == day
        assert time_in_zone(dt.datetime(2026, 2, 3, 15, 5, tzinfo=dt.UTC), dt.UTC) == time
        assert format_number(1_234_567) == number
    assert format_day(DAY, code) == day


def test_a_vietnamese_date_can_stand_in_a_sentence() -> None:
    assert format_day(DAY, "vi") == "ngày 3 tháng 2 năm 2026"


def test_countries_without_names_in_the_language_have_those_its_readers_know() -> None:
    germany = {"key": "DEU", "iso2": "DE", "name": "Germany"}
    with translation.override("ht"):
        assert (country_name("DE"), display_name(**germany)) == ("Allemagne", "Allemagne")
    with translation.override("fil"):
        assert (country_name("DE"), display_name(**germany)) == ("Germany", "Germany")
    with translation.override("pt-br"):
        assert (country_name("DE"), display_name(**germany)) == ("Alemanha", "Alemanha")
