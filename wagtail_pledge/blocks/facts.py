"""Timeline of facts that editors write. Dates of a treaty come from data: see ``treaty_charts``."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from wagtail_pledge.blocks.base import TranslatedPreviewMixin
from wagtail_pledge.blocks.updates import MAX_COUNT, updates_for_context
from wagtail_pledge.conf import get_setting


class FactBlock(blocks.StructBlock):  # type: ignore[misc]
    """One fact: its date, what happened, and a source."""

    when = blocks.CharBlock(
        max_length=40,
        label=_("Date"),
        help_text=_("As visitors should read it. For example, “1990” or “18 December 1990”."),
    )
    text = blocks.TextBlock(max_length=400, label=_("What happened"))
    source = blocks.URLBlock(required=False, label=_("Source"), help_text=_("Web address where it can be checked."))

    class Meta:
        icon = "date"
        label = _("Fact")
        label_format = "{when}"


class FactsValue(blocks.StructValue):  # type: ignore[misc]
    """Value of :class:`FactsTimelineBlock`; adds ``filled_facts``."""

    @property
    def filled_facts(self) -> list[Any]:
        """Return the facts that have a text; a draft may hold empty ones."""
        return [fact for fact in self["facts"] if fact["text"]]


class FactsTimelineBlock(TranslatedPreviewMixin, blocks.StructBlock):  # type: ignore[misc]
    """Dated facts in the editor's order, optionally followed by the campaign's updates."""

    heading = blocks.CharBlock(required=False, max_length=120, label=_("Heading"))
    facts = blocks.ListBlock(FactBlock(), label=_("Facts"))
    with_updates = blocks.BooleanBlock(
        required=False,
        label=_("Add campaign updates"),
        help_text=_("The campaign’s latest updates follow the facts, each with its date and a link."),
    )

    def get_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        """Add ``updates``, oldest first; empty unless ``with_updates`` is set."""
        context: dict[str, Any] = super().get_context(value, parent_context=parent_context)
        updates = updates_for_context(context, MAX_COUNT) if value.get("with_updates") else []
        return {**context, "updates": updates[::-1]}

    class Meta:
        icon = "history"
        value_class = FactsValue
        group = _("Evidence")
        label = _("Timeline of facts")
        description = (
            _("What happened when, with sources. For the parties to a treaty use the treaty timeline.")
            if get_setting("TREATIES")
            else _("What happened when, with sources.")
        )
        template = "wagtail_pledge/blocks/facts_timeline.html"
        preview_template = "wagtail_pledge/blocks/preview/facts_timeline.html"
        preview_value: Final = {
            "heading": _("How we got here"),
            "facts": [
                {"when": "1990", "text": _("What was promised, and by whom."), "source": "https://example.org/"},
                {"when": _("3 February 2026"), "text": _("What happened since."), "source": ""},
            ],
            "with_updates": False,
        }
