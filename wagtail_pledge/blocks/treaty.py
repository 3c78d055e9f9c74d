"""Blocks that say where States stand with a treaty, in words and numbers: always from data, never typed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy
from wagtail import blocks

from wagtail_pledge.blocks.treaty_base import SAMPLE_KEY, StateChoiceBlock, StatesChoiceBlock, TreatyBlock
from wagtail_pledge.caching.headers import depends_on
from wagtail_pledge.treaties.display.facts import TreatyLabel, treaty_fact_html
from wagtail_pledge.treaties.display.tables import TABLE_PARAMETERS, status_table
from wagtail_pledge.treaties.enums import FactKind
from wagtail_pledge.treaties.models import Treaty
from wagtail_pledge.treaties.status import Look

#: What a fact block may say: whole sentences. A number alone belongs into running text, as a live fact there.
SENTENCES = (FactKind.SENTENCE, FactKind.PARTIES, FactKind.SIGNED_ONLY, FactKind.STATE)


def sentence_choices() -> list[tuple[str, Any]]:
    """Return the sentences that an editor may choose."""
    return [(kind.value, kind.label) for kind in SENTENCES]


class TreatyFactBlock(TreatyBlock):
    """One sentence with the numbers of today, its date and examples that are named only while they are true."""

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
        """Add ``sentence``: safe HTML, empty where there is no status."""
        return {"sentence": "", **super().get_context(value, parent_context=parent_context)}

    def get_parts(self, value: Mapping[str, Any], treaty: Treaty, seen: Look, label: TreatyLabel) -> dict[str, Any]:
        """Return the sentence; a kind that is no longer known says the usual one."""
        chosen = value.get("kind") or ""
        kind = FactKind(chosen) if chosen in FactKind.values else FactKind.SENTENCE
        examples, state = value.get("examples") or [], value.get("state") or ""
        return {"sentence": treaty_fact_html(seen.status, label.name, kind, examples=examples, state=state)}

    class Meta:
        icon = "globe"
        group = gettext_lazy("Data")
        label = gettext_lazy("Treaty fact")
        description = gettext_lazy("A sentence on who is party to a treaty. The numbers keep themselves up to date.")
        template = "wagtail_pledge/blocks/treaty_fact.html"
        preview_template = "wagtail_pledge/blocks/preview/treaty_fact.html"
        preview_value = {"treaty": SAMPLE_KEY, "examples": ["MEX", "PHL"]}


class TreatyNumbersBlock(TreatyBlock):
    """Three numbers that never overlap."""

    class Meta:
        icon = "order"
        group = gettext_lazy("Data")
        label = gettext_lazy("Treaty numbers")
        description = gettext_lazy("Parties, signed only, neither: three numbers that keep themselves up to date.")
        template = "wagtail_pledge/blocks/treaty_numbers.html"
        preview_template = "wagtail_pledge/blocks/preview/treaty_numbers.html"
        preview_value = {"treaty": SAMPLE_KEY}


class TreatyTableBlock(TreatyBlock):
    """The States and what each did, as a table that sorts by links."""

    all_states = blocks.BooleanBlock(
        required=False,
        label=gettext_lazy("All States"),
        help_text=gettext_lazy("Also list States that neither signed nor became a party."),
    )

    def get_context(self, value: Mapping[str, Any], parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        """Add ``table``, sorted as the request's address says; ``None`` where there is no status."""
        context = super().get_context(value, parent_context=parent_context)
        request = context.get("request")
        query = request.GET if request else {}
        if request:
            depends_on(request, TABLE_PARAMETERS)
        status = context["status"]
        table = status_table(status, query, only_acts=not value.get("all_states")) if status else None
        return {**context, "table": table}

    class Meta:
        icon = "table"
        group = gettext_lazy("Data")
        label = gettext_lazy("Treaty table")
        description = gettext_lazy("A table of States: who is party, who signed, since when and how.")
        template = "wagtail_pledge/blocks/treaty_table.html"
        preview_template = "wagtail_pledge/blocks/preview/treaty_table.html"
        preview_value = {"treaty": SAMPLE_KEY, "all_states": True}
