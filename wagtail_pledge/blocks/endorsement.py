"""Who stands behind the call, in their own words."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.images.blocks import ImageBlock

from wagtail_pledge.blocks.samples import Sampled


class EndorsementBlock(Sampled, blocks.StructBlock):  # type: ignore[misc]
    """One person's words, with their name and, if there is one, their picture."""

    quote = blocks.TextBlock(max_length=600, label=_("Quotation"), help_text=_("Without quotation marks."))
    name = blocks.CharBlock(max_length=120, label=_("Name"))
    role = blocks.CharBlock(
        required=False, max_length=160, label=_("Role"), help_text=_("Like “Nurse, Fresno” or an office.")
    )
    photo = ImageBlock(required=False, label=_("Photo"))

    class Meta:
        icon = "openquote"
        group = _("Proof")
        label = _("Endorsement")
        description = _("What somebody says about the call, with name, role and photo. Ask them first.")
        template = "wagtail_pledge/blocks/endorsement.html"
        preview_template = "wagtail_pledge/blocks/preview/endorsement.html"
        preview_value: Final = {
            "quote": _("One or two sentences that only this person could say."),
            "name": _("First and last name"),
            "role": _("Profession, town"),
            "photo": None,
        }
