"""From when a deposit binds."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given as any_of
from hypothesis import strategies as st

from tests.treaties import treaty_data
from wagtail_pledge.treaties.effect import effect_date
from wagtail_pledge.treaties.enums import EffectRule

RULE = EffectRule.MONTH_AFTER_THREE_MONTHS
IN_FORCE = dt.date(2003, 7, 1)


@pytest.mark.parametrize(
    ("deposit", "effect"),
    [
        (dt.date(2017, 3, 31), dt.date(2017, 7, 1)),
        (dt.date(2007, 6, 5), dt.date(2007, 10, 1)),
        (dt.date(2020, 8, 31), dt.date(2020, 12, 1)),
        (dt.date(2020, 9, 1), dt.date(2021, 1, 1)),
        (dt.date(2019, 11, 30), dt.date(2020, 3, 1)),
        (dt.date(1999, 1, 11), IN_FORCE),
        (dt.date(2003, 3, 14), IN_FORCE),
    ],
)
def test_article_87(deposit: dt.date, effect: dt.date) -> None:
    assert effect_date(RULE, deposit, IN_FORCE) == effect


def test_every_effect_date_of_the_convention_is_the_one_the_rule_gives() -> None:
    rows = [row for row in treaty_data.table(treaty_data.content()) if row["in_force_date"]]
    assert len(rows) == 60
    for row in rows:
        deposit = dt.date.fromisoformat(row["action_date"])
        assert effect_date(RULE, deposit, IN_FORCE) == dt.date.fromisoformat(row["in_force_date"])


@any_of(st.dates(min_value=dt.date(2003, 7, 1), max_value=dt.date(2100, 12, 31)))
def test_the_rule_gives_a_first_of_a_month_more_than_three_months_later(deposit: dt.date) -> None:
    effect = effect_date(RULE, deposit, IN_FORCE)
    assert effect is not None
    assert effect.day == 1
    assert 90 <= (effect - deposit).days <= 124


def test_thirtieth_day() -> None:
    assert effect_date(EffectRule.THIRTIETH_DAY, dt.date(2010, 12, 23), dt.date(2008, 5, 3)) == dt.date(2011, 1, 22)


def test_unknown_stays_unknown() -> None:
    assert effect_date(EffectRule.UNKNOWN, dt.date(2010, 1, 1), IN_FORCE) is None
    assert effect_date("a rule of a later version", dt.date(2010, 1, 1), IN_FORCE) is None
    assert effect_date(RULE, dt.date(2010, 1, 1), None) is None
