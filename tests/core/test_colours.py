"""Contrast as WCAG measures it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wagtail_pledge.core.colours import READABLE, mix, ratio, readable, reads

pytestmark = pytest.mark.requirement("X4")

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#ffffff", 1.0),
        # The two greys on either side of the line that everybody quotes
        ("#767676", "#ffffff", 4.54),
        ("#777777", "#ffffff", 4.48),
        ("#ff0000", "#ffffff", 4.0),
    ],
)
def test_known_ratios(one: str, other: str, expected: float) -> None:
    assert ratio(one, other) == pytest.approx(expected, abs=0.005)
    assert ratio(other, one) == ratio(one, other)


def test_a_mix_lies_between() -> None:
    assert mix("#000000", "#ffffff", 0) == "#000000"
    assert mix("#000000", "#ffffff", 0.5) == "#808080"
    assert mix("#102030", "#ffffff", 1) == "#ffffff"


@given(colour=COLOURS)
def test_what_reads_already_is_kept_and_else_it_moves_until_it_reads(colour: str) -> None:
    found = readable(colour, "#000000", ["#ffffff"])
    assert reads(found, ["#ffffff"])
    assert (found == colour) == (ratio(colour, "#ffffff") >= READABLE)
