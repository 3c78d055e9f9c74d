"""A kind of signer of this site's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from wagtail_pledge.signing.kinds import FieldSwitch, FieldType, SignerField, SignerKind


class ElectedOfficial(SignerKind):
    """Somebody who holds a public office: shown with it, once somebody of the campaign has checked who it is."""

    slug = "elected-official"
    label = _("elected official")
    invitation = _("As an elected official")
    plural = _("elected officials")
    approval_required = True
    consent = {
        "sign": _("I add my name and office to this call."),
        "updates": _("The campaign may write to my office."),
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
            hint=_("Like: member of the city council"),
            required=_("Enter the office that you hold"),
            max_length=120,
            autocomplete="organization-title",
        ),
        SignerField(
            name="jurisdiction",
            type=FieldType.TEXT,
            label=_("City, county or state"),
            required=_("Enter where you hold it"),
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
            hint=_("We write to this address to check who you are. Never shown."),
            required=_("Enter your email address, like name@example.org"),
            max_length=254,
            autocomplete="email",
        ),
        SignerField(
            name="updates",
            type=FieldType.AGREEMENT,
            label=_("The campaign may write to my office."),
            consent="updates",
            switch=FieldSwitch(label=_("Email updates"), cost=_("Offices rarely want them.")),
        ),
    )

    def public_name(self, *, name: str, country: str, display: str, details: Mapping[str, Any]) -> str:
        """Return name, office and place: an office is held in public."""
        return ", ".join(filter(None, [name, str(details.get("office", "")), str(details.get("jurisdiction", ""))]))

    def is_always_public(self) -> bool:
        """An office is held in public."""
        return True
