"""Merging signatures of one mailbox that were stored twice because a key was missing for a while."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q

from wagtail_pledge.signing.enums import EventKind, SignatureState
from wagtail_pledge.signing.models import get_signature_model
from wagtail_pledge.signing.services.lifecycle import mark_day_dirty, record_event
from wagtail_pledge.signing.services.logos import kind_has_logos, remove_logo

_EMPTIED = (
    *("state", "email", "name", "details", "answers", "public_name", "organization"),
    *("mailbox_key", "mailbox_key_next", "name_key", "seat", "consent_updates"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedSignature:
    """A signature that was emptied because ``kept`` is of the same mailbox, seat, kind and pledge; both are UUIDs."""

    pledge: str
    kept: UUID
    emptied: UUID


def merge_duplicates(row: Any, hashes: dict[str, Any]) -> tuple[Any, list[MergedSignature]]:
    """Keep one of ``row`` and the signatures that have its ``hashes`` and empty the others.

    Returns (the one that was kept, what was merged). Call it in a transaction.
    """
    seat = hashes.get("seat", row.seat)
    same = Q(mailbox_key=hashes["mailbox_key"]) | Q(mailbox_key_next=hashes["mailbox_key_next"])
    signatures = get_signature_model()._base_manager.select_for_update(of=("self",))
    others = signatures.filter(same, pledge=row.pledge_id, kind=row.kind, seat__in={bytes(seat), bytes(row.seat)})
    found = [row, *others.exclude(pk=row.pk).select_related("pledge", "statement").order_by("pk")]
    kept = _kept(found)
    for each in found:
        if each is not kept:
            _empty(each, kept)
    merged = [MergedSignature(pledge=row.pledge.title, kept=kept.uuid, emptied=s.uuid) for s in found if s is not kept]
    return kept, merged


def _kept(rows: Sequence[Any]) -> Any:
    """Return the row that would be the only one if the mailbox had been recognised each time.

    The signer's last act decides whether it is withdrawn. A second signature changes nothing about the first, so of
    several confirmed ones the first stays as it is, also if it needs review.
    """
    last = max(
        rows, key=lambda row: max((at for at in (row.withdrawn_at, row.confirmed_at) if at), default=row.created_at)
    )
    if last.state == SignatureState.WITHDRAWN:
        return last
    confirmed = [row for row in rows if row.state == SignatureState.CONFIRMED]
    return min(confirmed, key=lambda row: row.confirmed_at) if confirmed else min(rows, key=lambda row: row.created_at)


def _empty(row: Any, kept: Any) -> None:
    """Remove the personal data of ``row`` and take it out of the count; its events stay."""
    record_event(row, EventKind.MERGED, reason=str(kept.uuid))
    if kind_has_logos(row.kind):
        remove_logo(row)
    mark_day_dirty(row.pledge, row.confirmed_at)
    row.state = SignatureState.ANONYMISED
    row.email = row.name = row.public_name = ""
    row.details, row.answers = {}, {}
    row.mailbox_key = row.mailbox_key_next = row.name_key = row.organization = None
    row.seat, row.consent_updates = b"", False
    row.save(update_fields=_EMPTIED)
