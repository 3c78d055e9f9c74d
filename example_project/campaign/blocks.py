"""Blocks of this site's own. The package's migrations, and ours, never see them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from wagtail_pledge.blocks.body import PledgeBodyBlock


class RightsInDailyLifeBlock(blocks.StructBlock):
    """An article of the Convention beside what it would mean here."""

    article = blocks.CharBlock(label=_("Article"), max_length=40, help_text=_("As it should be read: “Article 25”."))
    right = blocks.CharBlock(label=_("The right in a few words"), max_length=120)
    promise = blocks.TextBlock(label=_("What the Convention says"), help_text=_("In plain words, not as a quotation."))
    heading = blocks.CharBlock(label=_("Heading of the story"), max_length=120)
    story = blocks.RichTextBlock(label=_("Here at home"), features=["bold", "italic", "link"])

    class Meta:
        icon = "openquote"
        group = _("Story")
        label = _("Article and story, this site’s own")
        description = _("An article of the Convention beside a story from here.")
        template = "campaign/blocks/right_in_daily_life.html"
        preview_template = "campaign/blocks/right_in_daily_life_preview.html"
        preview_value = {
            "article": "Article 25",
            "right": "Equal pay",
            "promise": "Nobody may be paid less for the same work because of where they come from.",
            "heading": "The second payslip",
            "story": "<p>Two people lay the same roof. Only one of them is paid for the hour of loading the truck.</p>",
        }


class CampaignBodyBlock(PledgeBodyBlock):
    """The package's blocks and ours: named in ``WAGTAIL_PLEDGE_BODY_BLOCKS``."""

    right_in_daily_life = RightsInDailyLifeBlock()
