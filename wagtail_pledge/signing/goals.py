"""Goals of a pledge: a fixed number, or steps of which the next one above the current number is shown."""

from __future__ import annotations

import re
from itertools import chain, count

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

MAX_STEPS = 12
#: Highest step: the maximum of the goal's column.
MAX_STEP = 2_147_483_647
_ROUND = (10, 25, 50)


def parse_steps(text: str) -> tuple[int, ...]:
    """Return the positive whole numbers in ``text``; anything else is ignored."""
    return tuple(step for step in map(int, re.findall("[0-9]+", text)) if step)


def clean_steps(text: str) -> str:
    """Return ``text`` normalised for storing. Raises ``ValidationError`` unless it has rising whole numbers."""
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
    """Return the steps of a growing goal, or ``()`` if ``text`` has none (a fixed goal or no goal).

    ``goal`` is one of the steps. If ``total`` has reached all of them, a round number above ``total`` is added.
    """
    steps = parse_steps(text)
    if not steps:
        return ()
    rising = sorted(set(chain(steps, [goal] if goal else [])))
    return tuple(rising) if rising[-1] > total else (*rising, round_number_above(total))


def next_goal(total: int, goal: int | None, text: str) -> int | None:
    """Return the number to reach next: the first step above ``total``, else ``goal``, which may be ``None``."""
    return next((step for step in step_goals(total, goal, text) if step > total), goal)
