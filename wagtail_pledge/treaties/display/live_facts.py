"""Live facts: rich text embeds that are rendered from treaty data whenever a page is shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from django.utils.safestring import SafeString
from wagtail.rich_text import EmbedHandler

from wagtail_pledge.treaties.display.facts import LabelledSnapshot, load_treaty_snapshot, treaty_fact_html
from wagtail_pledge.treaties.enums import FactKind

#: ``embedtype`` of the element in stored rich text, and name of the rich text feature.
LIVE_FACT: Final = "pledge-treaty-fact"


def live_fact_html(attributes: Mapping[str, str], loaded: LabelledSnapshot | None) -> SafeString | str:
    """Return the HTML of ``<embed treaty fact state examples>``, "" if the treaty is missing or has no data."""
    if loaded is None:
        return ""
    _treaty, snapshot, label = loaded
    fact = attributes.get("fact", "")
    kind = FactKind(fact) if fact in FactKind.values else FactKind.SENTENCE
    examples = [key for key in attributes.get("examples", "").split(",") if key]
    return treaty_fact_html(snapshot.status, label.name, kind, examples=examples, state=attributes.get("state", ""))


def render_live_fact(attributes: Mapping[str, str]) -> str:
    """Return the HTML of a live fact: two queries, unless its treaty was already loaded in this request."""
    return str(live_fact_html(attributes, load_treaty_snapshot(attributes.get("treaty", ""))))


class LiveFactHandler(EmbedHandler):  # type: ignore[misc]
    """Wagtail embed handler of live facts. Loads each treaty once, however many facts a text contains."""

    identifier = LIVE_FACT

    @staticmethod
    def expand_db_attributes(attrs: Mapping[str, str]) -> str:
        """Return the HTML of one live fact."""
        return render_live_fact(attrs)

    @classmethod
    def expand_db_attributes_many(cls, attrs_list: Sequence[Mapping[str, str]]) -> list[str]:
        """Return the HTML of each live fact."""
        loaded = {key: load_treaty_snapshot(key) for key in _treaty_keys(attrs_list)}
        return [str(live_fact_html(attrs, loaded[attrs.get("treaty", "")])) for attrs in attrs_list]


def _treaty_keys(attrs_list: Iterable[Mapping[str, Any]]) -> set[str]:
    return {attrs.get("treaty", "") for attrs in attrs_list}
