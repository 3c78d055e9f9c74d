"""Theme colours of a site: a Wagtail setting, and the stylesheet made from it.

A site without ``wagtail.contrib.settings`` has an empty table and the package's default colours.
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

from wagtail_pledge.caching.local import TTLCache, monotonic_now
from wagtail_pledge.campaigns.colours import MIN_CONTRAST_RATIO, contrast_ratio, mix, readable_shade
from wagtail_pledge.conf import get_setting

Palette = Mapping[str, str]

BLACK: Final = "#000000"
WHITE: Final = "#ffffff"
ACCENT: Final = "#ffc24b"
LIGHT: Final[Palette] = {"bg": "#f7f4f2", "surface": "#ffffff", "raised": "#ffffff", "line": "#ded6dd"}
DARK: Final[Palette] = {"bg": "#17121a", "surface": "#241b28", "raised": "#2e2433", "line": "#443849"}
#: Text colour of the button in the dark colour scheme, where the button is bright.
INK: Final = DARK["bg"]


def _on_brand(brand: str) -> dict[str, str]:
    return {
        "brand": brand,
        "on-brand": WHITE,
        "on-brand-muted": readable_shade(mix(WHITE, brand, 0.15), WHITE, [brand]),
        "accent": readable_shade(ACCENT, WHITE, [brand]),
    }


def light_brand(brand: str) -> Palette:
    """Return the custom properties derived from the brand colour, for the light colour scheme."""
    soft = mix(brand, WHITE, 0.9)
    text = readable_shade(brand, BLACK, [*LIGHT.values(), soft])
    return {**_on_brand(brand), "brand-soft": soft, "brand-text": text}


def dark_brand(brand: str, chosen: str = "") -> Palette:
    """Return the same for the dark colour scheme; ``chosen`` is the editor's dark brand colour."""
    background = chosen or mix(brand, BLACK, 0.15)
    soft = mix(background, DARK["surface"], 0.7)
    text = readable_shade(mix(brand, WHITE, 0.5), WHITE, [*DARK.values(), soft])
    return {**_on_brand(background), "brand-soft": soft, "brand-text": text}


def light_action(action: str) -> Palette:
    """Return the custom properties derived from the button colour, for the light colour scheme."""
    return {"action": action, "on-action": WHITE, "action-hover": mix(action, BLACK, 0.2)}


def dark_action(action: str, chosen: str = "") -> Palette:
    """Return the same for the dark colour scheme, where the button is bright with dark text."""
    button = chosen or readable_shade(mix(action, WHITE, 0.4), WHITE, [DARK["surface"], INK])
    return {"action": button, "on-action": INK, "action-hover": mix(button, WHITE, 0.25)}


def _rule(palette: Palette) -> str:
    return ":root{" + "".join(f"--pledge-c-{name}:{colour};" for name, colour in palette.items()) + "}"


def build_stylesheet(*, brand: str = "", action: str = "", brand_dark: str = "", action_dark: str = "") -> str:
    """Return the stylesheet, ``""`` without colours. It uses a cascade layer, so that a site's own rules win."""
    light = {**(light_brand(brand) if brand else {}), **(light_action(action) if action else {})}
    dark = {
        **(dark_brand(brand, brand_dark) if brand else {}),
        **(dark_action(action, action_dark) if action else {}),
    }
    if not light:
        return ""
    return f"@layer pledge-tokens{{{_rule(light)}@media (prefers-color-scheme:dark){{{_rule(dark)}}}}}"


#: Cache of stylesheet URLs by host, ``""`` for none: most pages need no query for it.
stylesheet_urls: Final[TTLCache[str]] = TTLCache()

COLOUR: Final = re.compile(r"\A#[0-9a-fA-F]{6}\Z")


def _colour_field(label: Any, help_text: Any) -> Any:
    message = gettext_lazy("Enter the color as # and six digits, like #3b1245.")
    validator = RegexValidator(COLOUR.pattern, message)
    return models.CharField(label, max_length=7, blank=True, help_text=help_text, validators=[validator])


