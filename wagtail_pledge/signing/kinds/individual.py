"""Signer kind "individual": a person who signs for themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from wagtail_pledge.signing.countries import country_name
from wagtail_pledge.signing.enums import Display
from wagtail_pledge.signing.kinds.base import FieldSwitch, FieldType, SignerField, SignerKind, Text
from wagtail_pledge.signing.names import initials


def missing_postal_code(country: str) -> Text:
    """Return the error message for a missing postal code in ``country`` (ISO alpha-2)."""
    return _("Enter your ZIP code, like 94612") if country == "US" else _("Enter your postal code")


class Individual(SignerKind):
    """A person who signs for themselves; not shown on the website unless they choose so."""

    slug = "individual"
    label = _("individual")
    invitation = _("As an individual")
    plural = _("people")
    consent = {
        "sign": _("I add my name to this statement."),
        "updates": _("Email me updates about this campaign. I can unsubscribe at any time."),
    }
    fields = (
        SignerField(
            name="name",
            type=FieldType.NAME,
            label=_("Full name"),
            required=_("Enter your full name"),
            max_length=120,
            autocomplete="name",
        ),
        SignerField(
            name="email",
            type=FieldType.EMAIL,
            label=_("Email"),
            hint=_("We email you to confirm. Never shown."),
            required=_("Enter your email address, like name@example.org"),
            max_length=254,
            autocomplete="email",
        ),
        SignerField(
            name="country",
            type=FieldType.COUNTRY,
            label=_("Country"),
            required=_("Choose your country"),
            autocomplete="country",
        ),
        SignerField(
            name="display",
            type=FieldType.SELECT,
            label=_("Public name"),
            embedded_label=_("Public name on the campaign’s website"),
            choices=(
                (Display.HIDDEN, _("Not shown")),
                (Display.INITIALS, _("My initials and country")),
                (Display.NAME, _("My name")),
                (Display.NAME_PLACE, _("My name and place")),
            ),
            initial=Display.HIDDEN,
            preview=_("Shown as “{name}”"),
            switch=FieldSwitch(
                label=_("How the name appears"),
                cost=_("Lets people choose how their name appears. If you do not ask, no names are shown."),
            ),
        ),
        SignerField(
            name="postal_code",
            type=FieldType.POSTAL_CODE,
            label=_("ZIP or postal code (optional)"),
            max_length=16,
            autocomplete="postal-code",
            shown_with=("display", Display.NAME_PLACE),
            switch=FieldSwitch(
                label=_("ZIP or postal code"),
                cost=_(
                    "Shows which district people live in, so that you can talk to their representative. "
                    "Some people prefer not to say."
                ),
                needed_label=_("ZIP or postal code"),
                required_message=missing_postal_code,
            ),
        ),
        SignerField(
            name="city",
            type=FieldType.TEXT,
            label=_("City or town (optional)"),
            max_length=80,
            autocomplete="address-level2",
            shown_with=("display", Display.NAME_PLACE),
            switch=FieldSwitch(
                label=_("City or town"), cost=_("Can be shown with the name. One more field to fill in.")
            ),
        ),
        SignerField(
            name="comment",
            type=FieldType.LONG_TEXT,
            label=_("Why are you signing? (optional)"),
            hint=_("Only the campaign’s team reads this."),
            max_length=280,
            switch=FieldSwitch(
                label=_("Reason"),
                cost=_(
                    "Tells your team why people sign. The form says that nobody else reads it, so ask a signer "
                    "before you quote them. Folded until the signer opens it."
                ),
            ),
            too_long=_("Your reason must be %(limit_value)d characters or fewer. You have entered %(show_value)d"),
        ),
        SignerField(
            name="updates",
            type=FieldType.AGREEMENT,
            label=_("Email me updates about this campaign. I can unsubscribe at any time."),
            consent="updates",
            switch=FieldSwitch(
                label=_("Email updates"),
                cost=_("One checkbox, unchecked. If you do not ask, you may not email signers about the campaign."),
            ),
        ),
    )

    def counted(self, number: int) -> str:
        """Return "person" or "people"."""
        return ngettext("person", "people", number)

    def public_name(self, *, name: str, country: str, display: str, details: Mapping[str, Any]) -> str:
        """Return the name as the signer chose: ``""``, ``A. M., United States``, the name, or name and place."""
        place = details.get("city") or country_name(country)
        texts = {
            Display.INITIALS: ", ".join(filter(None, [initials(name), country_name(country)])),
            Display.NAME: name,
            Display.NAME_PLACE: ", ".join(filter(None, [name, place])),
        }
        return texts.get(Display(display), "")
