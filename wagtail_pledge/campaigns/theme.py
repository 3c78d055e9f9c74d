"""A site's own brand and button colour, among Wagtail's settings.

A site without ``wagtail.contrib.settings`` has an empty table and the package's colours.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final

from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import DatabaseError, InterfaceError, models
from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseSiteSetting
from wagtail.models import Site

from wagtail_pledge.caching.local import Memory, steady_now
from wagtail_pledge.conf import get_setting
from wagtail_pledge.core.colours import READABLE, mix, ratio, readable

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


#: Addresses of stylesheets by host, "" where there is none: a page asks the database now and then, not each time.
known: Final[Memory[str]] = Memory()

COLOUR: Final = re.compile(r"\A#[0-9a-fA-F]{6}\Z")


def _colour(label: Any, help_text: Any) -> Any:
    wrong = gettext_lazy("Write the colour as # and six digits, like #3b1245.")
    valid = RegexValidator(COLOUR.pattern, wrong)
    return models.CharField(label, max_length=7, blank=True, help_text=help_text, validators=[valid])


class SiteColours(BaseSiteSetting):
    """Up to four colours as ``#rrggbb``; ``""`` leaves the package's own, or derives the dark one from the light."""

    brand = _colour(gettext_lazy("brand colour"), gettext_lazy("The ground of the head of each page, and links."))
    action = _colour(gettext_lazy("button colour"), gettext_lazy("Only for the button that people sign with."))
    brand_dark = _colour(gettext_lazy("brand colour, dark screens"), gettext_lazy("Empty: made from the brand colour."))
    action_dark = _colour(
        gettext_lazy("button colour, dark screens"),
        gettext_lazy("A bright one, its words are dark. Empty: made from the button colour."),
    )

    panels: ClassVar[list[Any]] = [
        MultiFieldPanel(
            [FieldRowPanel([FieldPanel("brand"), FieldPanel("action")])],
            heading=gettext_lazy("Light screens"),
        ),
        MultiFieldPanel(
            [FieldRowPanel([FieldPanel("brand_dark"), FieldPanel("action_dark")])],
            heading=gettext_lazy("Dark screens"),
        ),
    ]

    class Meta:
        verbose_name = gettext_lazy("campaign colours")
        verbose_name_plural = gettext_lazy("campaign colours")

    def __str__(self) -> str:
        return str(_("Campaign colours"))

    def clean(self) -> None:
        """Refuse a colour that some could not read, or read words on. Raises ``ValidationError`` by field."""
        super().clean()
        found: dict[str, list[str]] = {}
        for field, told in self._unreadable():
            found.setdefault(field, []).append(told)
        for dark, light in (("brand_dark", "brand"), ("action_dark", "action")):
            if getattr(self, dark) and not getattr(self, light):
                found.setdefault(light, []).append(_("Choose a colour for light screens too."))
        if found:
            raise ValidationError(found)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, and look again at the next page."""
        super().save(*args, **kwargs)
        known.clear()

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        """Delete, and look again at the next page."""
        done = super().delete(*args, **kwargs)
        known.clear()
        return done

    def css(self) -> str:
        """Return the stylesheet, ``""`` without a colour."""
        return sheet(
            brand=self.brand.lower(),
            action=self.action.lower(),
            brand_dark=self.brand_dark.lower(),
            action_dark=self.action_dark.lower(),
        )

    def url(self) -> str:
        """Return the stylesheet's address, which changes with what is in it; ``""`` without a colour."""
        css = self.css()
        return reverse("wagtail_pledge:colours", args=[self.site_id, digest_of(css)]) if css else ""

    def _unreadable(self) -> Iterator[tuple[str, str]]:
        """Yield (field, what is wrong) for each pair of colours below ``READABLE``."""
        white = _(
            "White words on this colour have a contrast of %(ratio)s to 1; %(least)s is needed. Take a darker one."
        )
        page = _("This colour on the page has a contrast of %(ratio)s to 1; %(least)s is needed. Take a darker one.")
        ink = _(
            "Dark words on this colour have a contrast of %(ratio)s to 1; %(least)s is needed. Take a brighter one."
        )
        card = _(
            "This colour on a dark page has a contrast of %(ratio)s to 1; %(least)s is needed. Take a brighter one."
        )
        pairs = (
            ("brand", WHITE, white),
            ("brand", LIGHT["bg"], page),
            ("action", WHITE, white),
            ("action", LIGHT["bg"], page),
            ("brand_dark", WHITE, white),
            ("action_dark", INK, ink),
            ("action_dark", DARK["surface"], card),
        )
        for field, other, message in pairs:
            own = getattr(self, field)
            # What is no colour was refused before
            if COLOUR.match(own) and (measured := ratio(own, other)) < READABLE:
                # Rounded down: "4.5, needs 4.5" would help nobody
                shown = number_format(int(measured * 100) / 100, decimal_pos=2)
                yield field, message % {"ratio": shown, "least": number_format(READABLE, decimal_pos=1)}


def digest_of(css: str) -> str:
    """Return what makes the address of a stylesheet its own."""
    return hashlib.sha256(css.encode()).hexdigest()[:12]


def colours_url(request: HttpRequest) -> str:
    """Return the address of the stylesheet with the site's colours, ``""`` where it has none."""
    if not apps.is_installed("wagtail.contrib.settings"):
        return ""
    host = request.get_host()
    url = known.recall(host)
    if url is None:
        try:
            found = SiteColours.objects.filter(site=Site.find_for_request(request)).first()
        except (DatabaseError, InterfaceError):
            found = None  # the page that says so is shown in the package's own colours
        url = found.url() if found else ""
        known.keep(host, url, until=steady_now() + get_setting("PAGE_MAX_AGE"))
    return url
