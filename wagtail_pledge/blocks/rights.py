"""What a right means at home."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.images.blocks import ImageBlock

from wagtail_pledge.blocks.samples import Sampled
from wagtail_pledge.blocks.text import InlineTextBlock


class RightsExplainerBlock(Sampled, blocks.StructBlock):  # type: ignore[misc]
    """An article of a treaty beside a story from here."""

    article = blocks.CharBlock(
        max_length=40, label=_("Article"), help_text=_("As it should be read, like “Article 25”.")
    )
    title = blocks.CharBlock(max_length=120, label=_("The right in a few words"))
    text = blocks.TextBlock(max_length=800, label=_("What the article says"), help_text=_("Plain words are best."))
    story_heading = blocks.CharBlock(required=False, max_length=120, label=_("Heading of the story"))
    story = InlineTextBlock(required=False, label=_("What it means here"))
    image = ImageBlock(required=False, label=_("Image"))

    class Meta:
        icon = "openquote"
        group = _("Story")
        label = _("Right in daily life")
        description = _("An article of a treaty beside a story of what it would mean here.")
        template = "wagtail_pledge/blocks/rights_explainer.html"
        preview_template = "wagtail_pledge/blocks/preview/rights_explainer.html"
        preview_value: Final = {
            "article": _("Article 25"),
            "title": _("Equal pay for equal work"),
            "text": _("Nobody may be paid less for the same work because of where they come from."),
            "story_heading": _("The second payslip"),
            "story": _("<p>Two people lay the same roof. Say what the article would change for one of them.</p>"),
            "image": None,
        }
