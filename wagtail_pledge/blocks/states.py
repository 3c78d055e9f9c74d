"""The campaign's own words where the form is not, a block a state."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.blocks import StreamValue

from wagtail_pledge.blocks.base import Sampled
from wagtail_pledge.blocks.story import InlineTextBlock
from wagtail_pledge.signing.enums import PledgeState

#: The name in the body; stored with the content.
STATE_WORDS: Final = "state_words"
NOT_YET: Final = "not_yet"


def worded_states() -> list[tuple[str, Any]]:
    """Return the states that can have words of their own: all in which nobody can sign."""
    hidden = {PledgeState.DRAFT, PledgeState.OPEN}
    return [(NOT_YET, _("Not yet open")), *((s.value, s.label) for s in PledgeState if s not in hidden)]


def closed_label(state: str) -> str:
    """Return the visitor's word for a state in which nobody can sign, ``""`` for any other. A draft is not yet open."""
    return str(dict(worded_states()).get(NOT_YET if state == PledgeState.DRAFT else state, ""))


class StateWordsBlock(Sampled, blocks.StructBlock):  # type: ignore[misc]
    """Takes the place of our words where the form would be, while the pledge is in its state; nowhere else."""

    state = blocks.ChoiceBlock(choices=worded_states, label=_("State"))
    heading = blocks.CharBlock(required=False, max_length=120, label=_("Heading"))
    text = InlineTextBlock(label=_("Text"))

    class Meta:
        icon = "comment"
        group = _("Ask")
        label = _("Words while nobody can sign")
        description = _("Stands in place of the form while the pledge is paused, closed, delivered or won.")
        template = "wagtail_pledge/blocks/state_words.html"
        preview_template = "wagtail_pledge/blocks/preview/state_words.html"
        preview_value: Final = {
            "state": PledgeState.DELIVERED.value,
            "heading": _("Delivered on 18 December"),
            "text": _("<p>We handed your names to the Senate. What happens next: the committee meets in March.</p>"),
        }


def state_words(body: Any, state: str) -> Any | None:
    """Return the first words that ``body`` has for a pledge that visitors see in ``state``, ``None`` for none.

    A draft is not yet open to whoever sees its page.
    """
    if not isinstance(body, StreamValue):
        return None
    wanted = NOT_YET if state == PledgeState.DRAFT else state
    found = (child.value for child in body if child.block_type == STATE_WORDS)
    return next((value for value in found if value.get("state") == wanted and value.get("text")), None)
