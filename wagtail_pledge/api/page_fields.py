"""Serializer of the ledger in Wagtail's page API v2, with one set of queries per listing.

Separate because it needs Django REST framework, which is only there if the site uses Wagtail's API.
"""

from __future__ import annotations

from typing import Any

from rest_framework.fields import Field

from wagtail_pledge.campaigns.api_fields import LEDGER_API_FIELD, ledger_data


class LedgerSerializerField(Field):  # type: ignore[misc]
    """Serializer field for the ledger of a page; in a listing, those of all pages are read together."""

    def get_attribute(self, instance: Any) -> Any:
        """Return the page itself."""
        return instance

    def to_representation(self, value: Any) -> dict[str, Any] | None:
        """Return the result of :func:`ledger_data` for the page."""
        # Stored on the root serializer, which serves one response only
        ledgers: dict[int, dict[str, Any] | None] = self.root.__dict__.setdefault("pledge_ledgers", {})
        if value.pk not in ledgers:
            listed = list(self.root.instance) if getattr(self.root, "many", False) else []
            ledgers.update(ledger_data({value, *(page for page in listed if isinstance(page, type(value)))}))
        return ledgers[value.pk]


def use_bulk_ledger_serializer() -> None:
    """Make the ``ledger`` API field read the ledgers of all pages of a listing at once."""
    LEDGER_API_FIELD.serializer = LedgerSerializerField()
