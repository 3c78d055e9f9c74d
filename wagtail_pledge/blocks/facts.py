"""What happened when, written by hand. Treaty dates come from data: see the treaty timeline."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from wagtail_pledge.blocks.base import Sampled
from wagtail_pledge.blocks.updates import MAX_COUNT, updates_here


class FactBlock(blocks.StructBlock):  # type: ignore[misc]
    """One step: when, what, and where it can be read."""

    when = blocks.CharBlock(
        max_length=40, label=_("When"), help_text=_("As it should be read, like “1990” or “18 December 1990”.")
    )
    text = blocks.TextBlock(max_length=400, label=_("What happened"))
    source = blocks.URLBlock(required=False, label=_("Source"), help_text=_("Web address where it can be checked."))

    class Meta:
        icon = "date"
        label = _("Fact")
        label_format = "{when}"


class FactsValue(blocks.StructValue):  # type: ignore[misc]
    """The value, with ``told``: the facts that have words."""

    @property
    def told(self) -> list[Any]:
        """Leave out rows that an editor opened and never filled."""
        return [fact for fact in self["facts"] if fact["text"]]


class FactsTimelineBlock(Sampled, blocks.StructBlock):  # type: ignore[misc]
    """Dated facts in the order in which an editor puts them."""

    heading = blocks.CharBlock(required=False, max_length=120, label=_("Heading"))
    facts = blocks.ListBlock(FactBlock(), label=_("Facts"))
    with_updates = blocks.BooleanBlock(
        required=False,
        label=_("Go on with the updates"),
        help_text=_("After the facts come the newest updates of the campaign, each with its date and a link."),
    )

    def get_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        """Add ``updates``, the oldest first as the facts are: none unless an editor asked for them."""
        context: dict[str, Any] = super().get_context(value, parent_context=parent_context)
        found = updates_here(context, MAX_COUNT) if value.get("with_updates") else []
        return {**context, "updates": found[::-1]}

    class Meta:
        icon = "history"
        value_class = FactsValue
        group = _("Proof")
        label = _("Timeline of facts")
        description = _("What happened when, with sources. For the parties to a treaty use the treaty timeline.")
        template = "wagtail_pledge/blocks/facts_timeline.html"
        preview_template = "wagtail_pledge/blocks/preview/facts_timeline.html"
        preview_value: Final = {
            "heading": _("How it came to this"),
            "facts": [
                {"when": "1990", "text": _("What was promised, and by whom."), "source": "https://example.org/"},
                {"when": _("3 February 2026"), "text": _("What happened since."), "source": ""},
            ],
            "with_updates": False,
        }
