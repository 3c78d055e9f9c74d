"""StreamField blocks that this site adds to the package's. They need no migration."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.images.blocks import ImageBlock

from wagtail_pledge.blocks.body import PledgeBodyBlock
from wagtail_pledge.blocks.treaty import TreatyFactBlock
from wagtail_pledge.blocks.treaty_base import SAMPLE_KEY, StatesChoiceBlock
from wagtail_pledge.blocks.treaty_states import TreatySpotlightBlock
from wagtail_pledge.treaties.display.facts import TreatyLabel, treaty_fact_html
from wagtail_pledge.treaties.enums import FactKind
from wagtail_pledge.treaties.errors import TreatyError
from wagtail_pledge.treaties.models import Treaty
from wagtail_pledge.treaties.status import StatusSnapshot, TreatyStatus, check_day, status_from

#: The illustrations of this site that editors can choose: the names of the files in ``campaign/img/`` and their labels.
DRAWINGS: Final = {
    "shift": _("A roof at night, one row of it lit"),
    "care": _("A lit door with a cross"),
    "school": _("Places in class, one of them lit"),
}

#: Heading of this site's own blocks in the picker, which tells them apart from the package's.
GROUP = _("Added by this site")


class RightsInDailyLifeBlock(blocks.StructBlock):
    """An article of the Convention next to a local example, with an optional picture."""

    article = blocks.CharBlock(
        label=_("Article"), max_length=40, help_text=_("As it appears on the page, for example “Article 25”.")
    )
    right = blocks.CharBlock(label=_("The right in a few words"), max_length=120)
    promise = blocks.TextBlock(
        label=_("What the Convention says"), help_text=_("In plain language, not as a quotation.")
    )
    heading = blocks.CharBlock(label=_("Heading of the story"), max_length=120)
    story = blocks.RichTextBlock(label=_("What it means here"), features=["bold", "italic", "link"])
    image = ImageBlock(
        required=False, label=_("Image"), help_text=_("It is cut to twice its height in width, around its focal point.")
    )
    drawing = blocks.ChoiceBlock(
        choices=list(DRAWINGS.items()), required=False, label=_("Drawing"), help_text=_("Shown if there is no image.")
    )

    def get_context(self, value: Any, parent_context: Any = None) -> dict[str, Any]:
        """Add ``drawing``: the static path of the drawing, ``""`` if there is none or an image is shown instead."""
        context: dict[str, Any] = super().get_context(value, parent_context=parent_context)
        name = value.get("drawing")
        is_shown = name in DRAWINGS and not value.get("image")
        return {**context, "drawing": f"campaign/img/{name}.svg" if is_shown else ""}

    class Meta:
        icon = "openquote"
        group = GROUP
        label = _("Article of the Convention and story")
        description = _("An article of the Convention next to a local example.")
        template = "campaign/blocks/right_in_daily_life.html"
        preview_template = "campaign/blocks/right_in_daily_life_preview.html"
        preview_value = {
            "article": "Article 25",
            "right": "Equal pay",
            "promise": "Nobody may be paid less for the same work because of where they come from.",
            "heading": "The second payslip",
            "story": "<p>Two people lay the same roof. Only one of them is paid for the hour of loading the truck.</p>",
            "image": None,
            "drawing": "shift",
        }


class StateAndWorldBlock(TreatySpotlightBlock):
    """The card of one State, and a sentence on the status of the others. Both come from one treaty query."""

    examples = StatesChoiceBlock(label=_("Examples"), help_text=_("Named in the sentence as long as they are parties."))
    link = blocks.CharBlock(
        required=False, max_length=200, label=_("Link to the page with the status of every country")
    )
    link_text = blocks.CharBlock(required=False, max_length=80, label=_("Link text"))

    def get_parts(
        self, value: Mapping[str, Any], treaty: Treaty, snapshot: StatusSnapshot, label: TreatyLabel
    ) -> dict[str, Any]:
        """Return the context of the template: the card and the sentence."""
        examples = value.get("examples") or []
        sentence = treaty_fact_html(snapshot.status, label.name, FactKind.SENTENCE, examples=examples, state="")
        return {**super().get_parts(value, treaty, snapshot, label), "sentence": sentence}

    class Meta:
        icon = "globe"
        group = GROUP
        label = _("One country and the others")
        description = _("A card for one country, and a sentence on the status of the others.")
        template = "campaign/blocks/state_and_world.html"
        preview_template = "campaign/blocks/state_and_world_preview.html"
        preview_value = {"treaty": SAMPLE_KEY, "state": "TGO", "examples": ["MEX"], "link": "", "link_text": ""}


class StatusThenAndNowBlock(TreatyFactBlock):
    """The sentence on today's status and, as a link to the treaty page of that day, the numbers on a past day."""

    day = blocks.DateBlock(label=_("Past day"), help_text=_("The numbers are those at the end of this day."))
    link = blocks.CharBlock(
        required=False, max_length=200, label=_("Link to the page with the status of every country")
    )

    def get_parts(
        self, value: Mapping[str, Any], treaty: Treaty, snapshot: StatusSnapshot, label: TreatyLabel
    ) -> dict[str, Any]:
        """Add ``then``: the status on the day, ``None`` on a day before the treaty or after today. No query."""
        then = snapshot.status if treaty.pk is None else _status_on(treaty, snapshot, value.get("day"))
        return {**super().get_parts(value, treaty, snapshot, label), "then": then}

    class Meta:
        icon = "history"
        group = GROUP
        label = _("Treaty fact, then and now")
        description = _("A sentence on today's status, and the numbers on a past day.")
        template = "campaign/blocks/status_then_and_now.html"
        preview_template = "campaign/blocks/status_then_and_now_preview.html"
        preview_value = {"treaty": SAMPLE_KEY, "examples": ["MEX", "PHL"], "day": dt.date(2016, 12, 31), "link": ""}


def _status_on(treaty: Treaty, snapshot: StatusSnapshot, day: dt.date | None) -> TreatyStatus | None:
    """Return the status on ``day`` from the acts up to today, which the other blocks of a page have read."""
    if day is None:
        return None
    try:
        day, data_as_of = check_day(treaty, day)
    except TreatyError:
        return None
    acts_of = [(state, [act for act in acts if not act.date or act.date <= day]) for state, acts in snapshot.acts_of]
    return status_from(treaty, day, data_as_of, acts_of)


class CampaignBodyBlock(PledgeBodyBlock):
    """The package's blocks and this site's. The setting ``WAGTAIL_PLEDGE_BODY_BLOCKS`` names this class."""

    right_in_daily_life = RightsInDailyLifeBlock()
    state_and_world = StateAndWorldBlock()
    status_then_and_now = StatusThenAndNowBlock()
