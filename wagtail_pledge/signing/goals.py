"""The goal: a fixed number, or a ladder that always shows a step above today's number."""

from __future__ import annotations

import re
from itertools import chain, count

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

MAX_STEPS = 12
#: No ladder climbs higher than the column of the goal.
MAX_STEP = 2_147_483_647
_ROUND = (10, 25, 50)


def parse_steps(text: str) -> tuple[int, ...]:
    """Return the steps written in ``text``; what is no whole number above zero is left out."""
    return tuple(step for step in map(int, re.findall("[0-9]+", text)) if step)


def clean_steps(text: str) -> str:
    """Return ``text`` as it is stored. Raises ``ValidationError`` unless it holds rising whole numbers."""
    if not re.fullmatch(r"[0-9\s]*", text):
        raise ValidationError(_("Enter whole numbers with spaces between them and no commas or points inside"))
    steps = parse_steps(text)
    if list(steps) != sorted({step for step in steps if step <= MAX_STEP}):
        raise ValidationError(_("Enter each step higher than the one before it"))
    if len(steps) > MAX_STEPS:
        raise ValidationError(_("Enter %(max)s steps or fewer") % {"max": MAX_STEPS})
    return " ".join(map(str, steps))


def round_number_above(total: int) -> int:
    """Return the next of 10, 25, 50, 100, 250, 500, … above ``total``."""
    series = (base * int(10**power) for power in count() for base in _ROUND)
    return next(number for number in series if number > total)


def step_goals(total: int, goal: int | None, text: str) -> tuple[int, ...]:
    """Return the steps of a pledge, the last of them above ``total``; ``()`` for a fixed goal or none.

    The goal is a step too. Once all are reached, a round number above ``total`` follows.
    """
    steps = parse_steps(text)
    if not steps:
        return ()
    rising = sorted(set(chain(steps, [goal] if goal else [])))
    return tuple(rising) if rising[-1] > total else (*rising, round_number_above(total))


def next_goal(total: int, goal: int | None, text: str) -> int | None:
    """Return the number to reach next: the first step above ``total``, or the fixed goal."""
    return next((step for step in step_goals(total, goal, text) if step > total), goal)
