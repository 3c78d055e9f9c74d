"""WCAG contrast ratios and readable shades."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wagtail_pledge.campaigns.colours import MIN_CONTRAST_RATIO, contrast_ratio, is_readable, mix, readable_shade

pytestmark = pytest.mark.requirement("X4")

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#ffffff", 1.0),
        # The two greys on either side of the 4.5 threshold
        ("#767676", "#ffffff", 4.54),
        ("#777777", "#ffffff", 4.48),
        ("#ff0000", "#ffffff", 4.0),
    ],
)
def test_known_ratios(one: str, other: str, expected: float) -> None:
    assert contrast_ratio(one, other) == pytest.approx(expected, abs=0.005)
    assert contrast_ratio(other, one) == contrast_ratio(one, other)


def test_mix() -> None:
    assert mix("#000000", "#ffffff", 0) == "#000000"
    assert mix("#000000", "#ffffff", 0.5) == "#808080"
    assert mix("#102030", "#ffffff", 1) == "#ffffff"


@given(colour=COLOURS)
def test_readable_shade_changes_a_colour_only_if_needed(colour: str) -> None:
    found = readable_shade(colour, "#000000", ["#ffffff"])
    assert is_readable(found, ["#ffffff"])
    assert (found == colour) == (contrast_ratio(colour, "#ffffff") >= MIN_CONTRAST_RATIO)
