"""The goal: fixed, or a ladder; and the number that is not shown while it is small."""

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
def test_the_next_step_lies_above_the_number(total: int, goal: int | None, steps: str, shown: int | None) -> None:
    assert next_goal(total, goal, steps) == shown


@pytest.mark.parametrize(("total", "number"), [(0, 10), (9, 10), (10, 25), (99, 100), (100, 250), (612_000, 1_000_000)])
def test_round_numbers_go_on_for_ever(total: int, number: int) -> None:
    assert round_number_above(total) == number


def test_the_goal_is_a_step_and_a_fixed_goal_no_ladder() -> None:
    assert step_goals(0, 7000, STEPS) == (1000, 5000, 7000, 10_000)
    assert step_goals(0, 5000, STEPS) == (1000, 5000, 10_000)
    assert step_goals(0, 7000, "") == ()


def test_what_is_no_number_in_the_database_breaks_no_page() -> None:
    assert parse_steps("a 0 100 -; 250") == (100, 250)


def with_count(count: int, **values: Any) -> Pledge:
    pledge: Pledge = PledgeFactory(**values)
    pledge.tallies.create(day=dt.date(2026, 2, 3), kind="individual", country="US", count=count)
    return pledge


@pytest.mark.django_db
def test_progress_knows_each_step_without_a_query_more(django_assert_num_queries: Any) -> None:
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
def test_a_number_below_the_smallest_is_not_shown(count: int, minimum: int | None, shown: bool) -> None:
    assert progress_of(with_count(count, shown_from=minimum)).show is shown
