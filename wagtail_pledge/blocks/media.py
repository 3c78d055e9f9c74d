"""Pictures."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.images.blocks import ImageBlock

from wagtail_pledge.blocks.samples import Sampled


class PictureBlock(Sampled, blocks.StructBlock):  # type: ignore[misc]
    """A picture with its alternative text, caption and credit."""

    image = ImageBlock(label=_("Image"))
    caption = blocks.CharBlock(required=False, max_length=250, label=_("Caption"))
    credit = blocks.CharBlock(required=False, max_length=120, label=_("Credit"))

    class Meta:
        icon = "image"
        group = _("Story")
        label = _("Image")
        description = _("A picture with a caption. Say in the alternative text what it shows.")
        template = "wagtail_pledge/blocks/image.html"
        preview_template = "wagtail_pledge/blocks/preview/image.html"
        preview_value: Final = {
            "image": None,
            "caption": _("Who, where, when: one sentence."),
            "credit": _("Photographer"),
        }
