"""Texts that replace the signing form while a campaign is not open, one block per state."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.blocks import StreamValue

from wagtail_pledge.blocks.base import TranslatedPreviewMixin
from wagtail_pledge.blocks.story import InlineTextBlock
from wagtail_pledge.signing.enums import PledgeState

#: Block name in the body; stored with the content.
STATE_TEXT_BLOCK: Final = "state_words"
NOT_YET: Final = "not_yet"


def states_with_text() -> list[tuple[str, Any]]:
    """Return choices of the states that can have a text: all in which nobody can sign."""
    hidden = {PledgeState.DRAFT, PledgeState.OPEN}
    return [(NOT_YET, _("Not open yet")), *((s.value, s.label) for s in PledgeState if s not in hidden)]


def closed_label(state: str) -> str:
    """Return the public label of a state in which nobody can sign, else ``""``. A draft is shown as not open yet."""
    return str(dict(states_with_text()).get(NOT_YET if state == PledgeState.DRAFT else state, ""))


class StateTextBlock(TranslatedPreviewMixin, blocks.StructBlock):  # type: ignore[misc]
    """Text that replaces the default notice in place of the form while the pledge is in the chosen state."""

    state = blocks.ChoiceBlock(choices=states_with_text, label=_("Status"))
    heading = blocks.CharBlock(required=False, max_length=120, label=_("Heading"))
    text = InlineTextBlock(label=_("Text"))

    class Meta:
        icon = "comment"
        group = _("Sign")
        label = _("Message when signing is not open")
        description = _("Shown instead of the form while the campaign is paused, closed, delivered or won.")
        template = "wagtail_pledge/blocks/state_text.html"
        preview_template = "wagtail_pledge/blocks/preview/state_text.html"
        preview_value: Final = {
            "state": PledgeState.DELIVERED.value,
            "heading": _("Delivered on 18 December"),
            "text": _("<p>We delivered your signatures to the Senate. Next, the committee meets in March.</p>"),
        }


def state_text(body: Any, state: str) -> Any | None:
    """Return the value of the first :class:`StateTextBlock` in ``body`` for ``state``, or ``None``.

    For a draft it is the text for "not open yet".
    """
    if not isinstance(body, StreamValue):
        return None
    wanted = NOT_YET if state == PledgeState.DRAFT else state
    texts = (child.value for child in body if child.block_type == STATE_TEXT_BLOCK)
    return next((value for value in texts if value.get("state") == wanted and value.get("text")), None)
