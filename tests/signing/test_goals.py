"""Goals: fixed or stepwise, and the minimum count below which the number is hidden."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from wagtail_pledge.signing.goals import next_goal, parse_steps, round_number_above, step_goals
from wagtail_pledge.signing.models import Pledge
from wagtail_pledge.signing.services import progress_of
from wagtail_pledge.testing.factories import PledgeFactory

pytestmark = pytest.mark.requirement("CP8")

STEPS = "1000 5000 10000"


@pytest.mark.parametrize(
    ("total", "goal", "steps", "shown"),
    [
        (0, None, "", None),
        (1200, 1000, "", 1000),
        (0, None, STEPS, 1000),
        (999, None, STEPS, 1000),
        (1000, None, STEPS, 5000),
        (9999, None, STEPS, 10_000),
        (10_000, None, STEPS, 25_000),
        (25_000, None, STEPS, 50_000),
        (999, 1500, STEPS, 1000),
        (1000, 1500, STEPS, 1500),
        (10_000, 15_000, STEPS, 15_000),
        (15_000, 15_000, STEPS, 25_000),
    ],
)
def test_the_next_goal_is_above_the_total(total: int, goal: int | None, steps: str, shown: int | None) -> None:
    assert next_goal(total, goal, steps) == shown


@pytest.mark.parametrize(("total", "number"), [(0, 10), (9, 10), (10, 25), (99, 100), (100, 250), (612_000, 1_000_000)])
def test_round_numbers_continue_after_the_last_step(total: int, number: int) -> None:
    assert round_number_above(total) == number


def test_a_fixed_goal_is_one_of_the_steps() -> None:
    assert step_goals(0, 7000, STEPS) == (1000, 5000, 7000, 10_000)
    assert step_goals(0, 5000, STEPS) == (1000, 5000, 10_000)
    assert step_goals(0, 7000, "") == ()


def test_invalid_stored_steps_are_ignored() -> None:
    assert parse_steps("a 0 100 -; 250") == (100, 250)


def with_count(count: int, **values: Any) -> Pledge:
    pledge: Pledge = PledgeFactory(**values)
    pledge.tallies.create(day=dt.date(2026, 2, 3), kind="individual", country="US", count=count)
    return pledge


@pytest.mark.django_db
def test_progress_with_steps_takes_one_query(django_assert_num_queries: Any) -> None:
    pledge = with_count(1200, goal=10_000, goal_steps="1000 5000")
    with django_assert_num_queries(1):
        progress = progress_of(pledge)
    assert (progress.total, progress.step, progress.goal) == (1200, 5000, 10_000)
    assert [(step.number, step.is_reached, step.is_next) for step in progress.steps] == [
        (1000, True, False),
        (5000, False, True),
        (10_000, False, False),
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("count", "minimum", "shown"), [(49, 50, False), (50, 50, True), (1, None, True), (1, 0, True)]
)
def test_a_count_below_the_minimum_is_hidden(count: int, minimum: int | None, shown: bool) -> None:
    assert progress_of(with_count(count, shown_from=minimum)).show is shown