class SiteColours(BaseSiteSetting):  # type: ignore[misc]
    """Up to four colours as ``#rrggbb``.

    ``""`` means the package's default; for a dark colour, that it is derived from the light one.
    """

    brand = _colour_field(gettext_lazy("brand color"), gettext_lazy("Page header background, and links."))
    action = _colour_field(gettext_lazy("button color"), gettext_lazy("Only for the sign button."))
    brand_dark = _colour_field(
        gettext_lazy("brand color, dark screens"), gettext_lazy("If empty, it is based on the brand color.")
    )
    action_dark = _colour_field(
        gettext_lazy("button color, dark screens"),
        gettext_lazy("Choose a bright color: the text on it is dark. If empty, it is based on the button color."),
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
        verbose_name = gettext_lazy("campaign colors")
        verbose_name_plural = gettext_lazy("campaign colors")

    def __str__(self) -> str:
        return str(_("Campaign colors"))

    def clean(self) -> None:
        """Refuse colours with too little contrast. Raises ``ValidationError`` with messages by field."""
        super().clean()
        errors: dict[str, list[str]] = {}
        for field, problem in self._contrast_errors():
            errors.setdefault(field, []).append(problem)
        for dark, light in (("brand_dark", "brand"), ("action_dark", "action")):
            if getattr(self, dark) and not getattr(self, light):
                errors.setdefault(light, []).append(_("Choose a color for light screens too."))
        if errors:
            raise ValidationError(errors)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save and clear the cached stylesheet URLs of this process."""
        super().save(*args, **kwargs)
        stylesheet_urls.clear()

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        """Delete and clear the cached stylesheet URLs of this process."""
        deleted = super().delete(*args, **kwargs)
        stylesheet_urls.clear()
        return deleted

    def css(self) -> str:
        """Return the stylesheet, ``""`` without colours."""
        return build_stylesheet(
            brand=self.brand.lower(),
            action=self.action.lower(),
            brand_dark=self.brand_dark.lower(),
            action_dark=self.action_dark.lower(),
        )

    def url(self) -> str:
        """Return the stylesheet's URL, which contains a digest of its content; ``""`` without colours."""
        css = self.css()
        return reverse("wagtail_pledge:colours", args=[self.site_id, stylesheet_digest(css)]) if css else ""

    def _contrast_errors(self) -> Iterator[tuple[str, str]]:
        """Yield (field, message) for each pair of colours with a contrast below ``MIN_CONTRAST_RATIO``."""
        white = _(
            "White text on this color has a contrast of %(ratio)s to 1. It needs at least "
            "%(least)s. Choose a darker color."
        )
        page = _(
            "This color on the page has a contrast of %(ratio)s to 1. It needs at least "
            "%(least)s. Choose a darker color."
        )
        ink = _(
            "Dark text on this color has a contrast of %(ratio)s to 1. It needs at least "
            "%(least)s. Choose a brighter color."
        )
        card = _(
            "This color on a dark page has a contrast of %(ratio)s to 1. It needs at least "
            "%(least)s. Choose a brighter color."
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
            # Values that are not colours were refused by the field's validator
            if COLOUR.match(own) and (measured := contrast_ratio(own, other)) < MIN_CONTRAST_RATIO:
                # Rounded down: "has 4.5, needs 4.5" would be confusing
                shown = number_format(int(measured * 100) / 100, decimal_pos=2)
                yield field, message % {"ratio": shown, "least": number_format(MIN_CONTRAST_RATIO, decimal_pos=1)}


def stylesheet_digest(css: str) -> str:
    """Return the digest in a stylesheet's URL: 12 hex characters of SHA-256."""
    return hashlib.sha256(css.encode()).hexdigest()[:12]


def colours_url(request: HttpRequest) -> str:
    """Return the URL of the stylesheet with the site's colours, ``""`` if it has none."""
    if not apps.is_installed("wagtail.contrib.settings"):
        return ""
    host = request.get_host()
    url = stylesheet_urls.get(host)
    if url is None and getattr(request, "without_database", False):
        return ""
    if url is None:
        try:
            colours = SiteColours.objects.filter(site=Site.find_for_request(request)).first()
        except (DatabaseError, InterfaceError):
            colours = None  # the error page is shown in the default colours
        url = colours.url() if colours else ""
        stylesheet_urls.set(host, url, until=monotonic_now() + get_setting("PAGE_MAX_AGE"))
    return url
