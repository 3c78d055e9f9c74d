"""Facts inside running text: stored as what they say, written out from data whenever a page is shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from django.utils.safestring import SafeString
from wagtail.rich_text import EmbedHandler

from wagtail_pledge.treaties.display.facts import Seen, see_treaty, treaty_fact_html
from wagtail_pledge.treaties.enums import FactKind

#: Type of the element in stored rich text, and name of the editor's feature.
LIVE_FACT: Final = "pledge-treaty-fact"


def live_fact_html(attributes: Mapping[str, str], seen: Seen | None) -> SafeString | str:
    """Return what ``<embed treaty fact state examples>`` says now; nothing where the treaty is gone or has no data."""
    if seen is None:
        return ""
    _treaty, now, label = seen
    kind = attributes.get("fact", "")
    chosen = FactKind(kind) if kind in FactKind.values else FactKind.SENTENCE
    examples = [key for key in attributes.get("examples", "").split(",") if key]
    return treaty_fact_html(now.status, label.name, chosen, examples=examples, state=attributes.get("state", ""))


def say_live_fact(attributes: Mapping[str, str]) -> str:
    """Return what a live fact says now: a few queries."""
    return str(live_fact_html(attributes, see_treaty(attributes.get("treaty", ""))))


class LiveFactHandler(EmbedHandler):  # type: ignore[misc]
    """Writes live facts out. However many there are in a text, each treaty is looked at once."""

    identifier = LIVE_FACT

    @staticmethod
    def expand_db_attributes(attrs: Mapping[str, str]) -> str:
        """Return the markup of one."""
        return say_live_fact(attrs)

    @classmethod
    def expand_db_attributes_many(cls, attrs_list: Sequence[Mapping[str, str]]) -> list[str]:
        """Return the markup of each."""
        seen = {key: see_treaty(key) for key in _treaties(attrs_list)}
        return [str(live_fact_html(attrs, seen[attrs.get("treaty", "")])) for attrs in attrs_list]


def _treaties(attrs_list: Iterable[Mapping[str, Any]]) -> set[str]:
    return {attrs.get("treaty", "") for attrs in attrs_list}
