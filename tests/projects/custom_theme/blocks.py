"""The package's blocks and a custom one, as in ``docs/howto/custom-blocks.md``."""

from __future__ import annotations

from typing import ClassVar

from wagtail import blocks

from wagtail_pledge.blocks.body import PledgeBodyBlock


class PullQuoteBlock(blocks.StructBlock):
    """Pull quote with its speaker."""

    quote = blocks.TextBlock()
    speaker = blocks.CharBlock(required=False)

    class Meta:
        icon = "openquote"
        group = "Story"
        template = "custom_theme/blocks/pull_quote.html"
        preview_value: ClassVar[dict[str, str]] = {"quote": "We only ask for what is ours.", "speaker": "A roofer"}


class Body(PledgeBodyBlock):
    """Named in ``WAGTAIL_PLEDGE_BODY_BLOCKS``."""

    pull_quote = PullQuoteBlock()
