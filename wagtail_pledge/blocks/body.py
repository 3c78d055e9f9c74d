"""The stream block of page bodies. A site adds blocks in a subclass, named in ``WAGTAIL_PLEDGE_BODY_BLOCKS``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from wagtail_pledge.blocks.action import CallToActionBlock
from wagtail_pledge.blocks.base import RequestCacheMixin
from wagtail_pledge.blocks.decisions import DecisionMakersBlock, DecisionPathBlock
from wagtail_pledge.blocks.documents import DocumentBlock
from wagtail_pledge.blocks.empty_blocks import filled_indexes, select_blocks
from wagtail_pledge.blocks.facts import FactsTimelineBlock
from wagtail_pledge.blocks.faq import FAQBlock
from wagtail_pledge.blocks.media import PictureBlock, VideoBlock
from wagtail_pledge.blocks.names import OrganizationsBlock, RecentSignersBlock
from wagtail_pledge.blocks.progress import ProgressBlock
from wagtail_pledge.blocks.share import ShareBlock
from wagtail_pledge.blocks.sign import SignButtonsBlock, SignFormBlock
from wagtail_pledge.blocks.states import StateTextBlock
from wagtail_pledge.blocks.story import EndorsementBlock, RightsExplainerBlock, StoryBlock
from wagtail_pledge.blocks.treaty import TreatyFactBlock, TreatyNumbersBlock, TreatyTableBlock
from wagtail_pledge.blocks.treaty_charts import TreatyMapBlock, TreatyTimelineBlock
from wagtail_pledge.blocks.treaty_states import TreatyMissingBlock, TreatyRelatedBlock, TreatySpotlightBlock
from wagtail_pledge.blocks.updates import UpdatesBlock
from wagtail_pledge.conf import get_setting


class PledgeBodyBlock(RequestCacheMixin, blocks.StreamBlock):  # type: ignore[misc]
    """All blocks of the package, in the order of the picker.

    The block names are stored with the content, so they never change. Without treaties, the blocks with
    ``needs_treaties`` are left out, a site's own too.
    """

    sign_form = SignFormBlock()
    sign_buttons = SignButtonsBlock()
    state_words = StateTextBlock()
    rich_text = StoryBlock()
    image = PictureBlock()
    video = VideoBlock()
    rights_explainer = RightsExplainerBlock()
    faq = FAQBlock()
    document = DocumentBlock()
    endorsement = EndorsementBlock()
    organizations = OrganizationsBlock()
    facts_timeline = FactsTimelineBlock()
    progress = ProgressBlock()
    updates = UpdatesBlock()
    recent_signers = RecentSignersBlock()
    decision_makers = DecisionMakersBlock()
    decision_path = DecisionPathBlock()
    share = ShareBlock()
    call_to_action = CallToActionBlock()
    treaty_fact = TreatyFactBlock()
    treaty_numbers = TreatyNumbersBlock()
    treaty_spotlight = TreatySpotlightBlock()
    treaty_map = TreatyMapBlock()
    treaty_timeline = TreatyTimelineBlock()
    treaty_missing = TreatyMissingBlock()
    treaty_related = TreatyRelatedBlock()
    treaty_table = TreatyTableBlock()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not get_setting("TREATIES"):
            for name in [name for name, block in self.child_blocks.items() if getattr(block, "needs_treaties", False)]:
                del self.child_blocks[name]

    def clean(self, value: Any) -> Any:
        """Drop untouched blocks that would not be valid when empty; a draft keeps them, to be filled in later."""
        kept = list(range(len(value))) if self.is_deferred_validation else filled_indexes(value)
        try:
            return super().clean(select_blocks(value, kept))
        except blocks.StreamBlockValidationError as error:
            block_errors = {kept[index]: block_error for index, block_error in error.block_errors.items()}
            raise blocks.StreamBlockValidationError(block_errors, error.non_block_errors) from error

    def render_basic(self, value: Any, context: Mapping[str, Any] | None = None) -> SafeString:
        """Return the blocks as Wagtail does, without those that render nothing."""
        drawn = ((child.render(context=context), child.block_type) for child in value)
        filled = ((html, block_type) for html, block_type in drawn if html.strip())
        return format_html_join("\n", '<div class="w-block-{1} block-{1}">{0}</div>', filled)

    class Meta:
        icon = "form"
        label = _("Body")
        required = False
