"""What is derived from a site's colours can be read wherever the stylesheet uses it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.architecture.tree import PACKAGE
from wagtail_pledge.campaigns import palette
from wagtail_pledge.core.contrast import READABLE, ratio, reads

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
    for known, here in ((light, palette.LIGHT), (dark, palette.DARK)):
        assert {name: known[name] for name in here} == here
    assert light["accent"] == palette.ACCENT


def test_every_derived_name_is_a_token_of_the_stylesheet() -> None:
    light, _dark = tokens()
    made = set(re.findall(r"--pledge-c-([a-z-]+):", palette.sheet(brand="#123456", action="#654321")))
    assert made <= set(light)
    assert {"brand", "on-brand", "brand-text", "action", "on-action"} <= made


def words_on_grounds(colours: palette.Palette, surfaces: palette.Palette) -> Iterator[tuple[str, list[str]]]:
    """Each text colour that follows from the brand, with the grounds that it stands on."""
    for name in ("on-brand", "on-brand-muted", "accent"):
        yield colours[name], [colours["brand"]]
    yield colours["brand-text"], [*surfaces.values(), colours["brand-soft"]]


@given(brand=COLOURS, action=COLOURS)
def test_whatever_passes_gives_palettes_that_can_be_read(brand: str, action: str) -> None:
    assume(reads(brand, [palette.WHITE, palette.LIGHT["bg"]]))
    for colours, surfaces in (
        (palette.light_brand(brand), palette.LIGHT),
        (palette.dark_brand(brand), palette.DARK),
    ):
        for text, grounds in words_on_grounds(colours, surfaces):
            assert reads(text, grounds), (text, grounds)
    bright = palette.dark_action(action)
    assert reads(bright["action"], [palette.DARK["surface"]])
    assert reads(bright["on-action"], [bright["action"], bright["action-hover"]])


@given(action=COLOURS)
def test_the_button_reads_under_the_pointer_too(action: str) -> None:
    assume(ratio(palette.WHITE, action) >= READABLE)
    assert reads(palette.WHITE, [palette.light_action(action)["action-hover"]])


def test_one_colour_leaves_the_others_tokens_alone() -> None:
    assert "action" not in palette.sheet(brand="#123456")
    assert "brand" not in palette.sheet(action="#a1280a")
    assert palette.sheet() == ""
