"""Palettes derived from a site's colours have enough contrast wherever the stylesheet uses them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.architecture.tree import PACKAGE
from wagtail_pledge.campaigns import theme
from wagtail_pledge.campaigns.colours import MIN_CONTRAST_RATIO, contrast_ratio, is_readable

pytestmark = pytest.mark.requirement("X4")

CSS = (PACKAGE / "stylesheets" / "pledge.css").read_text(encoding="utf-8")
COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def tokens() -> Iterator[dict[str, str]]:
    """Yield the colours of the stylesheet as six digits: light, then dark."""
    light, dark = re.findall(r":root \{(.*?)\}", CSS, flags=re.DOTALL)[:2]
    for block in (light, dark):
        found = re.findall(r"--pledge-c-([a-z-]+): #([0-9a-f]+);", block)
        yield {
            name: "#" + (value if len(value) == 6 else "".join(2 * digit for digit in value)) for name, value in found
        }


def test_the_surface_colours_equal_those_of_the_stylesheet() -> None:
    light, dark = tokens()
    for known, here in ((light, theme.LIGHT), (dark, theme.DARK)):
        assert {name: known[name] for name in here} == here
    assert light["accent"] == theme.ACCENT


def test_derived_properties_exist_in_the_stylesheet() -> None:
    light, _dark = tokens()
    made = set(re.findall(r"--pledge-c-([a-z-]+):", theme.build_stylesheet(brand="#123456", action="#654321")))
    assert made <= set(light)
    assert {"brand", "on-brand", "brand-text", "action", "on-action"} <= made


def text_and_backgrounds(colours: theme.Palette, surfaces: theme.Palette) -> Iterator[tuple[str, list[str]]]:
    """Yield each derived text colour with its background colours."""
    for name in ("on-brand", "on-brand-muted", "accent"):
        yield colours[name], [colours["brand"]]
    yield colours["brand-text"], [*surfaces.values(), colours["brand-soft"]]


@given(brand=COLOURS, action=COLOURS)
def test_palettes_of_valid_colours_are_readable(brand: str, action: str) -> None:
    assume(is_readable(brand, [theme.WHITE, theme.LIGHT["bg"]]))
    for colours, surfaces in (
        (theme.light_brand(brand), theme.LIGHT),
        (theme.dark_brand(brand), theme.DARK),
    ):
        for text, backgrounds in text_and_backgrounds(colours, surfaces):
            assert is_readable(text, backgrounds), (text, backgrounds)
    bright = theme.dark_action(action)
    assert is_readable(bright["action"], [theme.DARK["surface"]])
    assert is_readable(bright["on-action"], [bright["action"], bright["action-hover"]])


@given(action=COLOURS)
def test_the_button_is_readable_when_hovered(action: str) -> None:
    assume(contrast_ratio(theme.WHITE, action) >= MIN_CONTRAST_RATIO)
    assert is_readable(theme.WHITE, [theme.light_action(action)["action-hover"]])


def test_one_colour_sets_only_its_own_properties() -> None:
    assert "action" not in theme.build_stylesheet(brand="#123456")
    assert "brand" not in theme.build_stylesheet(action="#a1280a")
    assert theme.build_stylesheet() == ""
