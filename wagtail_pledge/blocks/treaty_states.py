"""Blocks about selected States: a card for one, missing members of a group, one State's other treaties."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar

from django.utils.translation import get_language, gettext_lazy
from wagtail import blocks

from wagtail_pledge.blocks.base import RequestCacheMixin
from wagtail_pledge.blocks.treaty_base import (
    SAMPLE_KEY,
    StateChoiceBlock,
    StatesChoiceBlock,
    TreatiesChoiceBlock,
    TreatyBlock,
    sample_snapshot,
    sample_state,
    sample_treaty,
)
from wagtail_pledge.caching.local import memoize_per_request
from wagtail_pledge.treaties.display.facts import TreatyLabel
from wagtail_pledge.treaties.display.missing import missing_states
from wagtail_pledge.treaties.display.related import Instrument, RelatedInstrument, load_instruments, related_instruments
from wagtail_pledge.treaties.display.spotlight import spotlight
from wagtail_pledge.treaties.models import State, Treaty
from wagtail_pledge.treaties.regions import group_choices
from wagtail_pledge.treaties.status import StatusSnapshot


class TreatySpotlightBlock(TreatyBlock):
    """A card for one State; its text depends on the State's status."""

    state = StateChoiceBlock(label=gettext_lazy("State"))

    def get_parts(
        self, value: Mapping[str, Any], treaty: Treaty, snapshot: StatusSnapshot, label: TreatyLabel
    ) -> dict[str, Any]:
        """Return ``card``, ``None`` if the status has no such State, and ``card_id``."""
        key = value.get("state") or ""
        return {"card": spotlight(snapshot.status, key, label.name), "card_id": f"spotlight-{treaty.key}-{key.lower()}"}

    class Meta:
        icon = "pick"
        group = gettext_lazy("Treaty data")
        label = gettext_lazy("Highlighted State")
        description = gettext_lazy(
            "A card for one State: not signed, signed, party or withdrawn. The text updates automatically."
        )
        template = "wagtail_pledge/blocks/treaty_spotlight.html"
        preview_template = "wagtail_pledge/blocks/preview/treaty_spotlight.html"
        preview_value = {"treaty": SAMPLE_KEY, "state": "TGO"}


class TreatyMissingBlock(TreatyBlock):
    """The States of a group by status: party, signed, or neither."""

    heading = blocks.CharBlock(
        required=False,
        max_length=120,
        label=gettext_lazy("Heading"),
        help_text=gettext_lazy("If empty: the name of the group."),
    )
    group = blocks.ChoiceBlock(choices=group_choices, required=False, label=gettext_lazy("Group"))
    states = StatesChoiceBlock(
        label=gettext_lazy("Custom list of States"),
        help_text=gettext_lazy("Use this instead of a group."),
    )

    def get_parts(
        self, value: Mapping[str, Any], treaty: Treaty, snapshot: StatusSnapshot, label: TreatyLabel
    ) -> dict[str, Any]:
        """Return ``missing``: the group's States by status; ``None`` without a group or States."""
        return {"missing": missing_states(snapshot.status, value.get("group") or "", value.get("states") or ())}

    class Meta:
        icon = "group"
        group = gettext_lazy("Treaty data")
        label = gettext_lazy("Who is missing")
        description = gettext_lazy(
            "Which States of a group are not party yet, such as those that host the most migrants."
        )
        template = "wagtail_pledge/blocks/treaty_missing.html"
        preview_template = "wagtail_pledge/blocks/preview/treaty_missing.html"
        preview_value = {"treaty": SAMPLE_KEY, "heading": "", "group": "", "states": ["MEX", "TGO", "TUV"]}


class TreatyRelatedBlock(RequestCacheMixin, blocks.StructBlock):  # type: ignore[misc]
    """What one State did with several treaties, each with the date of its data."""

    needs_treaties: ClassVar[bool] = True

    state = StateChoiceBlock(label=gettext_lazy("State"))
    treaties = TreatiesChoiceBlock(
        label=gettext_lazy("Treaties"),
        help_text=gettext_lazy("If empty: all treaties."),
    )

    def get_context(self, value: Mapping[str, Any], parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        """Add ``state`` (or ``None``), ``related`` and ``related_id``. Two queries for any number of treaties."""
        context: dict[str, Any] = super().get_context(value, parent_context=parent_context)
        key = value.get("state") or ""
        keys = value.get("treaties") or ()
        if SAMPLE_KEY in keys:
            return {**context, "state": sample_state(key), "related": _sample(key), "related_id": "related-sample"}
        load = partial(_load_state_instruments, key)
        state, instruments = memoize_per_request(("related", key, get_language()), load)
        chosen = [instrument for instrument in instruments if not keys or instrument.treaty.key in keys]
        related = related_instruments(state, chosen) if state else ()
        return {**context, "state": state, "related": related, "related_id": f"related-{key.lower()}"}

    class Meta:
        icon = "list-ul"
        group = gettext_lazy("Treaty data")
        label = gettext_lazy("Related instruments")
        description = gettext_lazy("A table of what one State did with several treaties.")
        template = "wagtail_pledge/blocks/treaty_related.html"
        preview_template = "wagtail_pledge/blocks/preview/treaty_related.html"
        preview_value = {"state": "MEX", "treaties": [SAMPLE_KEY]}


def _load_state_instruments(key: str) -> tuple[State | None, list[Instrument]]:
    state = State.objects.filter(key=key).first() if key else None
    return state, load_instruments(state.pk) if state else []


def _sample(key: str) -> tuple[RelatedInstrument, ...]:
    treaty = sample_treaty()
    acts = next((acts for state, acts in sample_snapshot().acts_of if state.key == key), [])
    label = TreatyLabel(name=treaty.short_name, title=treaty.short_name)
    return related_instruments(sample_state(key), [Instrument(treaty=treaty, label=label, acts=tuple(acts))])
