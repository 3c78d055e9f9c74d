"""A signer kind that this site adds: elected officials."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from wagtail_pledge.signing.kinds import FieldSwitch, FieldType, SignerField, SignerKind


class ElectedOfficial(SignerKind):
    """A person who holds a public office. The signature is shown with the office after staff have approved it."""

    slug = "elected-official"
    label = _("elected official")
    invitation = _("As an elected official")
    plural = _("elected officials")
    approval_required = True
    consent = {
        "sign": _("I add my name and office to this Call for Support."),
        "updates": _("You can contact my office about this campaign."),
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
            name="office",
            type=FieldType.TEXT,
            label=_("Office"),
            hint=_("For example, city council member"),
            required=_("Enter the office you hold"),
            max_length=120,
            autocomplete="organization-title",
        ),
        SignerField(
            name="jurisdiction",
            type=FieldType.TEXT,
            label=_("City, county or state"),
            required=_("Enter the city, county or state"),
            max_length=120,
        ),
        SignerField(
            name="country",
            type=FieldType.COUNTRY,
            label=_("Country"),
            required=_("Choose your country"),
            autocomplete="country",
        ),
        SignerField(
            name="email",
            type=FieldType.EMAIL,
            label=_("Official email"),
            hint=_("We will email you at this address to check who you are. We never show it."),
            required=_("Enter your email address, like name@example.org"),
            max_length=254,
            autocomplete="email",
        ),
        SignerField(
            name="updates",
            type=FieldType.AGREEMENT,
            label=_("You can contact my office about this campaign."),
            consent="updates",
            switch=FieldSwitch(label=_("Email updates"), cost=_("Officials rarely want these emails.")),
        ),
    )

    def public_name(self, *, name: str, country: str, display: str, details: Mapping[str, Any]) -> str:
        """Return name, office and jurisdiction. Officials are always named: their office is public."""
        return ", ".join(filter(None, [name, str(details.get("office", "")), str(details.get("jurisdiction", ""))]))

    def is_always_public(self) -> bool:
        """Return true: a public office is public information."""
        return True
