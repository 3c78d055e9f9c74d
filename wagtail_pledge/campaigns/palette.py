"""The colours that follow from a site's two: for light and dark screens, each readable where the stylesheet uses it.

The surfaces are those of ``stylesheets/pledge.css``; a test compares them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from wagtail_pledge.core.contrast import mix, readable

Palette = Mapping[str, str]

BLACK: Final = "#000000"
WHITE: Final = "#ffffff"
ACCENT: Final = "#ffc24b"
LIGHT: Final[Palette] = {"bg": "#f7f4f2", "surface": "#ffffff", "raised": "#ffffff", "line": "#ded6dd"}
DARK: Final[Palette] = {"bg": "#17121a", "surface": "#241b28", "raised": "#2e2433", "line": "#443849"}
#: Text on the button on a dark screen, where the button is bright.
INK: Final = DARK["bg"]


def _on_brand(brand: str) -> dict[str, str]:
    return {
        "brand": brand,
        "on-brand": WHITE,
        "on-brand-muted": readable(mix(WHITE, brand, 0.15), WHITE, [brand]),
        "accent": readable(ACCENT, WHITE, [brand]),
    }


def light_brand(brand: str) -> Palette:
    """Return what follows from the brand colour on a light screen."""
    soft = mix(brand, WHITE, 0.9)
    text = readable(brand, BLACK, [*LIGHT.values(), soft])
    return {**_on_brand(brand), "brand-soft": soft, "brand-text": text}


def dark_brand(brand: str, chosen: str = "") -> Palette:
    """Return the same for a dark screen; ``chosen``: the ground that an editor picked for it."""
    ground = chosen or mix(brand, BLACK, 0.15)
    soft = mix(ground, DARK["surface"], 0.7)
    text = readable(mix(brand, WHITE, 0.5), WHITE, [*DARK.values(), soft])
    return {**_on_brand(ground), "brand-soft": soft, "brand-text": text}


def light_action(action: str) -> Palette:
    """Return what follows from the colour of the sign button on a light screen."""
    return {"action": action, "on-action": WHITE, "action-hover": mix(action, BLACK, 0.2)}


def dark_action(action: str, chosen: str = "") -> Palette:
    """Return the same for a dark screen: picked anew, bright with dark words, not turned round."""
    button = chosen or readable(mix(action, WHITE, 0.4), WHITE, [DARK["surface"], INK])
    return {"action": button, "on-action": INK, "action-hover": mix(button, WHITE, 0.25)}


def _rule(palette: Palette) -> str:
    return ":root{" + "".join(f"--pledge-c-{name}:{colour};" for name, colour in palette.items()) + "}"


def sheet(*, brand: str = "", action: str = "", brand_dark: str = "", action_dark: str = "") -> str:
    """Return the stylesheet, ``""`` if there is nothing to say. In a layer, so that a site's own rules still win."""
    light = {**(light_brand(brand) if brand else {}), **(light_action(action) if action else {})}
    dark = {
        **(dark_brand(brand, brand_dark) if brand else {}),
        **(dark_action(action, action_dark) if action else {}),
    }
    if not light:
        return ""
    return f"@layer pledge-tokens{{{_rule(light)}@media (prefers-color-scheme:dark){{{_rule(dark)}}}}}"
