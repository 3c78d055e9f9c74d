"""Signer kind "organization": an organization, signed for by a person who is authorized to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from wagtail_pledge.signing.enums import Display
from wagtail_pledge.signing.kinds.base import FieldSwitch, FieldType, SignerData, SignerField, SignerKind
from wagtail_pledge.signing.names import fold_name


class OrganizationKind(SignerKind):
    """An organization; always shown once approved. The person who signs for it is never shown."""

    slug = "organization"
    label = _("organization")
    invitation = _("On behalf of an organization")
    plural = _("organizations")
    error_heading = _("Your organization has not been added yet")
    approval_required = True
    columns = frozenset({"name", "email", "country", "display", "updates"})
    consent = {
        "sign": _("Our organization signs this statement."),
        "authority": _("I am authorized to sign this statement for the organization named below."),
        "updates": _("You can contact us about this campaign."),
    }
    fields = (
        SignerField(
            name="authorized",
            type=FieldType.AGREEMENT,
            label=_("I am authorized to sign this statement for the organization named below."),
            required=_("Confirm that you are authorized to sign for the organization"),
            consent="authority",
        ),
        SignerField(
            name="organization",
            type=FieldType.NAME,
            label=_("Organization name"),
            required=_("Enter the organization’s name"),
            max_length=120,
            autocomplete="organization",
        ),
        SignerField(
            name="website",
            type=FieldType.URL,
            label=_("Website (optional)"),
            max_length=200,
            autocomplete="url",
            switch=FieldSwitch(label=_("Website"), cost=_("Helps you check who signs. One more field to fill in.")),
        ),
        SignerField(
            name="country",
            type=FieldType.COUNTRY,
            label=_("Country"),
            required=_("Choose the organization’s country"),
            autocomplete="country",
        ),
        SignerField(
            name="city",
            type=FieldType.TEXT,
            label=_("City or town (optional)"),
            max_length=80,
            autocomplete="address-level2",
            switch=FieldSwitch(
                label=_("City or town"), cost=_("Can be shown with the name. One more field to fill in.")
            ),
        ),
        SignerField(
            name="name",
            type=FieldType.NAME,
            label=_("Your full name"),
            hint=_("We keep this as a record of who signed. We never show it."),
            required=_("Enter your full name"),
            max_length=120,
            autocomplete="name",
        ),
        SignerField(
            name="role",
            type=FieldType.TEXT,
            label=_("Your role"),
            required=_("Enter your role, like executive director"),
            max_length=120,
            autocomplete="organization-title",
        ),
        SignerField(
            name="email",
            type=FieldType.EMAIL,
            label=_("Work email"),
            hint=_("If you can, use an address at your organization’s domain. We never show it."),
            required=_("Enter your email address, like name@example.org"),
            max_length=254,
            autocomplete="email",
        ),
        SignerField(
            name="display",
            type=FieldType.CHOICE,
            label=_("How your organization appears"),
            choices=((Display.NAME_PLACE, _("Name and city")), (Display.NAME, _("Name only"))),
            initial=Display.NAME_PLACE,
            switch=FieldSwitch(
                label=_("How the name appears"),
                cost=_(
                    "One choice. If you do not ask, or do not ask for the city, the name and city are "
                    "shown if we know them."
                ),
                depends_on_field="city",
            ),
        ),
        SignerField(
            name="updates",
            type=FieldType.AGREEMENT,
            label=_("You can contact us about this campaign."),
            consent="updates",
            switch=FieldSwitch(
                label=_("Email updates"),
                cost=_("One checkbox, unchecked. If you do not ask, you may not email signers about the campaign."),
            ),
        ),
    )

    def counted(self, number: int) -> str:
        """Return "organization" or "organizations"."""
        return ngettext("organization", "organizations", number)

    def seat_text(self, data: SignerData, *, shared_mailboxes: bool) -> str:
        """Return the organization's folded name: one mailbox may sign once for each of several organizations."""
        return fold_name(str(data.details.get("organization", "")))

    def public_name(self, *, name: str, country: str, display: str, details: Mapping[str, Any]) -> str:
        """Return the organization's name, with its city if the signer chose so."""
        place = details.get("city", "") if display == Display.NAME_PLACE else ""
        return ", ".join(filter(None, [str(details.get("organization", "")), place]))

    def heading(self, *, name: str, details: Mapping[str, Any]) -> str:
        """Return the organization's name."""
        return str(details.get("organization", name))

    def is_always_public(self) -> bool:
        """Return true."""
        return True
