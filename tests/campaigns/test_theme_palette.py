"""What is derived from a site's colours can be read wherever the stylesheet uses it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.architecture.tree import PACKAGE
from wagtail_pledge.campaigns import theme
from wagtail_pledge.core.colours import READABLE, ratio, reads

pytestmark = pytest.mark.requirement("X4")

CSS = (PACKAGE / "stylesheets" / "pledge.css").read_text(encoding="utf-8")
COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def tokens() -> Iterator[dict[str, str]]:
    """The colours of the stylesheet: light, then dark, each as six digits."""
    light, dark = re.findall(r":root \{(.*?)\}", CSS, flags=re.DOTALL)[:2]
    for block in (light, dark):
        found = re.findall(r"--pledge-c-([a-z-]+): #([0-9a-f]+);", block)
        yield {
            name: "#" + (value if len(value) == 6 else "".join(2 * digit for digit in value)) for name, value in found
        }


def test_the_surfaces_are_the_stylesheets() -> None:
    light, dark = tokens()
    for known, here in ((light, theme.LIGHT), (dark, theme.DARK)):
        assert {name: known[name] for name in here} == here
    assert light["accent"] == theme.ACCENT


def test_every_derived_name_is_a_token_of_the_stylesheet() -> None:
    light, _dark = tokens()
    made = set(re.findall(r"--pledge-c-([a-z-]+):", theme.sheet(brand="#123456", action="#654321")))
    assert made <= set(light)
    assert {"brand", "on-brand", "brand-text", "action", "on-action"} <= made


def words_on_grounds(colours: theme.Palette, surfaces: theme.Palette) -> Iterator[tuple[str, list[str]]]:
    """Each text colour that follows from the brand, with the grounds that it stands on."""
    for name in ("on-brand", "on-brand-muted", "accent"):
        yield colours[name], [colours["brand"]]
    yield colours["brand-text"], [*surfaces.values(), colours["brand-soft"]]


@given(brand=COLOURS, action=COLOURS)
def test_whatever_passes_gives_palettes_that_can_be_read(brand: str, action: str) -> None:
    assume(reads(brand, [theme.WHITE, theme.LIGHT["bg"]]))
    for colours, surfaces in (
        (theme.light_brand(brand), theme.LIGHT),
        (theme.dark_brand(brand), theme.DARK),
    ):
        for text, grounds in words_on_grounds(colours, surfaces):
            assert reads(text, grounds), (text, grounds)
    bright = theme.dark_action(action)
    assert reads(bright["action"], [theme.DARK["surface"]])
    assert reads(bright["on-action"], [bright["action"], bright["action-hover"]])


@given(action=COLOURS)
def test_the_button_reads_under_the_pointer_too(action: str) -> None:
    assume(ratio(theme.WHITE, action) >= READABLE)
    assert reads(theme.WHITE, [theme.light_action(action)["action-hover"]])


def test_one_colour_leaves_the_others_tokens_alone() -> None:
    assert "action" not in theme.sheet(brand="#123456")
    assert "brand" not in theme.sheet(action="#a1280a")
    assert theme.sheet() == ""
