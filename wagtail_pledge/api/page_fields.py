"""The ledger in Wagtail's page API v2: a listing asks for all its pages at once."""

from __future__ import annotations

from typing import Any

from rest_framework.fields import Field

from wagtail_pledge.campaigns.api_fields import LEDGER, ledgers_of


class LedgerField(Field):  # type: ignore[misc]
    """The ledger of a page, read together with those of the pages beside it."""

    def get_attribute(self, instance: Any) -> Any:
        """Return the page."""
        return instance

    def to_representation(self, value: Any) -> dict[str, Any] | None:
        """Return what ``ledgers_of`` says."""
        # Kept with the serializer of one response, so no answer remembers another's
        known: dict[int, Any] = self.root.__dict__.setdefault("pledge_ledgers", {})
        if value.pk not in known:
            listed = list(self.root.instance) if getattr(self.root, "many", False) else []
            known.update(ledgers_of({value, *(page for page in listed if isinstance(page, type(value)))}))
        return known[value.pk]


def read_listings_at_once() -> None:
    """Replace one look at the ledger for each page of a listing by one for all."""
    LEDGER.serializer = LedgerField()
