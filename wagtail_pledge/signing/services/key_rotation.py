"""Key rotation: re-encrypt and re-hash stored data under the listed keys while signing goes on.

Steps for the operator:

1. list the new version beside the old one in ``WAGTAIL_PLEDGE_KEYS``;
2. run :func:`rekey` until it changes nothing;
3. remove the old version from the settings;
4. run :func:`rekey` again (:func:`finish_rotation` also checks that step 3 was taken).

Every signature has two mailbox keys, made with the oldest and the newest version that were listed when it was written.
Each is unique, so a duplicate conflicts with one of them at every step. :func:`rekey` makes both again from the
address, so it leads out of every state, also if a key was removed too early: duplicates that were stored meanwhile
conflict while it runs and are merged. To re-key another model, add it to ``stored_keys.STORED_MODELS``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from django.db import IntegrityError, transaction

from wagtail_pledge.core import crypto
from wagtail_pledge.core.errors import PledgeError
from wagtail_pledge.signing.models import Suppression, get_signature_model
from wagtail_pledge.signing.services.duplicates import MergedSignature, merge_duplicates
from wagtail_pledge.signing.services.stored_keys import VERSION, StoredModel, stored_models

BATCH: Final = 500


class RotationUnfinished(PledgeError):
    """The old key is still listed."""

    def __init__(self, why: str) -> None:
        super().__init__("rotation_unfinished", why)


@dataclass(slots=True, kw_only=True)
class RekeyReport:
    """Result of :func:`rekey`: how many rows changed, and which duplicates were merged."""

    changed: int = 0
    merged: list[MergedSignature] = field(default_factory=list)


def rekey(*, batch: int = BATCH, dry_run: bool = False) -> RekeyReport:
    """Re-encrypt and re-hash every stored value under the listed keys, and merge the duplicates that this reveals.

    With ``dry_run`` nothing is written; the report says how many rows would change. Works from the newest row to the
    oldest with ``batch`` rows per transaction; an interrupted run can be repeated.
    Raises ``KeyMissing`` if the settings lack the encryption key of a stored value.
    """
    report = RekeyReport()
    for stored in stored_models():
        if stored.columns or stored.rehash:
            below = _rekey_batch(stored, None, batch, dry_run, report)
            while below is not None:
                below = _rekey_batch(stored, below, batch, dry_run, report)
    return report


def finish_rotation(*, batch: int = BATCH) -> RekeyReport:
    """Re-key once more after the old dedup key was removed.

    Raises :class:`RotationUnfinished` if an old one is still listed.
    """
    if len(crypto.keyring("dedup")) > 1:
        why = "Take the old dedup key out of WAGTAIL_PLEDGE_KEYS on every server first"
        raise RotationUnfinished(why)
    return rekey(batch=batch)


def forget_suppressions() -> int:
    """Delete the "not me" requests whose dedup key is not listed; return how many. Mail to them is possible again."""
    listed = crypto.keyring("dedup")
    gone = [row.pk for row in Suppression.objects.iterator() if bytes(row.budget_key)[0] not in listed]
    return sum(
        Suppression.objects.filter(pk__in=gone[at : at + BATCH]).delete()[0] for at in range(0, len(gone), BATCH)
    )


def _rekey_batch(stored: StoredModel, below: Any, batch: int, dry_run: bool, report: RekeyReport) -> Any:
    """Update up to ``batch`` rows with a primary key below ``below``; return the lowest one, ``None`` at the end."""
    rows = stored.get_model()._base_manager.order_by("-pk").select_related(*stored.related or [None])
    rows = rows if below is None else rows.filter(pk__lt=below)
    merged: list[MergedSignature] = []
    with transaction.atomic():
        found = list(stored.with_versions(rows.select_for_update(of=("self",)))[:batch])
        changes = [(row, _changes(stored, row)) for row in found]
        for row, columns in changes:
            if columns and not dry_run:
                merged += _store(stored, row, columns)
    report.changed += sum(bool(columns) for _row, columns in changes)
    report.merged += merged
    return found[-1].pk if found else None


def _changes(stored: StoredModel, row: Any) -> dict[str, Any]:
    return {**_reencrypted(stored, row), **_rehashed(stored, row)}


def _reencrypted(stored: StoredModel, row: Any) -> dict[str, Any]:
    newest = crypto.current_version("encryption")
    heads = {name: getattr(row, VERSION + name) for name in stored.columns}
    old = [name for name, head in heads.items() if head and bytes(head)[0] != newest]
    return {name: stored.sealed_again(row, name) for name in old}


def _rehashed(stored: StoredModel, row: Any) -> dict[str, Any]:
    """Return the hashes that differ from the stored ones, by column."""
    hashes = stored.rehash(row) if stored.rehash else {}
    return {name: value for name, value in hashes.items() if bytes(getattr(row, name) or b"") != value}


def _store(stored: StoredModel, row: Any, changes: dict[str, Any]) -> list[MergedSignature]:
    model, merged = stored.get_model(), list[MergedSignature]()
    if stored.overlapping and not model._base_manager.filter(pk=row.pk, **_unchanged(stored, row)).exists():
        return merged  # a moment ago it was merged with another row of the batch
    try:
        with transaction.atomic():
            model._base_manager.filter(pk=row.pk).update(**changes)
    except IntegrityError:
        if model is not get_signature_model() or stored.rehash is None:
            raise
        kept, merged = merge_duplicates(row, dict(stored.rehash(row)))
        row = stored.with_versions(model._base_manager.select_related(*stored.related)).get(pk=kept.pk)
        changes = _changes(stored, row)
        if changes:
            model._base_manager.filter(pk=row.pk).update(**changes)
    return merged


def _unchanged(stored: StoredModel, row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in stored.overlapping or () if getattr(row, name) is not None}
