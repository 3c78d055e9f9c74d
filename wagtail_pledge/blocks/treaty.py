"""Blocks that show a treaty's status as a sentence, as numbers or as a table, always from imported data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy
from wagtail import blocks

from wagtail_pledge.blocks.treaty_base import SAMPLE_KEY, StateChoiceBlock, StatesChoiceBlock, TreatyBlock
from wagtail_pledge.caching.headers import depend_on_query
from wagtail_pledge.treaties.display.facts import TreatyLabel, treaty_fact_html
from wagtail_pledge.treaties.display.tables import TABLE_PARAMETERS, status_table
from wagtail_pledge.treaties.enums import FactKind
from wagtail_pledge.treaties.models import Treaty
from wagtail_pledge.treaties.status import StatusSnapshot

#: The facts that the block offers: whole sentences. For a single number, insert a live fact into rich text.
SENTENCE_KINDS = (FactKind.SENTENCE, FactKind.PARTIES, FactKind.SIGNED_ONLY, FactKind.STATE)


def sentence_choices() -> list[tuple[str, Any]]:
    """Return the choices of :data:`SENTENCE_KINDS`."""
    return [(kind.value, kind.label) for kind in SENTENCE_KINDS]


class TreatyFactBlock(TreatyBlock):
    """One sentence with today's numbers and their date; a State is named as an example only while it is a party."""

    kind = blocks.ChoiceBlock(
        choices=sentence_choices,
        default=FactKind.SENTENCE,
        required=False,
        label=gettext_lazy("What it says"),
    )
    examples = StatesChoiceBlock(
        label=gettext_lazy("Examples"),
        help_text=gettext_lazy("States to name in the sentence. Each is named only while it is a party."),
    )
    state = StateChoiceBlock(
        required=False,
        label=gettext_lazy("State"),
        help_text=gettext_lazy("Only for the sentence on one State."),
    )

    def get_context(self, value: Mapping[str, Any], parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        """Add ``sentence``: safe HTML, ``""`` without a status."""
        return {"sentence": "", **super().get_context(value, parent_context=parent_context)}

    def get_parts(
        self, value: Mapping[str, Any], treaty: Treaty, snapshot: StatusSnapshot, label: TreatyLabel
    ) -> dict[str, Any]:
        """Return ``sentence``; an unknown kind falls back to the default sentence."""
        chosen = value.get("kind") or ""
        kind = FactKind(chosen) if chosen in FactKind.values else FactKind.SENTENCE
        examples, state = value.get("examples") or [], value.get("state") or ""
        return {"sentence": treaty_fact_html(snapshot.status, label.name, kind, examples=examples, state=state)}

    class Meta:
        icon = "globe"
        group = gettext_lazy("Treaty data")
        label = gettext_lazy("Treaty fact")
        description = gettext_lazy(
            "A sentence on which States are party to a treaty. The numbers update automatically."
        )
        template = "wagtail_pledge/blocks/treaty_fact.html"
        preview_template = "wagtail_pledge/blocks/preview/treaty_fact.html"
        preview_value = {"treaty": SAMPLE_KEY, "examples": ["MEX", "PHL"]}


class TreatyNumbersBlock(TreatyBlock):
    """Three numbers: parties, States that only signed, and States that did neither. Each State is counted once."""

    class Meta:
        icon = "order"
        group = gettext_lazy("Treaty data")
        label = gettext_lazy("Treaty numbers")
        description = gettext_lazy("Parties, signed only, neither: three numbers that update automatically.")
        template = "wagtail_pledge/blocks/treaty_numbers.html"
        preview_template = "wagtail_pledge/blocks/preview/treaty_numbers.html"
        preview_value = {"treaty": SAMPLE_KEY}


class TreatyTableBlock(TreatyBlock):
    """A table of States and what each did; its column headings are links that sort it."""

    all_states = blocks.BooleanBlock(
        required=False,
        label=gettext_lazy("All States"),
        help_text=gettext_lazy("Also list States that neither signed nor became a party."),
    )

    def get_context(self, value: Mapping[str, Any], parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        """Add ``table``, sorted by the query string; ``None`` without a status."""
        context = super().get_context(value, parent_context=parent_context)
        request = context.get("request")
        query = request.GET if request else {}
        if request:
            depend_on_query(request, TABLE_PARAMETERS)
        status = context["status"]
        table = status_table(status, query, only_acts=not value.get("all_states")) if status else None
        return {**context, "table": table}

    class Meta:
        icon = "table"
        group = gettext_lazy("Treaty data")
        label = gettext_lazy("Treaty table")
        description = gettext_lazy("A table of States: who is party, who signed, since when and how.")
        template = "wagtail_pledge/blocks/treaty_table.html"
        preview_template = "wagtail_pledge/blocks/preview/treaty_table.html"
        preview_value = {"treaty": SAMPLE_KEY, "all_states": True}
