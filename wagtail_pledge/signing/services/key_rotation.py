"""Key rotation: re-encrypt and re-hash stored data with the newest keys while signing goes on.

Steps for the operator:

1. list the new version beside the old one in ``WAGTAIL_PLEDGE_KEYS``;
2. run :func:`rekey` until it changes nothing;
3. remove the old version from the settings;
4. run :func:`finish_rotation`.

Every row has two mailbox keys, made with the oldest and the newest version that were listed when it was written. Each
is unique, so a duplicate conflicts with one of them at every step.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Final

from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Substr

from wagtail_pledge.core import crypto
from wagtail_pledge.core.errors import PledgeError
from wagtail_pledge.core.fields import EncryptedTextField
from wagtail_pledge.signing.addresses import AddressRefused, mailbox_key
from wagtail_pledge.signing.kinds import RetiredKind, SignerData, get_kind
from wagtail_pledge.signing.models import OutboxMessage, get_signature_model
from wagtail_pledge.signing.names import name_key
from wagtail_pledge.signing.services.signing import seat_key

BATCH: Final = 500
_VERSION: Final = "_version_of_"


class RotationUnfinished(PledgeError):
    """The old key is still listed, or some rows have no mailbox key made with the new one."""

    def __init__(self, why: str) -> None:
        super().__init__("rotation_unfinished", why)


def models_with_encrypted_fields() -> Iterator[tuple[Any, list[str]]]:
    """Yield (model, names of its encrypted columns) for each installed model that has any."""
    installed: Any = apps
    for model in installed.get_models():
        names = [field.name for field in model._meta.concrete_fields if isinstance(field, EncryptedTextField)]
        if names and not model._meta.swapped and not model._meta.proxy:
            yield model, names


def _version_byte(name: str) -> Any:
    """Return an expression for the second byte of an encrypted column, which is the version of its key."""
    return Substr(name, Value(2), Value(1), output_field=models.BinaryField())


def stored_encryption_versions(database: str = "default") -> set[int]:
    """Return the versions of the encryption keys in use; scans every encrypted column once."""
    versions: set[int] = set()
    for model, names in models_with_encrypted_fields():
        for name in names:
            rows = model._base_manager.using(database).order_by()
            heads = rows.annotate(_head=_version_byte(name)).values_list("_head", flat=True).distinct()
            versions |= {bytes(head)[0] for head in heads if head}
    return versions


def oldest_row_has_listed_key(database: str = "default") -> bool:
    """Whether the listed dedup keys protect the oldest row, the last that :func:`rekey` reaches, from duplicates.

    With one listed version, that version must have made one of the row's two mailbox keys. With several, the oldest
    must have made the first key; otherwise the previous rotation was never finished, and a duplicate could conflict
    with neither key.
    """
    rows = get_signature_model()._base_manager.using(database).filter(mailbox_key__isnull=False)
    row: Any = rows.select_related("pledge").order_by("pk").first()
    if row is None:
        return True
    versions = sorted(crypto.keyring("dedup"))
    if len(versions) > 1:
        return bytes(row.mailbox_key) == _mailbox(row, versions[0])
    return _mailbox(row, versions[0]) in {bytes(row.mailbox_key), bytes(row.mailbox_key_next or b"")}


def _mailbox(row: Any, version: int) -> bytes:
    try:
        return mailbox_key(row.pledge.uuid.bytes, row.email, version=version)
    except AddressRefused:  # old data may have an address that forms refuse: hash its bytes
        address = row.email.encode("utf-8", "surrogatepass")
        return crypto.keyed_hash("dedup", b"mailbox", row.pledge.uuid.bytes, address, version=version)


def _reencrypted(row: Any, names: list[str], newest: int) -> dict[str, Any]:
    heads = {name: getattr(row, _VERSION + name) for name in names}
    return {name: getattr(row, name) for name, head in heads.items() if head and bytes(head)[0] != newest}


def _rehashed(row: Any) -> dict[str, Any]:
    """Return the hashes under the newest dedup key that differ from the stored ones, by column."""
    if row.mailbox_key is None:
        return {}
    newest = crypto.current_version("dedup")
    hashes = {"mailbox_key_next": _mailbox(row, newest)}
    if row.name_key is not None:
        hashes["name_key"] = name_key(row.pledge.uuid.bytes, row.name)
    return {name: value for name, value in hashes.items() if bytes(getattr(row, name) or b"") != value}


def _rekey_batch(model: Any, names: list[str], below: int | None, batch: int, dry_run: bool) -> tuple[int, int | None]:
    """Update up to ``batch`` rows with a primary key below ``below``; return (rows changed, lowest primary key)."""
    newest, is_signature = crypto.current_version("encryption"), model is get_signature_model()
    with transaction.atomic():
        rows = model._base_manager.select_for_update(of=("self",)).order_by("-pk")
        rows = rows.annotate(**{_VERSION + name: _version_byte(name) for name in names})
        rows = rows.select_related("pledge") if is_signature else rows
        batch_rows = list((rows if below is None else rows.filter(pk__lt=below))[:batch])
        changed = 0
        for row in batch_rows:
            changes = _reencrypted(row, names, newest) | (_rehashed(row) if is_signature else {})
            changed += bool(changes)
            if changes and not dry_run:
                model._base_manager.filter(pk=row.pk).update(**changes)
    return changed, batch_rows[-1].pk if batch_rows else None


def rekey(*, batch: int = BATCH, dry_run: bool = False) -> int:
    """Re-encrypt and re-hash every stored value with the newest keys; return how many rows changed.

    With ``dry_run`` nothing is written, and the result is how many would change. Works from the newest row to the
    oldest with ``batch`` rows per transaction; an interrupted run can be repeated.
    Raises ``KeyMissing`` if the settings lack the key of a stored value.
    """
    total = 0
    for model, names in models_with_encrypted_fields():
        changed, below = _rekey_batch(model, names, None, batch, dry_run)
        total += changed
        while below is not None:
            changed, below = _rekey_batch(model, names, below, batch, dry_run)
            total += changed
    return total


def finish_rotation(*, batch: int = BATCH) -> int:
    """Replace the older mailbox key by the newer one in signatures and their mail; return how many rows changed.

    Raises :class:`RotationUnfinished` while an old dedup key is listed or if :func:`rekey` has not reached every row.
    """
    if len(crypto.keyring("dedup")) > 1:
        why = "Take the old dedup key out of WAGTAIL_PLEDGE_KEYS on every server first"
        raise RotationUnfinished(why)
    if not oldest_row_has_listed_key():
        why = "Some rows have no mailbox key of the new version: list the old key again and run pledge_rekey"
        raise RotationUnfinished(why)
    signatures = get_signature_model()._base_manager
    waiting = signatures.filter(mailbox_key_next__isnull=False).filter(~Q(mailbox_key=F("mailbox_key_next")))
    total = 0
    while rows := list(waiting.order_by("-pk").only("pledge_id", "mailbox_key", "mailbox_key_next")[:batch]):
        with transaction.atomic():
            for row in rows:
                _adopt_next_key(row)
        total += len(rows)
    return total


def _adopt_next_key(row: Any) -> None:
    """Replace the older mailbox key in one signature and its mail.

    Mail of the older key stays as it is if the same mail exists under the newer key.
    """
    mail = OutboxMessage.objects.filter(pledge_id=row.pledge_id)
    newer = mail.filter(mailbox_key=row.mailbox_key_next)
    taken = {(m.signer_type_id, m.kind, bytes(m.seat)) for m in newer}
    for message in mail.filter(mailbox_key=row.mailbox_key):
        if (message.signer_type_id, message.kind, bytes(message.seat)) not in taken:
            # The mailbox may be signing at this moment: then its new message is kept
            with suppress(IntegrityError), transaction.atomic():
                mail.filter(pk=message.pk).update(mailbox_key=row.mailbox_key_next)
    same = get_signature_model()._base_manager.filter(pk=row.pk, mailbox_key=row.mailbox_key)
    same.update(mailbox_key=F("mailbox_key_next"))


def seat_key_is_listed(database: str = "default") -> bool:
    """Whether the settings list the key that the stored seats were made with; checks the oldest row with a seat."""
    rows = get_signature_model()._base_manager.using(database).filter(mailbox_key__isnull=False)
    row = rows.exclude(seat=b"").select_related("pledge").order_by("pk").first()
    if row is None or isinstance(kind := get_kind(row.kind), RetiredKind):
        return True
    data = SignerData(name=row.name, email=row.email, details=row.details, answers=row.answers)
    return seat_key(row.pledge, kind.seat_text(data, shared_mailboxes=True)) == bytes(row.seat)
