"""Public blocks of the package, for sites that subclass or add blocks. Inside the package, import the submodules.

Import it after Django has loaded its apps: the blocks need models.
"""

from wagtail_pledge.blocks.action import CallToActionBlock
from wagtail_pledge.blocks.base import BlockWithSettings, PledgeBlock, PledgeChoiceBlock, TranslatedPreviewMixin
from wagtail_pledge.blocks.body import PledgeBodyBlock
from wagtail_pledge.blocks.decisions import DecisionMakersBlock, DecisionPathBlock
from wagtail_pledge.blocks.documents import DocumentBlock
from wagtail_pledge.blocks.facts import FactsTimelineBlock
from wagtail_pledge.blocks.faq import FAQBlock
from wagtail_pledge.blocks.media import PictureBlock, VideoBlock
from wagtail_pledge.blocks.names import OrganizationsBlock, RecentSignersBlock
from wagtail_pledge.blocks.progress import ProgressBlock
from wagtail_pledge.blocks.questions import QuestionsBlock, SignerQuestionBlock
from wagtail_pledge.blocks.share import ShareBlock
from wagtail_pledge.blocks.sign import SignButtonsBlock, SignFormBlock
from wagtail_pledge.blocks.states import StateTextBlock
from wagtail_pledge.blocks.story import EndorsementBlock, InlineTextBlock, RightsExplainerBlock, StoryBlock
from wagtail_pledge.blocks.treaty import TreatyFactBlock, TreatyNumbersBlock, TreatyTableBlock
from wagtail_pledge.blocks.treaty_base import (
    StateChoiceBlock,
    StatesChoiceBlock,
    TreatiesChoiceBlock,
    TreatyBlock,
    TreatyChoiceBlock,
)
from wagtail_pledge.blocks.treaty_charts import TreatyMapBlock, TreatyTimelineBlock
from wagtail_pledge.blocks.treaty_states import TreatyMissingBlock, TreatyRelatedBlock, TreatySpotlightBlock
from wagtail_pledge.blocks.updates import UpdatesBlock

__all__ = [
    "BlockWithSettings",
    "CallToActionBlock",
    "DecisionMakersBlock",
    "DecisionPathBlock",
    "DocumentBlock",
    "EndorsementBlock",
    "FAQBlock",
    "FactsTimelineBlock",
    "InlineTextBlock",
    "OrganizationsBlock",
    "PictureBlock",
    "PledgeBlock",
    "PledgeBodyBlock",
    "PledgeChoiceBlock",
    "ProgressBlock",
    "QuestionsBlock",
    "RecentSignersBlock",
    "RightsExplainerBlock",
    "ShareBlock",
    "SignButtonsBlock",
    "SignFormBlock",
    "SignerQuestionBlock",
    "StateChoiceBlock",
    "StateTextBlock",
    "StatesChoiceBlock",
    "StoryBlock",
    "TranslatedPreviewMixin",
    "TreatiesChoiceBlock",
    "TreatyBlock",
    "TreatyChoiceBlock",
    "TreatyFactBlock",
    "TreatyMapBlock",
    "TreatyMissingBlock",
    "TreatyNumbersBlock",
    "TreatyRelatedBlock",
    "TreatySpotlightBlock",
    "TreatyTableBlock",
    "TreatyTimelineBlock",
    "UpdatesBlock",
    "VideoBlock",
]
