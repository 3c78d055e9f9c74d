"""Models of partners of a pledge: websites that may embed its form, and partner links."""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey

from wagtail_pledge.core.text import ascii_domain
from wagtail_pledge.signing.models.pledge import Pledge

#: The only origins that may get into a response header: https, or http on localhost.
_ORIGIN: Final = re.compile(
    r"(?:https://[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|http://(?:localhost|127\.0\.0\.1))(?::\d{1,5})?", re.ASCII
)


def origin_of_site(address: str) -> str:
    """Return the origin of a web address as browsers write it, or ``""`` if it has none that :data:`_ORIGIN` allows."""
    try:
        parts = urlsplit(address.strip())
        host = ascii_domain(parts.hostname or "")
        port = parts.port
    except ValueError:
        return ""
    usual = port is None or (parts.scheme, port) in {("https", 443), ("http", 80)}
    origin = f"{parts.scheme}://{host}" + ("" if usual else f":{port}")
    return origin if _ORIGIN.fullmatch(origin) and not parts.username else ""


MAX_ORIGIN: Final = 200


class EmbedOrigin(models.Model):
    """A website that may embed the form of a pledge in a frame."""

    pledge = ParentalKey(Pledge, on_delete=models.CASCADE, related_name="embed_origins", verbose_name=_("campaign"))
    origin = models.CharField(
        _("website"),
        max_length=MAX_ORIGIN,
        help_text=_("For example, https://partner.example. Each subdomain counts as a separate website."),
    )

    class Meta:
        verbose_name = _("website that may embed the form")
        verbose_name_plural = _("websites that may embed the form")
        ordering = ["origin"]

    def __str__(self) -> str:
        return self.origin

    def clean_fields(self, exclude: Any = None) -> None:
        """Reduce a pasted address to its origin. Raises ``ValidationError`` if it has none that is allowed."""
        super().clean_fields(exclude)
        origin = origin_of_site(self.origin)
        # The ASCII form of a domain can be longer than what was typed
        if not origin or len(origin) > MAX_ORIGIN:
            raise ValidationError({"origin": gettext("Enter a web address, like https://partner.example")})
        self.origin = origin


#: Form of a slug in ``?source=``. It is stored with signatures, so nothing else is accepted.
SOURCE_CHARS: Final = 40
SOURCE: Final = re.compile(rf"[a-z0-9][a-z0-9-]{{0,{SOURCE_CHARS - 1}}}")


class PartnerLink(models.Model):
    """A partner, with the slug for ``?source=`` in its links to the pledge, by which its signatures are counted.

    With ``quota`` and ``ends_at`` it is an event link, for a signing table or a campus: its forms do not wait for the
    network's places until so many have come, or until it ends.
    """

    pledge = ParentalKey(Pledge, on_delete=models.CASCADE, related_name="partner_links", verbose_name=_("campaign"))
    slug = models.CharField(
        _("code in the link"),
        max_length=SOURCE_CHARS,
        validators=[
            RegexValidator(rf"^{SOURCE.pattern}\Z", _("Use only lowercase letters (a to z), digits and hyphens."))
        ],
        help_text=_(
            "For example, peace-union for links that end in ?source=peace-union. Signatures keep "
            "the code they came with."
        ),
    )
    name = models.CharField(_("name"), max_length=120, help_text=_("Only your team sees this."))
    quota = models.PositiveIntegerField(_("number of forms"), null=True, blank=True, editable=False)
    ends_at = models.DateTimeField(_("ends at"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("partner link")
        verbose_name_plural = _("partner links")
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["pledge", "slug"], name="pledge_partner_link_once")]

    def __str__(self) -> str:
        return self.name


class EventLinkUse(models.Model):
    """How many forms came through an event link; the worker counts them."""

    link = models.OneToOneField(PartnerLink, on_delete=models.CASCADE, related_name="use", verbose_name=_("event link"))
    used = models.PositiveIntegerField(_("forms"), default=0)

    class Meta:
        verbose_name = _("use of an event link")
        verbose_name_plural = _("uses of event links")

    def __str__(self) -> str:
        return f"{self.link}: {self.used}"
