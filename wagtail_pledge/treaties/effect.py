"""From when a party is bound, by the treaty's own rule."""

from __future__ import annotations

import datetime as dt

from wagtail_pledge.treaties.enums import EffectRule


def _month_after_three_months(deposit: dt.date) -> dt.date:
    # Article 87 (2) of the Migrant Workers Convention: "the first day of the month following a period of three
    # months after the date of the deposit". Every day of a month leads to the same day, its last one included.
    years, month = divmod(deposit.month + 3, 12)
    return dt.date(deposit.year + years, month + 1, 1)


def _thirtieth_day(deposit: dt.date) -> dt.date:
    return deposit + dt.timedelta(days=30)


_RULES = {
    EffectRule.MONTH_AFTER_THREE_MONTHS.value: _month_after_three_months,
    EffectRule.THIRTIETH_DAY.value: _thirtieth_day,
}


def effect_date(rule: str, deposit: dt.date, in_force_on: dt.date | None) -> dt.date | None:
    """Return the day from which a deposit binds, or ``None`` where the rule is not known or the treaty is not in force.

    An instrument deposited before the treaty's entry into force takes effect on that day, not before. Not for
    successions, which have effect from the day of independence.
    """
    computed = _RULES.get(rule)
    if computed is None or in_force_on is None:
        return None
    return max(computed(deposit), in_force_on)
