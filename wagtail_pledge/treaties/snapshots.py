"""A treaty's status in full, as data: to tell whether anything changed, and to put it back exactly."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from typing import Any, Final

from django.utils import timezone

from wagtail_pledge.treaties.models import State, Treaty, TreatyAction

Snapshot = dict[str, Any]

#: Fields of a treaty that an import writes.
TREATY_FIELDS: Final = ("as_of", "published_on", "published_parties", "published_signatories", "source")
_ACT_FIELDS: Final = (
    "pk",
    "party_id",
    "action",
    "date",
    "effect_date",
    "named_as",
    "has_declarations",
    "source",
    "confidence",
    "note",
)
_DAYS: Final = frozenset({"as_of", "published_on", "date", "effect_date"})


def take_snapshot(treaty: Treaty) -> Snapshot:
    """Return all acts with their primary keys, and the treaty's own fields: one query."""
    acts = TreatyAction.objects.of(treaty).order_by("pk").values_list(*_ACT_FIELDS)
    return {
        "treaty": [_plain(getattr(treaty, name)) for name in TREATY_FIELDS],
        "acts": [[_plain(value) for value in act] for act in acts],
    }


def fingerprint(snapshot: Snapshot) -> str:
    """Return the SHA-256 of a snapshot: equal status, equal fingerprint."""
    text = json.dumps(snapshot, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def lacks_parties(snapshot: Snapshot) -> bool:
    """Whether a State of the snapshot is no longer in the table of States."""
    wanted = {act[_ACT_FIELDS.index("party_id")] for act in snapshot["acts"]}
    return State.objects.filter(pk__in=wanted).count() < len(wanted)


def restore_snapshot(treaty: Treaty, snapshot: Snapshot) -> None:
    """Make the treaty's acts and fields what the snapshot holds. Call it inside a transaction.

    ``updated_at`` moves on: caches compare it.
    """
    TreatyAction.objects.of(treaty).delete()
    TreatyAction.objects.bulk_create(
        [TreatyAction(treaty=treaty, **_values(_ACT_FIELDS, act)) for act in snapshot["acts"]]
    )
    values = _values(TREATY_FIELDS, snapshot["treaty"])
    for name, value in values.items():
        setattr(treaty, name, value)
    Treaty.objects.filter(pk=treaty.pk).update(**values, updated_at=timezone.now())


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value


def _values(names: tuple[str, ...], values: list[Any]) -> dict[str, Any]:
    return {
        name: dt.date.fromisoformat(value) if value and name in _DAYS else value
        for name, value in zip(names, values, strict=True)
    }
